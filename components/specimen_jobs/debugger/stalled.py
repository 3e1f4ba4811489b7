"""StalledTrainingRule: has the training saved no tensor for too long?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from specimen_jobs.debugger.parameters import limited
from specimen_jobs.debugger.reading import Reader


@dataclass
class StalledTrainingRule:
    """Were there no new tensors for `threshold` seconds?

    With `stop_training_on_fire`, the training job whose name begins with `training_job_name_prefix` is then stopped.
    Source: "List of Debugger built-in rules" in SageMaker's guide.
    """

    COLLECTIONS: ClassVar[tuple[str, ...]] = ()

    trial: Reader
    threshold: int = limited(1800, lowest=1)
    stop_training_on_fire: bool = False
    training_job_name_prefix: str = ""
    last: int = field(default=0, init=False)

    def invoke_at_step(self, step: int) -> bool:
        """Remember the step; the condition is one of time."""
        self.last = step
        return False

    def idle(self, seconds: float) -> bool:
        """Tell whether the condition is met after so many seconds without a new tensor."""
        return seconds >= self.threshold

"""How a step stands, and what it gave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from specimen.spec.model import Json


class State(Enum):
    """The states of a step of a run; `SKIPPED` says that something before it kept it from happening."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Outcome:
    """The end of a step: its outputs if it succeeded, else the reason why it did not."""

    state: State
    outputs: Mapping[str, Json] = field(default_factory=dict)
    reason: str | None = None

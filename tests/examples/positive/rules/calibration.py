"""A rule as the smdebug library wants it: the mean prediction must be near the mean label."""

from typing import Any

from smdebug.rules.rule import Rule  # type: ignore[import-not-found]  # there in Debugger's containers alone


class Calibration(Rule):  # type: ignore[misc]  # as above
    """Fires at the first step whose predictions are further off, in the mean, than the threshold."""

    def __init__(self, base_trial: Any, threshold: str = "0.1") -> None:
        super().__init__(base_trial)
        self.threshold = float(threshold)

    def invoke_at_step(self, step: int) -> bool:
        """Judge a step."""
        predictions = self.base_trial.tensor("predictions").value(step)
        labels = self.base_trial.tensor("labels").value(step)
        return bool(abs(predictions.mean() - labels.mean()) > self.threshold)

"""The rules on losses: LossNotDecreasing, Overfit, Overtraining.

A loss is a saved metric of which less is better: `train-auc` and its like are never taken for one, whichever collection
they are in. Source: "List of Debugger built-in rules" in SageMaker's guide.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from statistics import fmean
from typing import ClassVar, Final

from specimen_jobs.container import JobError
from specimen_jobs.debugger.parameters import limited
from specimen_jobs.debugger.reading import NotSaved, Reader, chosen, scalars
from specimen_jobs.xgboost.metrics import maximized

METRIC: Final = r"^(train|validation)-[^/]+$"
LOSSES: Final = "losses"


def losses(trial: Reader, names: tuple[str, ...], step: int) -> dict[str, float]:
    """Return the losses among the tensors at a step."""
    return {name: value for name, value in scalars(trial, names, step).items() if not maximized(name.partition("-")[2])}


@dataclass
class LossNotDecreasing:
    """Is a loss no longer decreasing at an adequate rate?

    Every `num_steps`, a loss at this step is compared with the same loss at the newest step that is at least
    `num_steps` behind. The condition is met when it has risen by more than `increase_threshold_percent`, or has not
    risen and has fallen by less than `diff_percent`, both in per cent of the older one; a loss that is no number has
    not fallen. The losses are those of the collections, those that match a pattern, and those of the collection
    `losses`.
    """

    COLLECTIONS: ClassVar = (LOSSES,)

    trial: Reader
    collection_names: tuple[str, ...] = ()
    tensor_regex: tuple[str, ...] = ()
    use_losses_collection: bool = True
    num_steps: int = limited(10, lowest=1)
    diff_percent: float = limited(0.1, above=0, below=100)
    increase_threshold_percent: float = limited(5.0, above=0, below=100)
    mode: str = "GLOBAL"
    reason: str = field(default="", init=False)
    _evaluated: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.mode.upper() != "GLOBAL":
            raise JobError(f"LossNotDecreasing: mode must be GLOBAL, not {self.mode}: XGBoost saves no other")

    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the condition is met; raise NotSaved where the step has no loss."""
        collections = (*self.collection_names, *((LOSSES,) if self.use_losses_collection else ()))
        names = chosen(self.trial, collections, self.tensor_regex)
        now = losses(self.trial, names, step)
        if not now:
            raise NotSaved(f"no loss of {_where(collections, self.tensor_regex)}")
        if self._evaluated is not None and step < self._evaluated + self.num_steps:
            return False
        before = {name: self._before(name, step) for name in now}
        if all(value is None for value in before.values()):
            return False
        self._evaluated = step
        for name, value in now.items():
            then = before[name]
            if then is not None and self._stuck(value, then):
                self.reason = f"{name} is {value:.6g}, and was {then:.6g} at least {self.num_steps} steps before"
                return True
        return False

    def _before(self, name: str, step: int) -> float | None:
        older = [other for other in self.trial.steps(name) if other <= step - self.num_steps]
        return scalars(self.trial, [name], older[-1])[name] if older else None

    def _stuck(self, now: float, then: float) -> bool:
        if math.isnan(now):
            return True
        fallen = _percent(then - now, abs(then))
        return fallen < -self.increase_threshold_percent if fallen < 0 else fallen < self.diff_percent


@dataclass
class Overfit:
    """Is the validation loss too far above the training loss?

    (mean validation loss - mean training loss) / mean training loss > `ratio_threshold`, at `patience` steps one after
    the other, from `start_step` on. The means are over the metrics that both parts of the data have.
    """

    COLLECTIONS: ClassVar = ("metrics",)

    trial: Reader
    tensor_regex: tuple[str, ...] = ()
    start_step: int = limited(0, lowest=0)
    patience: int = limited(1, lowest=0)
    ratio_threshold: float = limited(0.1, lowest=0)
    reason: str = field(default="", init=False)
    _exceeded: int = field(default=0, init=False)

    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the condition is met; raise NotSaved where a part has no loss."""
        train, validation = _both(self.trial, self.tensor_regex, step)
        if step < self.start_step:
            return False
        exceeds = _percent(validation - train, train) > 100 * self.ratio_threshold
        self._exceeded = self._exceeded + 1 if exceeds else 0
        self.reason = f"the mean validation loss is {validation:.6g}, the mean training loss {train:.6g}"
        return exceeds and self._exceeded >= self.patience


@dataclass
class Overtraining:
    """Does training go on although the model does not improve any more?

    The condition is met when the mean training loss has not improved for `patience_train` saved steps, or the mean
    validation loss for `patience_validation`. To improve is to be lower than the best one so far by more than `delta`.
    """

    COLLECTIONS: ClassVar = ("metrics",)

    trial: Reader
    patience_train: int = limited(5, lowest=0)
    patience_validation: int = limited(10, lowest=0)
    delta: float = limited(0.01, lowest=0)
    reason: str = field(default="", init=False)
    _best: list[float] = field(default_factory=lambda: [math.inf, math.inf], init=False)
    _waited: list[int] = field(default_factory=lambda: [0, 0], init=False)

    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the condition is met; raise NotSaved where a part has no loss."""
        for index, loss in enumerate(_both(self.trial, (), step)):
            improved = self._best[index] - loss > self.delta
            self._best[index] = loss if improved else self._best[index]
            self._waited[index] = 0 if improved else self._waited[index] + 1
        patience = (self.patience_train, self.patience_validation)
        for name, waited, limit, best in zip(
            ("training", "validation"), self._waited, patience, self._best, strict=True
        ):
            if waited >= max(1, limit):
                self.reason = f"the mean {name} loss has not been better than {best:.6g} for {waited} saved steps"
                return True
        return False


def _both(trial: Reader, regexes: tuple[str, ...], step: int) -> tuple[float, float]:
    """Return the mean training and the mean validation loss at a step."""
    names = tuple(name for name in chosen(trial, (), regexes or (METRIC,)) if re.match(METRIC, name))
    found = losses(trial, names, step)
    shared = [name.partition("-")[2] for name in found if name.startswith("train-")]
    shared = [metric for metric in shared if f"validation-{metric}" in found]
    if not shared:
        raise NotSaved("no loss of both the training and the validation data (collection metrics or losses)")
    return fmean(found[f"train-{name}"] for name in shared), fmean(found[f"validation-{name}"] for name in shared)


def _percent(part: float, whole: float) -> float:
    if whole == 0:
        return 0.0 if part == 0 else math.copysign(math.inf, part)
    return 100 * part / whole


def _where(collections: tuple[str, ...], regexes: tuple[str, ...]) -> str:
    places = [*(f"collection {name}" for name in collections), *(f"the pattern {regex}" for regex in regexes)]
    return " or of ".join(places) or "any collection: neither collection_names nor tensor_regex is given"

"""The rules on any tensors: AllZero, UnchangedTensor, TensorVariance, SimilarAcrossRuns.

Source: "List of Debugger built-in rules" in SageMaker's guide. The first three need collections or patterns and look
at the union of both; tensors that hold no numbers are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar, Final

import numpy as np

from specimen_jobs.container import JobError
from specimen_jobs.debugger.parameters import limited
from specimen_jobs.debugger.reading import Array, NotSaved, Reader, chosen, numbers, values

SHOWN: Final = 5  # names in a reason


@dataclass
class AllZero:
    """Are so many of a tensor's values zero? 100 * zeros / values >= `threshold`, for any of the tensors."""

    COLLECTIONS: ClassVar[tuple[str, ...]] = ()

    trial: Reader
    collection_names: tuple[str, ...] = ()
    tensor_regex: tuple[str, ...] = ()
    threshold: float = limited(100.0, lowest=0, highest=100)
    reason: str = field(default="", init=False)

    def __post_init__(self) -> None:
        _needed(self)

    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the condition is met; raise NotSaved where the step has none of the tensors."""
        for name, value in _found(self, step).items():
            zeros = value.size - int(np.count_nonzero(value))
            if 100 * zeros >= self.threshold * value.size:
                self.reason = f"{zeros} of the {value.size} values of {name} are zero"
                return True
        return False


@dataclass
class UnchangedTensor:
    """Has a tensor stopped changing?

    Its values at the last `num_steps` steps that it was saved at, this one included, are each `numpy.allclose` to the
    one before, with `rtol`, `atol` and `equal_nan`.
    """

    COLLECTIONS: ClassVar[tuple[str, ...]] = ()

    trial: Reader
    collection_names: tuple[str, ...] = ()
    tensor_regex: tuple[str, ...] = ()
    num_steps: int = limited(3, lowest=2)
    rtol: float = limited(1e-5, lowest=0)
    atol: float = limited(1e-8, lowest=0)
    equal_nan: bool = False
    reason: str = field(default="", init=False)

    def __post_init__(self) -> None:
        _needed(self)

    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the condition is met; raise NotSaved where the step has none of the tensors."""
        unchanged = [name for name in _found(self, step) if self._unchanged(name, step)]
        self.reason = f"unchanged at {self.num_steps} saved steps: {_named(unchanged)}"
        return bool(unchanged)

    def _unchanged(self, name: str, step: int) -> bool:
        steps = [other for other in self.trial.steps(name) if other <= step][-self.num_steps :]
        if len(steps) < self.num_steps:
            return False
        return all(
            older.shape == newer.shape
            and np.allclose(newer, older, rtol=self.rtol, atol=self.atol, equal_nan=self.equal_nan)
            for older, newer in pairwise(self.trial.value(name, other) for other in steps)
        )


@dataclass
class TensorVariance:
    """Is a tensor's variance above `max_threshold` or below `min_threshold`? A threshold not given allows anything."""

    COLLECTIONS: ClassVar[tuple[str, ...]] = ()

    trial: Reader
    collection_names: tuple[str, ...] = ()
    tensor_regex: tuple[str, ...] = ()
    max_threshold: float | None = None
    min_threshold: float | None = None
    reason: str = field(default="", init=False)

    def __post_init__(self) -> None:
        _needed(self)

    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the condition is met; raise NotSaved where the step has none of the tensors."""
        for name, value in _found(self, step).items():
            variance = float(np.var(value, dtype=np.float64))
            self.reason = f"{name} has a variance of {variance:.6g}"
            if self.max_threshold is not None and variance > self.max_threshold:
                return True
            if self.min_threshold is not None and variance < self.min_threshold:
                return True
        return False


@dataclass
class SimilarAcrossRuns:
    """Do tensors differ from those of another training job at the same step?

    A tensor differs when any of the others has it not, in another shape, or not `numpy.allclose`. Steps that another
    job did not save at all are passed over. Without collections and patterns, every tensor is compared.
    """

    COLLECTIONS: ClassVar[tuple[str, ...]] = ()

    trial: Reader
    others: Sequence[Reader]
    collection_names: tuple[str, ...] = ()
    tensor_regex: tuple[str, ...] = ()
    reason: str = field(default="", init=False)

    def __post_init__(self) -> None:
        if not self.others:
            raise JobError("SimilarAcrossRuns: other_trials is needed, the tensors of another training job on S3")

    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the condition is met; raise NotSaved where there is nothing to compare."""
        regexes = self.tensor_regex or (() if self.collection_names else (".*",))
        found = values(self.trial, chosen(self.trial, self.collection_names, regexes), step)
        others = [other for other in self.others if step in other.steps()]
        if not found or not others:
            raise NotSaved("no step at which both training jobs saved tensors that are compared")
        differing = [
            name for name, value in found.items() if any(_differs(value, other, name, step) for other in others)
        ]
        self.reason = f"different: {_named(differing)}"
        return bool(differing)


def _differs(value: Array, other: Reader, name: str, step: int) -> bool:
    theirs = values(other, [name], step).get(name)
    if theirs is None or value.shape != theirs.shape:
        return True
    if value.dtype.kind in "biuf" and theirs.dtype.kind in "biuf":
        return not np.allclose(value, theirs, equal_nan=True)
    return not np.array_equal(value, theirs)


def _named(names: Sequence[str]) -> str:
    rest = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + rest


def _needed(rule: AllZero | UnchangedTensor | TensorVariance) -> None:
    if not rule.collection_names and not rule.tensor_regex:
        raise JobError(f"{type(rule).__name__}: collection_names or tensor_regex is needed")


def _found(rule: AllZero | UnchangedTensor | TensorVariance, step: int) -> dict[str, Array]:
    names = chosen(rule.trial, rule.collection_names, rule.tensor_regex)
    found = {name: value for name, value in numbers(rule.trial, names, step).items() if value.size}
    if not found:
        places = [*(f"collection {name}" for name in rule.collection_names), *rule.tensor_regex]
        raise NotSaved(f"no tensor of {', '.join(places)} that holds numbers")
    return found

"""A trial and its tensors as smdebug offers them to a rule; XGBoost saves every step in mode GLOBAL.

Source: smdebug 1.0.34, docs/analysis.md, trials/trial.py and core/tensor.py.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from specimen_jobs.debugger.custom.exceptions import StepUnavailable, TensorUnavailable, TensorUnavailableForStep
from specimen_jobs.debugger.reading import Array, Reader


class ModeKeys(Enum):
    """smdebug's modes."""

    TRAIN = 1
    EVAL = 2
    PREDICT = 3
    GLOBAL = 4


def _global(mode: ModeKeys | None) -> bool:
    return mode is None or mode is ModeKeys.GLOBAL


@dataclass(frozen=True)
class Tensor:
    """A tensor, step by step."""

    name: str
    reader: Reader

    def steps(self, mode: ModeKeys | None = None, show_incomplete_steps: bool = False) -> list[int]:
        """Return the steps at which it was saved."""
        return list(self.reader.steps(self.name)) if _global(mode) else []

    def value(self, step_num: int, mode: ModeKeys | None = None, worker: str | None = None) -> Array:
        """Return its value at a step; raise TensorUnavailableForStep where there is none."""
        if step_num not in self.steps(mode):
            raise TensorUnavailableForStep(self.name, step_num, mode)
        return self.reader.value(self.name, step_num)

    def values(self, mode: ModeKeys | None = None, worker: str | None = None) -> dict[int, Array]:
        """Return its values by step."""
        return {step: self.value(step) for step in self.steps(mode)}

    def shape(self, step_num: int, mode: ModeKeys | None = None, worker: str | None = None) -> tuple[int, ...]:
        """Return its shape at a step."""
        return self.value(step_num, mode).shape

    def prev_steps(self, step: int, n: int | None = None, mode: ModeKeys | None = None) -> list[int]:
        """Return the last `n` of its steps up to one, in order."""
        older = [other for other in self.steps(mode) if other <= step]
        return older[-n:] if n else older

    def reduction_value(
        self,
        step_num: int,
        reduction_name: str,
        mode: ModeKeys | None = None,
        worker: str | None = None,
        abs: bool = False,
    ) -> Array:
        """Return min, max, mean, std, variance, sum, prod or NumPy's norm l1, l2 of its value, or of its absolute."""
        value = self.value(step_num, mode)
        value = np.abs(value) if abs else value
        if reduction_name in ("l1", "l2"):
            return np.asarray(np.linalg.norm(value, ord=int(reduction_name[1])))
        function = {"variance": "var"}.get(reduction_name, reduction_name)
        if function not in {"min", "max", "mean", "std", "var", "sum", "prod"}:
            raise ValueError(f"There is no reduction {reduction_name}")
        return np.asarray(getattr(np, function)(value))

    def workers(self, step_num: int, mode: ModeKeys | None = None) -> list[str]:
        """Return who saved it at a step."""
        return ["worker_0"] if step_num in self.steps(mode) else []


@dataclass(eq=False)
class Trial:
    """A training job's tensors."""

    reader: Reader
    path: str
    logger: logging.Logger

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def loaded_all_steps(self) -> bool:
        """Whether the training has ended."""
        return self.reader.ended

    def tensor_names(
        self,
        show_prefixed_tensors: bool = False,
        *,
        step: int | None = None,
        mode: ModeKeys | None = None,
        regex: str | Sequence[str] | None = None,
        collection: Any = None,
    ) -> list[str]:
        """Return the names of its tensors, of a step, of a collection or with one of some patterns."""
        if regex is not None and collection is not None:
            raise ValueError("Only one of `regex` or `collection` can be passed to this method")
        patterns = [regex] if isinstance(regex, str) else list(regex or ())
        names = set(self.reader.tensor_names(collection=getattr(collection, "name", collection)))
        if regex is not None:
            names &= {name for pattern in patterns for name in self.reader.tensor_names(regex=pattern)}
        return (
            sorted(name for name in names if step is None or step in self.reader.steps(name)) if _global(mode) else []
        )

    def has_tensor(self, tname: str) -> bool:
        """Tell whether it was ever saved."""
        return tname in self.reader.tensor_names()

    def tensor(self, tname: str) -> Tensor:
        """Return a tensor; raise TensorUnavailable where there is none of the name."""
        if not self.has_tensor(tname):
            raise TensorUnavailable(tname)
        return Tensor(tname, self.reader)

    def steps(self, mode: ModeKeys | None = None, show_incomplete_steps: bool = False) -> list[int]:
        """Return its steps."""
        return list(self.reader.steps()) if _global(mode) else []

    def modes(self) -> list[ModeKeys]:
        """Return its modes; GLOBAL is none of them for smdebug."""
        return []

    def mode(self, global_step: int) -> ModeKeys:
        """Return the mode of a step."""
        return ModeKeys.GLOBAL

    def mode_step(self, global_step: int) -> int:
        """Return a step's number within its mode."""
        return global_step

    def global_step(self, mode: ModeKeys, mode_step: int) -> int:
        """Return a step's number among those of all modes."""
        return mode_step

    def workers(self) -> list[str]:
        """Return who saves its tensors."""
        return ["worker_0"]

    def collections(self) -> Mapping[str, Any]:
        """Return its collections by name."""
        return self.reader.collections()

    def collection(self, coll_name: str) -> Any:
        """Return a collection."""
        return self.reader.collections()[coll_name]

    def wait_for_steps(self, required_steps: Sequence[int], mode: ModeKeys | None = None) -> None:
        """Raise StepUnavailable for a step that is not there: a rule is asked at steps that are whole."""
        for step in required_steps:
            if step not in self.reader.steps():
                raise StepUnavailable(step, mode)

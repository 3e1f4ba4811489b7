"""A training's tensors in memory, read as `specimen_tensors.trial.Trial` reads them from files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
COLLECTIONS = {
    "metrics": r"^[a-zA-Z]+-[a-zA-Z0-9]+$",
    "losses": r"^[a-zA-Z]+-.+(?<!(auc|map))$",
    "feature_importance": "^feature_importance/",
    "average_shap": "^average_shap/",
    "predictions": "^predictions$",
    "labels": "^labels$",
    "hyperparameters": "^hyperparameters/",
    "trees": "^trees/",
}


@dataclass
class Saved:
    """What was saved, step by step; `ended` from the start unless a test says otherwise."""

    tensors: dict[str, dict[int, Array]] = field(default_factory=dict)
    ended: bool = True
    refreshed: int = 0

    def save(self, step: int, **values: Any) -> None:
        """Save tensors at a step; ``__`` in a name stands for ``-``."""
        for name, value in values.items():
            self.put(step, name.replace("__", "-"), value)

    def put(self, step: int, name: str, value: Any) -> None:
        """Save one tensor; a number becomes an array of length 1, as smdebug has it."""
        self.tensors.setdefault(name, {})[step] = np.atleast_1d(np.asarray(value))

    def refresh(self) -> None:
        self.refreshed += 1

    def collections(self) -> Mapping[str, str]:
        return COLLECTIONS

    def tensor_names(self, collection: str | None = None, regex: str | None = None) -> tuple[str, ...]:
        pattern = regex if collection is None else COLLECTIONS[collection]
        return tuple(sorted(name for name in self.tensors if re.search(pattern or "", name)))

    def steps(self, name: str | None = None) -> tuple[int, ...]:
        found = self.tensors.values() if name is None else [self.tensors[name]]
        return tuple(sorted({step for steps in found for step in steps}))

    def value(self, name: str, step: int) -> Array:
        return self.tensors[name][step]


def series(every: int = 1, **losses: list[float]) -> Saved:
    """A training whose metrics are given by saved step; ``__`` in a name stands for ``-``."""
    trial = Saved()
    for name, values in losses.items():
        for index, value in enumerate(values):
            trial.save(index * every, **{name: value})
    return trial

"""Average SHAP values while a model grows: what its last rounds have added is added to what it had before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from specimen_jobs.xgboost.debugging.counting import countable, mean_contributions
from specimen_jobs.xgboost.debugging.rows import Rows
from specimen_jobs.xgboost.debugging.trees import added, leaves

if TYPE_CHECKING:
    import xgboost

Array = npt.NDArray[Any]
FIXED: Final = "gbtree"  # the booster whose trees stay as they are once they are there


def mean_over_rows(contributions: Array) -> Array:
    """Return the mean of rows, and of classes where there are several; the last axis stays."""
    axes = tuple(range(contributions.ndim - 1))
    return np.asarray(contributions.mean(axis=axes, dtype=np.float64), dtype=np.float32)


class AverageShap:
    """The average SHAP values of a booster over a matrix, asked for again and again as the booster grows."""

    def __init__(self, data: xgboost.DMatrix, booster: str) -> None:
        self._data = data
        self._booster = booster
        self._rounds = 0
        self._classes = 1
        self._rows: Rows | None = None
        self._found = np.zeros(data.num_col() + 1)  # the bias last

    def of(self, model: xgboost.Booster) -> Array:
        """Return each feature's average, and last the bias: the mean over rows (and classes) of `pred_contribs`."""
        return self.taken_from(model)()

    def taken_from(self, model: xgboost.Booster) -> Callable[[], Array]:
        """Take what is needed from a model, and return what gives the averages while the model goes on growing.

        What this returns is called once, and in turn.
        """
        if self._booster != FIXED:
            average = mean_over_rows(model.predict(self._data, pred_contribs=True))
            return lambda: average
        first, self._rounds = self._rounds, model.num_boosted_rounds()
        if first == self._rounds:
            return lambda: self._found.astype(np.float32)
        trees = [(tree, leaves(tree)) for tree in added(model, first, self._rounds)]
        if all(countable(tree, ways) for tree, ways in trees):
            if self._rows is None:
                self._rows = Rows(self._data.get_data())
            rows = self._rows
            bias = self._of_a_row(model) if first == 0 else None
            return lambda: self._grown(mean_contributions(trees, rows) / self._classes, bias)
        window = mean_over_rows(model[first : self._rounds].predict(self._data, pred_contribs=True))
        bias = self._of_a_row(model)
        return lambda: self._grown(window, bias)

    def _of_a_row(self, model: xgboost.Booster) -> float:
        """Return the bias, which is the same for all rows; at this occasion the classes are counted."""
        contributions = model.predict(self._data.slice([0]), pred_contribs=True)
        self._classes = contributions.size // self._found.size
        return float(mean_over_rows(contributions)[-1])

    def _grown(self, added: Array, bias: float | None) -> Array:
        self._found += added
        if bias is not None:
            self._found[-1] = bias
        return self._found.astype(np.float32)

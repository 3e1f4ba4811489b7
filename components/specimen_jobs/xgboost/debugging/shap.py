"""Average SHAP values while a model grows: what its last rounds have added is added to what it had before."""

from __future__ import annotations

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
        self._first = data.slice([0])
        self._rows: Rows | None = None
        self._sums = np.zeros(data.num_col())

    def of(self, model: xgboost.Booster) -> Array:
        """Return each feature's average, and last the bias: the mean over rows (and classes) of `pred_contribs`."""
        if self._booster != FIXED:
            return mean_over_rows(model.predict(self._data, pred_contribs=True))
        rounds = model.num_boosted_rounds()
        if rounds > self._rounds:
            self._sums += self._of_rounds(model, self._rounds, rounds)
            self._rounds = rounds
        bias = mean_over_rows(model.predict(self._first, pred_contribs=True))[-1]  # the same for every row
        return np.append(self._sums, bias).astype(np.float32)

    def _of_rounds(self, model: xgboost.Booster, first: int, last: int) -> Array:
        trees = [(tree, leaves(tree)) for tree in added(model, first, last)]
        if not all(countable(tree, ways) for tree, ways in trees):
            return mean_over_rows(model[first:last].predict(self._data, pred_contribs=True))[:-1]
        if self._rows is None:
            self._rows = Rows(self._data.get_data())
        classes = max(1, int(np.prod(model.predict(self._first, output_margin=True).shape[1:])))
        total = np.zeros(self._rows.features)
        for tree, ways in trees:
            total += mean_contributions(tree, ways, self._rows)
        return total / classes

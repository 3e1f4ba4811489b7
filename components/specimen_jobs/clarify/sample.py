"""What a bias metric is computed from: one count table, and the rows themselves for the flip test.

Every metric but the flip test is a function of how many rows have each combination of group, facet, label and
prediction; counting them once costs one pass over the data whatever the number of metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Bools = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

BLOCK: Final = 65_536  # rows counted at once, so that what is made of them stays in the processor's cache


class UndefinedMetricError(ValueError):
    """A metric has no value on this sample; the message stands beside its null in analysis.json."""


@dataclass(frozen=True)
class Side:
    """One side of a facet: its rows by label and prediction."""

    true_negatives: int
    false_positives: int
    false_negatives: int
    true_positives: int

    @property
    def rows(self) -> int:
        return self.negatives + self.positives

    @property
    def positives(self) -> int:
        return self.true_positives + self.false_negatives

    @property
    def negatives(self) -> int:
        return self.true_negatives + self.false_positives

    @property
    def predicted_positives(self) -> int:
        return self.true_positives + self.false_positives

    @property
    def predicted_negatives(self) -> int:
        return self.true_negatives + self.false_negatives


@dataclass(frozen=True)
class Sample:
    """Rows divided by a facet, counted.

    `table` has the axes group, facet (0 advantaged, 1 sensitive), label and prediction (0 negative, 1 positive); its
    last group holds the rows that belong to no group. Without predictions, all are counted as negative.
    """

    table: Integers
    sensitive: Bools
    predicted: Bools | None = None
    features: pd.DataFrame | None = None

    @property
    def advantaged(self) -> Side:
        return self._side(0)

    @property
    def disadvantaged(self) -> Side:
        return self._side(1)

    def _side(self, facet: int) -> Side:
        (tn, fp), (fn, tp) = self.table[:, facet].sum(axis=0).tolist()
        return Side(tn, fp, fn, tp)


def sample(
    sensitive: Bools,
    label: Bools,
    predicted: Bools | None = None,
    group: npt.NDArray[Any] | None = None,
    features: pd.DataFrame | None = None,
) -> Sample:
    """Count rows into a Sample; the arrays have one entry a row, and a group that is missing belongs to no group."""
    codes, groups = _group_codes(group, sensitive.size)
    sides = sensitive * np.uint8(4) + label * np.uint8(2)
    if predicted is not None:
        sides += predicted
    counts = np.zeros((groups + 1) * 8, dtype=np.int64)
    step = max(BLOCK, counts.size)
    for first in range(0, sides.size, step):
        part = slice(first, first + step)
        counts += np.bincount(codes[part] * 8 + sides[part], minlength=counts.size)
    return Sample(counts.reshape(groups + 1, 2, 2, 2), sensitive, predicted, features)


def _group_codes(group: npt.NDArray[Any] | None, rows: int) -> tuple[Integers, int]:
    """Return each row's group number and how many groups there are; the number after the last means none.

    Integers of a narrow range are their own numbers, so that some of the groups may have no row.
    """
    if group is None:
        return np.zeros(rows, dtype=np.int64), 0
    if group.dtype.kind == "i" and rows:
        least, span = int(group.min()), int(group.max()) - int(group.min()) + 1
        if span <= BLOCK:
            return group.astype(np.int64) - least, span
    import pandas as pd

    codes, names = pd.factorize(group)
    return np.where(codes < 0, len(names), codes).astype(np.int64), len(names)

"""SMOTE and SMOTENC: rows are added to every group until it is as large as the largest.

Chawla et al., "SMOTE: synthetic minority over-sampling technique", JAIR 16 (2002). The rows drawn are those that
imbalanced-learn draws for the same seed; neighbours are searched only for the rows that are drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from specimen_components.tables.balancing_neighbors import Floats, Indices, nearest

_BLOCK = 2**17  # rows whose neighbours' categories are counted at a time


@dataclass(frozen=True)
class Synthetic:
    """Rows made for one group: one number a column, and the share of true neighbours that the search found."""

    rows: Floats
    recall: float


def shortages(groups: npt.NDArray[np.intp]) -> dict[int, int]:
    """Return how many rows each group needs to be as large as the largest; groups are numbered from 0."""
    counts = np.bincount(groups)
    return {group: int(counts.max() - count) for group, count in enumerate(counts) if count < counts.max()}


def synthesise(values: Floats, categorical: Sequence[int], count: int, neighbors: int, seed: int) -> Synthetic:
    """Make `count` rows from those of one group, `values` (rows × columns, nothing missing).

    A number lies between that of a row and of one of its `neighbors` nearest neighbours, on the line that joins the
    two rows. A column of `categorical` takes the category that most of the neighbours have, one of them by lot where
    several are as frequent. There are more rows than `neighbors`.
    """
    state = np.random.RandomState(seed)  # NumPy keeps this generator's streams as they are
    drawn = state.randint(low=0, high=len(values) * neighbors, size=count)
    steps = state.uniform(size=count)[:, np.newaxis]
    rows, which = np.divmod(drawn, neighbors)
    queries, place = np.unique(rows, return_inverse=True)
    found = nearest(embedded(values, categorical), queries, neighbors)
    partners = found.neighbors[place, which]
    made = values[rows]
    made += steps * (values[partners] - made)
    lots = np.random.RandomState(seed)
    for column in categorical:
        made[:, column] = _most_frequent(values[:, column], found.neighbors, place, lots)
    return Synthetic(made, found.recall)


def embedded(values: Floats, categorical: Sequence[int]) -> Floats:
    """Return points whose distance is SMOTENC's: rows of different categories are apart by a typical deviation.

    The deviation is the median of the standard deviations of the columns that are no categories.
    """
    continuous = np.delete(values, list(categorical), axis=1)
    if not categorical:
        return continuous
    apart = np.median(continuous.std(axis=0)) / np.sqrt(2)  # two indicators differ between two categories
    codes = [np.unique(values[:, column], return_inverse=True) for column in categorical]
    points = np.zeros((len(values), continuous.shape[1] + sum(len(found) for found, _ in codes)))
    points[:, : continuous.shape[1]] = continuous
    start = continuous.shape[1]
    for found, code in codes:
        points[np.arange(len(values)), start + code] = apart
        start += len(found)
    return points


def _most_frequent(
    column: Floats, neighbors: Indices, place: Indices, lots: np.random.RandomState
) -> npt.NDArray[np.float64]:
    """Return for every new row the most frequent category among the neighbours of the row it was made from."""
    categories, codes = np.unique(column, return_inverse=True)
    frequent = _frequent(codes[neighbors], len(categories))
    # A row that several new ones are made from draws its lot for each of them anew.
    row, category = np.nonzero(frequent[place])
    order = lots.permutation(len(row))
    _, first = np.unique(row[order], return_index=True)
    return np.asarray(categories[category[order][first]], dtype=np.float64)


def _frequent(codes: npt.NDArray[np.intp], size: int) -> npt.NDArray[np.bool_]:
    """Mark the most frequent codes of each row, as rows × `size`."""
    marked = np.empty((len(codes), size), dtype=np.bool_)
    for start in range(0, len(codes), _BLOCK):
        some = codes[start : start + _BLOCK]
        cells = np.arange(len(some))[:, np.newaxis] * size + some
        counts = np.bincount(cells.ravel(), minlength=len(some) * size).reshape(len(some), size)
        marked[start : start + _BLOCK] = counts == counts.max(axis=1, keepdims=True)
    return marked

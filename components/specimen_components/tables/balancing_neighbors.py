"""The nearest neighbours of rows by Euclid's distance, as an estimator that imbalanced-learn can search with.

A k-d tree whose rows lie in memory as the tree visits them answers tables in which columns depend on each other, as
real ones do. In tables without such structure a tree visits every leaf, and scikit-learn, which compares every row, is
faster. Both are exact. Above `EXACT` rows the tree may pass over a neighbour whose distance is hardly shorter than that
of one it has found: how far it may go is chosen by the recall on a sample, which is compared with the exact answer.
"""

from functools import partial
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from sklearn.neighbors import NearestNeighbors

EXACT = 300_000  # rows; a table of that size is always searched exactly
RECALL = 0.97  # the share of true neighbours that an approximate search has to find in the sample; some more than 0.95
SLACKS = (1.0, 0.5, 0.25)  # a neighbour may be passed over for one that is farther away by at most this share
STRUCTURED = 8  # dimensions that the variance is effectively spread over; a tree pays below
_SAMPLE = 1_000  # queries
_LOOKED_AT = 10_000  # rows that tell how the variance is spread
_tree = partial(cKDTree, leafsize=16, balanced_tree=False)

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


class Neighbors(NearestNeighbors):  # type: ignore[misc]  # scikit-learn has no types
    """scikit-learn's estimator, with the tree where that is faster or has to be approximate.

    `recalls_` has the share of the true neighbours that each search is known to find: 1 where it was exact.
    """

    def __init__(self, *, n_neighbors: int) -> None:
        super().__init__(n_neighbors=n_neighbors, algorithm="brute")
        self.recalls_: list[float] = []

    def fit(self, rows: Any, _: None = None) -> Self:
        """Take the rows, dense or sparse, that are to be found; none has a missing value."""
        points = _dense(rows)
        self.centre_ = points.mean(axis=0)  # scikit-learn multiplies out the square, which large values would blur
        self.search_ = _Search(points) if len(points) > EXACT or _spread(points) <= STRUCTURED else None
        super().fit(points - self.centre_)
        return self

    def kneighbors(self, rows: Any = None, n_neighbors: int | None = None, return_distance: bool = True) -> Any:
        """Find the nearest to each of the rows, in the order of their distances, as scikit-learn does."""
        if rows is None or self.search_ is None:
            self.recalls_.append(1.0)
            centred = None if rows is None else _dense(rows) - self.centre_
            return super().kneighbors(centred, n_neighbors, return_distance)
        distances, found, recall = self.search_.nearest(_dense(rows), n_neighbors or self.n_neighbors)
        self.recalls_.append(recall)
        return (distances, found) if return_distance else found


class _Search:
    """A k-d tree over rows that are laid out in the order of its leaves, so that a visit stays within the cache."""

    def __init__(self, points: Floats) -> None:
        self._order = _tree(points).indices
        self._tree = _tree(points[self._order])

    def nearest(self, queries: Floats, k: int) -> tuple[Floats, Indices, float]:
        """Give the distances and numbers (queries × k) of the nearest rows, and the recall."""
        slack, recall = self._chosen_slack(queries[:: max(1, len(queries) // _SAMPLE)], k)
        distances, found = np.empty((len(queries), k)), np.empty((len(queries), k), dtype=np.intp)
        asking = _tree(queries).indices
        distances[asking], found[asking] = self._asked(queries[asking], k, slack)
        return distances, found, recall

    def _chosen_slack(self, sample: Floats, k: int) -> tuple[float, float]:
        """Choose the largest slack that keeps the recall, and give both; a row itself, found first, does not count."""
        if self._tree.n > EXACT:
            _, true = self._asked(sample, k, 0)
            for slack in SLACKS:
                if (recall := shared(true[:, 1:], self._asked(sample, k, slack)[1][:, 1:])) >= RECALL:
                    return slack, recall
        return 0, 1.0

    def _asked(self, queries: Floats, k: int, slack: float) -> tuple[Floats, Indices]:
        distances, near = self._tree.query(queries, np.arange(1, k + 1), eps=slack, workers=-1)
        return np.asarray(distances), np.asarray(self._order[near], dtype=np.intp)


def shared(true: Indices, found: Indices) -> float:
    """Return the share of the true neighbours (queries × k) that were found."""
    return float((true[:, :, None] == found[:, None, :]).any(axis=2).mean())


def _dense(rows: Any) -> Floats:
    return np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows, dtype=np.float64)


def _spread(points: Floats) -> float:
    """Return over how many dimensions the variance is spread: (Σλ)² / Σλ² of the covariance's eigenvalues."""
    covariance = np.atleast_2d(np.cov(points[:: max(1, len(points) // _LOOKED_AT)], rowvar=False))
    total = float(np.square(covariance).sum())
    return float(np.trace(covariance)) ** 2 / total if total else 0.0

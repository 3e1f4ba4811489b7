"""The nearest neighbours of some of the rows of a group, by Euclid's distance.

A k-d tree whose rows lie in memory as the tree visits them answers tables in which columns depend on each other, as
real ones do. In tables without such structure a tree visits every leaf, and comparing every row is faster. Both are
exact. Above `EXACT` rows the tree may pass over a neighbour whose distance is hardly shorter than that of one it has
found: how far it may go is chosen by the recall on a sample, which is compared with the exact answer.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

EXACT = 300_000  # rows; a table of that size is always searched exactly
RECALL = 0.97  # the share of true neighbours that an approximate search has to find in the sample; some more than 0.95
SLACKS = (1.0, 0.5, 0.25)  # a neighbour may be passed over for one that is farther away by at most this share
STRUCTURED = 8  # dimensions that the variance is effectively spread over; a tree pays below
_SAMPLE = 1_000  # queries
_LOOKED_AT = 10_000  # rows that tell how the variance is spread
_LEAF = 16  # rows
_BLOCK = 2**16  # queries answered at a time

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Found:
    """The neighbours (queries × k, as row numbers), and which share of the true ones they are known to be."""

    neighbors: Indices
    recall: float  # 1 when the search was exact, else measured on a sample


def nearest(points: Floats, queries: Indices, k: int) -> Found:
    """Find the `k` rows of `points` nearest to each row numbered in `queries`, itself left out.

    `points` has more than `k` rows and no missing value. Which of several equally near rows are taken is settled by
    the data and their order alone.
    """
    if len(points) <= EXACT and _spread(points) > STRUCTURED:
        return Found(_by_comparing(points, queries, k), 1.0)
    tree = _Tree(points)
    if len(points) <= EXACT:
        return Found(tree.nearest(queries, k, slack=0), 1.0)
    slack, recall = _chosen_slack(tree, queries[:: max(1, len(queries) // _SAMPLE)], k)
    return Found(tree.nearest(queries, k, slack), recall)


class _Tree:
    """A k-d tree over rows that are laid out in the order of its leaves, so that a visit stays within the cache."""

    def __init__(self, points: Floats) -> None:
        build = partial(cKDTree, leafsize=_LEAF, balanced_tree=False)
        self._order = np.asarray(build(points).indices, dtype=np.intp)
        self._place = np.empty_like(self._order)
        self._place[self._order] = np.arange(len(points))
        self._points = points[self._order]
        self._tree = build(self._points)

    def nearest(self, queries: Indices, k: int, slack: float) -> Indices:
        """Answer in the order of the queries, though they are asked in the tree's."""
        places = self._place[queries]
        asking = np.argsort(places, kind="stable")
        found = np.empty((len(queries), k), dtype=np.intp)
        for start in range(0, len(queries), _BLOCK):
            some = asking[start : start + _BLOCK]
            _, near = self._tree.query(self._points[places[some]], k + 1, eps=slack, workers=-1)
            found[some] = self._order[_others(np.asarray(near), places[some])]
        return found


def _chosen_slack(tree: _Tree, sample: Indices, k: int) -> tuple[float, float]:
    """Choose the largest slack that keeps the recall, and give both."""
    true = tree.nearest(sample, k, slack=0)
    for slack in SLACKS:
        if (recall := shared(true, tree.nearest(sample, k, slack))) >= RECALL:
            return slack, recall
    return 0, 1.0


def shared(true: Indices, found: Indices) -> float:
    """Return the share of the true neighbours (queries × k) that were found."""
    return float((true[:, :, None] == found[:, None, :]).any(axis=2).mean())


def _by_comparing(points: Floats, queries: Indices, k: int) -> Indices:
    from sklearn.neighbors import NearestNeighbors  # takes seconds to import, and is seldom needed

    centred = points - points.mean(axis=0)  # scikit-learn multiplies out the square, which large values would blur
    found = NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(centred)
    return _others(found.kneighbors(centred[queries], return_distance=False), queries)


def _others(found: Indices, queries: Indices) -> Indices:
    """Leave the query itself out of its k + 1 nearest; where equal rows have crowded it out, the first of these."""
    itself = found == queries[:, None]
    first = np.argsort(~itself, axis=1, kind="stable")
    return np.asarray(np.take_along_axis(found, first, axis=1)[:, 1:], dtype=np.intp)


def _spread(points: Floats) -> float:
    """Return over how many dimensions the variance is spread: (Σλ)² / Σλ² of the covariance's eigenvalues."""
    covariance = np.atleast_2d(np.cov(points[:: max(1, len(points) // _LOOKED_AT)], rowvar=False))
    total = float(np.square(covariance).sum())
    return float(np.trace(covariance)) ** 2 / total if total else 0.0

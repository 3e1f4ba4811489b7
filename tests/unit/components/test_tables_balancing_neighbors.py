"""The search for neighbours: exact where that is said, and never worse than what it says."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.spatial.distance import cdist
from specimen_components.tables.balancing_neighbors import EXACT, RECALL, nearest, shared


def compared(points: npt.NDArray[np.float64], queries: npt.NDArray[np.intp], k: int) -> npt.NDArray[np.intp]:
    """Every row compared with every other."""
    distances = cdist(points[queries], points)
    distances[np.arange(len(queries)), queries] = np.inf
    return np.argsort(distances, axis=1, kind="stable")[:, :k]


@pytest.mark.parametrize("dimensions", [1, 3, 20], ids=["line", "tree", "comparing"])
def test_it_finds_the_true_neighbours_in_the_order_of_their_distance(dimensions: int) -> None:
    points = np.random.default_rng(1).normal(size=(1_500, dimensions)) + 1e6
    queries = np.array([7, 3, 1_499, 0, 8, 3])
    found = nearest(points, queries, 5)
    assert found.recall == 1
    assert np.array_equal(found.neighbors, compared(points, queries, 5))


def test_a_row_is_no_neighbour_of_its_own_though_others_equal_it() -> None:
    points = np.zeros((50, 2))
    queries = np.arange(50)
    found = nearest(points, queries, 3).neighbors
    assert not (found == queries[:, np.newaxis]).any()
    assert all(len(set(row)) == 3 for row in found.tolist())


def test_a_search_among_very_many_rows_says_how_many_of_the_true_neighbours_it_finds() -> None:
    points = np.random.default_rng(2).normal(size=(EXACT + 1, 5)) @ np.diag([100, 30, 10, 3, 1])
    queries = np.arange(0, len(points), 1_000)
    found = nearest(points, queries, 5)
    assert RECALL <= found.recall < 1
    few = slice(None, None, 10)
    assert shared(compared(points, queries[few], 5), found.neighbors[few]) == pytest.approx(found.recall, abs=0.05)
    assert np.array_equal(nearest(points, queries, 5).neighbors, found.neighbors)

"""The search for neighbours: exact where that is said, and never worse than what it says."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist
from specimen_components.tables.balancing_neighbors import EXACT, RECALL, Neighbors, shared

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


def compared(points: Floats, queries: Indices, k: int) -> Indices:
    """Every row compared with every other."""
    return np.argsort(cdist(points[queries], points), axis=1, kind="stable")[:, :k]


def spread(dimensions: int) -> Floats:
    return np.random.default_rng(1).normal(size=(1_500, dimensions)) + 1e6


@pytest.mark.parametrize("dimensions", [1, 3, 20], ids=["line", "tree", "comparing"])
def test_it_finds_the_true_neighbours_in_the_order_of_their_distance(dimensions: int) -> None:
    points, queries = spread(dimensions), np.array([7, 3, 1_499, 0, 8, 3])
    search = Neighbors(n_neighbors=6).fit(points)
    distances, found = search.kneighbors(points[queries])
    assert np.array_equal(found, compared(points, queries, 6))
    assert np.array_equal(found[:, 0], queries)
    between = np.linalg.norm(points[found] - points[queries][:, np.newaxis], axis=2)
    assert distances == pytest.approx(between, abs=1e-6)
    assert search.recalls_ == [1]


@pytest.mark.parametrize("dimensions", [3, 20], ids=["tree", "comparing"])
def test_it_is_an_estimator_as_those_of_scikit_learn_are(dimensions: int) -> None:
    """Rows may be sparse, the rows taken may ask for each other, and there is a graph."""
    points = spread(dimensions)
    search = Neighbors(n_neighbors=6).fit(csr_array(points))
    found = search.kneighbors(csr_array(points), return_distance=False)
    assert np.array_equal(found, compared(points, np.arange(len(points)), 6))
    assert np.array_equal(search.kneighbors(n_neighbors=5, return_distance=False), found[:, 1:])
    graph = search.kneighbors_graph(points)
    assert np.array_equal(np.sort(graph.indices.reshape(found.shape)), np.sort(found))
    assert (graph.data == 1).all()


def test_a_search_among_very_many_rows_says_how_many_of_the_true_neighbours_it_finds() -> None:
    points = np.random.default_rng(2).normal(size=(EXACT + 1, 5)) @ np.diag([100, 30, 10, 3, 1])
    queries = np.arange(0, len(points), 1_000)
    search = Neighbors(n_neighbors=6).fit(points)
    found = search.kneighbors(points[queries], return_distance=False)
    (recall,) = search.recalls_
    assert RECALL <= recall < 1
    assert np.array_equal(found[:, 0], queries)
    few = slice(None, None, 10)
    assert shared(compared(points, queries[few], 6)[:, 1:], found[few, 1:]) == pytest.approx(recall, abs=0.05)
    assert np.array_equal(search.kneighbors(points[queries], return_distance=False), found)

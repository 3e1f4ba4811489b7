"""SMOTE and SMOTENC: imbalanced-learn's rows, though the neighbours are found by a search of our own."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE, SMOTENC
from scipy.spatial.distance import cdist
from scipy.stats import chi2_contingency, ks_2samp
from specimen_components.tables.balancing import synthesise

Floats = npt.NDArray[np.float64]


def table(rows: int, seed: int = 1) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Numbers in the first four columns, categories in the last two, and three groups of unequal size."""
    random = np.random.default_rng(seed)
    numbers = random.normal(size=(rows, 4)) @ np.diag([1, 50, 3, 0.1])
    categories = np.column_stack(
        [random.choice([2.0, 5.0, 9.0], rows, p=[0.6, 0.3, 0.1]), random.integers(0, 12, rows)]
    )
    return np.hstack([numbers, categories]), random.choice(3, rows, p=[0.2, 0.5, 0.3])


def made(values: Floats, groups: npt.NDArray[np.intp], categorical: tuple[int, ...] = (), **options: Any) -> Floats:
    return synthesise(values, groups, categorical, **{"neighbors": 5, "seed": 3, **options}).rows


def apart(values: Floats, categorical: tuple[int, ...]) -> Floats:
    """Distances by SMOTENC's definition: categories that differ count as the median of the numbers' deviations."""
    numbers = np.delete(values, categorical, axis=1)
    squares = cdist(numbers, numbers, "sqeuclidean")
    for column in categorical:
        squares += np.median(numbers.std(axis=0)) ** 2 * (values[:, [column]] != values[:, column])
    return np.asarray(np.sqrt(squares))


def test_every_group_becomes_as_large_as_the_largest() -> None:
    values, groups = table(300)
    found = synthesise(values, groups, (4, 5), neighbors=5, seed=1)
    assert len(set(np.bincount(groups))) == 3
    assert len(set(np.bincount(np.append(groups, found.groups)))) == 1
    assert len(found.rows) == len(found.groups)
    assert found.recall == 1


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
@pytest.mark.parametrize("neighbors", [1, 5])
def test_smote_makes_the_rows_of_imbalanced_learn(seed: int, neighbors: int) -> None:
    values, groups = table(2_000)
    values = values[:, :4]
    theirs, _ = SMOTE(random_state=seed, k_neighbors=neighbors).fit_resample(values, groups)
    assert np.array_equal(made(values, groups, neighbors=neighbors, seed=seed), theirs[len(values) :])


@pytest.mark.parametrize("seed", [0, 7])
def test_smotenc_makes_the_rows_of_imbalanced_learn(seed: int) -> None:
    """Numbers and categories alike, and where several categories are as frequent the lot falls on the same one."""
    values, groups = table(2_000)
    theirs, _ = SMOTENC([4, 5], random_state=seed).fit_resample(values, groups)
    assert np.array_equal(made(values, groups, (4, 5), seed=seed), theirs[len(values) :].astype(float))


@pytest.mark.parametrize("categorical", [(), (4, 5)])
def test_a_new_row_lies_between_a_row_and_one_of_its_true_neighbours(categorical: tuple[int, ...]) -> None:
    """On whole numbers, where many distances are equal and some rows stand there twice."""
    values, groups = table(600)
    values = np.rint(values)
    own = values[groups == 0]
    distances = apart(own, categorical)
    np.fill_diagonal(distances, np.inf)
    near = distances <= np.partition(distances, 4, axis=1)[:, 4:5] * (1 + 1e-12)
    numbers = [column for column in range(values.shape[1]) if column not in categorical]
    first, second = (own[side][:, numbers] for side in np.nonzero(near))
    across = second - first
    found = synthesise(values, groups, categorical, neighbors=5, seed=3)
    assert (found.groups == 0).any()
    for row in found.rows[found.groups == 0][:, numbers]:
        length = np.maximum((across**2).sum(axis=1), 1e-300)
        step = np.clip(((row - first) * across).sum(axis=1) / length, 0, 1)
        assert np.abs(first + step[:, np.newaxis] * across - row).max(axis=1).min() < 1e-9


def sample(rows: int, random: np.random.Generator) -> Floats:
    """Rows of one distribution: three clusters of correlated numbers, and the code that a cluster has."""
    cluster = random.choice(3, rows, p=[0.5, 0.3, 0.2])
    mixed = random.normal(size=(rows, 3)) @ np.array([[1, 0.8, 0], [0, 0.6, -2], [0, 0, 1.5]])
    centres = np.array([[0, 0, 0], [12, -9, 30], [-15, 20, -40]])
    return np.column_stack([centres[cluster] + mixed, np.array([2.0, 5.0, 9.0])[cluster]])


@pytest.mark.parametrize("seed", range(3))
def test_new_rows_are_a_sample_of_the_distribution_that_the_rows_are_of(seed: int) -> None:
    """No two-sample test tells them from rows drawn anew: not the codes, nor the numbers of a code in any direction."""
    random = np.random.default_rng(seed)
    values, groups = sample(42_000, random), np.repeat([0, 1], [20_000, 22_000])
    new, anew = made(values, groups, (3,)), sample(2_000, random)
    codes = [np.unique(rows[:, 3], return_counts=True) for rows in (new, anew)]
    assert np.array_equal(codes[0][0], codes[1][0])
    assert chi2_contingency([counts for _, counts in codes]).pvalue > 0.01
    directions = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, -1, 0], [0, 1, 1], [1, 0, 1]])
    for code in (2.0, 5.0, 9.0):
        ours, theirs = (rows[rows[:, 3] == code, :3] @ directions.T for rows in (new, anew))
        assert ks_2samp(ours, theirs).pvalue.min() > 0.01


def test_columns_that_never_vary_are_no_obstacle() -> None:
    values = np.column_stack([np.zeros(50), np.arange(50.0) % 2])
    rows = made(values, np.repeat([0, 1], [20, 30]), (1,))
    assert len(rows) == 10
    assert not rows[:, 0].any()
    assert set(rows[:, 1]) <= {0.0, 1.0}


def test_many_equal_rows_are_their_own_neighbours() -> None:
    values = np.repeat([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [30, 30, 110], axis=0)
    rows = made(values, np.repeat([0, 1], [60, 110]))
    assert {tuple(row) for row in rows} == {(1.0, 2.0), (3.0, 4.0)}


def test_the_same_seed_gives_the_same_rows_and_another_gives_others() -> None:
    values, groups = table(800)
    assert np.array_equal(made(values, groups, (4, 5)), made(values, groups, (4, 5)))
    assert not np.array_equal(made(values, groups, (4, 5)), made(values, groups, (4, 5), seed=4))


def test_real_rows_keep_their_distribution(shared_data: Any) -> None:
    """Of neighbours at equal distances others may be taken than by its own search; the sample is the same."""
    path: Path = shared_data("data/default_of_credit_card_clients.csv.gz")
    frame = pd.read_csv(path).drop(columns="ID").iloc[:8_000].astype(float)
    groups = (frame.pop("SEX").to_numpy() == 2).astype(np.intp)
    values = frame.to_numpy()
    categorical = tuple(map(list(frame.columns).index, ["EDUCATION", "MARRIAGE", "default payment next month"]))
    ours = made(values, groups, categorical)
    theirs = SMOTENC(list(categorical), random_state=3).fit_resample(values, groups)[0][len(values) :].astype(float)
    assert ours.shape == theirs.shape
    for column in range(values.shape[1]):
        assert ks_2samp(ours[:, column], theirs[:, column]).statistic < 0.02, frame.columns[column]
    assert ours.mean(axis=0) == pytest.approx(theirs.mean(axis=0), rel=0.02, abs=0.02)
    assert ours.std(axis=0) == pytest.approx(theirs.std(axis=0), rel=0.05, abs=0.02)

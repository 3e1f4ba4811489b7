"""The split: disjoint, of exact sizes, stratified, and the same everywhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimen_components.tables.errors import TableError
from specimen_components.tables.splitting import sizes, split

FRACTIONS = {"train": 0.7, "validation": 0.15, "test": 0.15}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(20, [14, 3, 3]), (21, [15, 3, 3]), (30_000, [21_000, 4_500, 4_500]), (7, [5, 1, 1]), (10, [7, 2, 1])],
)
def test_sizes_go_by_largest_remainder(rows: int, expected: list[int]) -> None:
    assert list(sizes(rows, FRACTIONS).values()) == expected


@given(
    rows=st.integers(1, 10_000),
    weights=st.tuples(*[st.integers(1, 100)] * 3),
)
def test_sizes_add_up_and_are_within_one_row_of_the_fraction(rows: int, weights: tuple[int, int, int]) -> None:
    fractions = {name: weight / sum(weights) for name, weight in zip("abc", weights, strict=True)}
    found = sizes(rows, fractions)
    assert sum(found.values()) == rows
    assert all(abs(found[name] - rows * fractions[name]) < 1 + 1e-6 for name in fractions)


@given(
    classes=st.lists(st.integers(5, 120), min_size=2, max_size=5),
    seed=st.integers(0, 2**32),
    weights=st.tuples(*[st.integers(5, 20)] * 3),
)
def test_each_class_has_its_share_of_each_part(classes: list[int], seed: int, weights: tuple[int, int, int]) -> None:
    """Every row is in one part, parts have their exact sizes, and each class is within two rows of its share."""
    label = np.repeat(np.arange(len(classes)), classes)
    fractions = {name: weight / sum(weights) for name, weight in zip("abc", weights, strict=True)}
    parts = split(label, fractions, seed=seed, stratify=True)
    counts = sizes(len(label), fractions)
    assert np.bincount(parts, minlength=3).tolist() == list(counts.values())
    for index, size in enumerate(classes):
        for part, count in enumerate(counts.values()):
            expected = size * count / len(label)
            assert abs(int((parts[label == index] == part).sum()) - expected) <= 2


def test_the_split_is_the_same_on_every_machine() -> None:
    """Pinned: another NumPy or another platform must not move a row."""
    label = np.array([0, 1] * 10)
    assert split(label, FRACTIONS, seed=42, stratify=True).tolist() == PINNED
    assert split(label, FRACTIONS, seed=43, stratify=True).tolist() != PINNED


PINNED = [0, 1, 0, 0, 0, 2, 2, 0, 0, 2, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]


def test_an_unstratified_split_takes_any_label() -> None:
    label = np.linspace(0, 1, 50)
    parts = split(label, FRACTIONS, seed=1, stratify=False)
    assert np.bincount(parts).tolist() == [35, 8, 7]


def test_fewer_rows_than_the_split_needs_are_refused() -> None:
    with pytest.raises(TableError, match=r"dataset\.split\.test: the table has 3 rows, too few"):
        split(np.array([0, 1, 0]), {"train": 0.7, "validation": 0.2, "test": 0.1}, seed=1, stratify=False)


def test_a_rare_class_cannot_be_stratified() -> None:
    with pytest.raises(TableError, match=r"the label's class 2 has 1 row, .* needs at least 3") as caught:
        split(np.array([0] * 10 + [1] * 10 + [2]), FRACTIONS, seed=1, stratify=True)
    assert "dataset.split.stratify: false" in str(caught.value.hint)

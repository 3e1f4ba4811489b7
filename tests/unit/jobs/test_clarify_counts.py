"""Counting rows into a sample and selecting them by value, against what each means cell by cell."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimen_jobs.clarify.measures import conditional_disparity
from specimen_jobs.clarify.sample import BLOCK, sample
from specimen_jobs.clarify.selection import ColumnType, column_type, select

TYPES = ("int8", "int64", "uint8", "float64", "object")
ROWS = st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.integers(0, 100)), min_size=1, max_size=40)


@settings(deadline=None)
@given(ROWS, st.sampled_from(TYPES), st.sampled_from([0, -100]))
def test_every_group_is_counted_as_it_is(rows: list[tuple[bool, bool, bool, int]], kind: str, least: int) -> None:
    sensitive, label, predicted, group = (np.array(column) for column in zip(*rows, strict=True))
    if kind != "uint8":
        group = group * 2 + least if kind != "int8" else group + least
    table = sample(sensitive, label, predicted, group.astype(kind)).table
    filled = [tuple(cells.ravel().tolist()) for cells in table if cells.any()]
    expected: dict[int, Counter[int]] = {}
    for number, name in enumerate(group.tolist()):
        cell = 4 * sensitive[number] + 2 * label[number] + predicted[number]
        expected.setdefault(name, Counter())[int(cell)] += 1
    assert sorted(filled) == sorted(tuple(cells[cell] for cell in range(8)) for cells in expected.values())
    assert not table[-1].any(), "no row is without a group"


@pytest.mark.parametrize("spread", [1, BLOCK])
def test_more_rows_than_a_block_are_all_counted(spread: int) -> None:
    rng = np.random.default_rng(spread)
    rows = 2 * BLOCK + 7
    sensitive, label, group = rng.random(rows) < 0.4, rng.random(rows) < 0.2, spread * rng.integers(-3, 3, rows)
    of = sample(sensitive, label, group=group)
    assert of.table.sum() == rows
    assert of.disadvantaged.positives == int((sensitive & label).sum())
    assert conditional_disparity(of, 2) == conditional_disparity(sample(sensitive, label, group=group.astype(str)), 2)


def test_groups_whose_numbers_span_the_whole_type_are_counted() -> None:
    group = np.array([np.iinfo("int64").min, np.iinfo("int64").max])
    assert sample(np.array([True, False]), np.array([True, True]), group=group).table.sum() == 2


@settings(deadline=None)
@given(
    st.lists(st.integers(-3, 3), min_size=1, max_size=20),
    st.sampled_from(TYPES[1:]),
    st.lists(st.sampled_from([-2, 0, 1.0, True, 2.5, "1", "x", "0.0"]), min_size=2, max_size=3),
)
def test_a_row_is_selected_when_it_equals_a_value(cells: list[int], kind: str, values: list[Any]) -> None:
    column = pd.Series(np.abs(cells) if kind == "uint8" else cells, dtype=kind, name="c")
    expected = column.astype(object).isin(values).to_numpy()
    if expected.any():
        np.testing.assert_array_equal(select(column, ColumnType.CATEGORICAL, values).rows, expected)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (np.arange(100) % 5, ColumnType.CONTINUOUS),
        (np.arange(100) % 4, ColumnType.CATEGORICAL),
        (np.arange(100) % 4 * 1000, ColumnType.CATEGORICAL),
        (np.array([np.iinfo("int64").min, np.iinfo("int64").max]), ColumnType.CONTINUOUS),
        (np.array([], dtype="int64"), ColumnType.CATEGORICAL),
    ],
)
def test_integers_are_continuous_from_one_distinct_value_in_twenty(cells: Any, kind: ColumnType) -> None:
    assert column_type(pd.Series(cells), [1]) is kind

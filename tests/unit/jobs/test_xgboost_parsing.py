"""Rows of numbers from CSV text, and hyperparameters from theirs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimen_jobs.container import JobError
from specimen_jobs.xgboost import tables
from specimen_jobs.xgboost.ranges import Choice, Integer, Interval, Nested, Real, Words

CELLS = st.one_of(st.just(""), st.floats(width=32, allow_nan=False, allow_infinity=False).map(str))


@settings(deadline=None)
@given(st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1)))
def test_csv_cells_are_read_as_python_reads_them(rows: list[list[str]]) -> None:
    text = "".join(",".join(row) + "\n" for row in rows).encode()
    found = tables.parse(tables.Block(text, 1), ",", "text")
    expected = np.array([[float(cell or "nan") for cell in row] for row in rows], dtype=np.float32)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["1", "\n", "\r\n"]), max_size=20).map("".join), st.integers(1, 7))
def test_blocks_hold_the_same_lines_wherever_the_pieces_end(text: str, size: int) -> None:
    raw = text.encode()
    found = list(tables.blocks(raw[start : start + size] for start in range(0, len(raw), size)))
    assert b"".join(block.text for block in found).rstrip(b"\r\n") == raw.rstrip(b"\r\n")
    rows = 1
    for block in found:
        assert block.first == rows
        rows += block.text.count(b"\n")


@pytest.mark.parametrize(("line", "mark"), [("1,2 3", ","), ("1;2", ";"), ("1\t2", "\t"), ("1 2", " "), ("12", ",")])
def test_the_delimiter_is_found_in_a_line(line: str, mark: str) -> None:
    assert tables.delimiter_of(line.encode()) == mark


def test_a_later_block_counts_its_rows_from_the_files_start() -> None:
    with pytest.raises(JobError, match=r"row 12, column 2: 'x' is not numeric$"):
        tables.parse(tables.Block(b"1,2\n3,x\n", 11), ",", "file")


@pytest.mark.parametrize(
    ("interval", "inside", "outside", "shown"),
    [
        (Interval(0, 1), [0, 0.5, 1], [-0.1, 1.1, math.nan], "[0, 1]"),
        (Interval(0, 1, low_open=True, high_open=True), [0.5], [0, 1], "(0, 1)"),
        (Interval(1), [1, math.inf], [0], "[1, inf)"),
        (Interval(), [-math.inf], [math.nan], "(-inf, inf)"),
    ],
)
def test_intervals(interval: Interval, inside: list[float], outside: list[float], shown: str) -> None:
    assert all(value in interval for value in inside)
    assert not any(value in interval for value in outside)
    assert str(interval) == shown


def test_kinds_read_text() -> None:
    assert Integer(Interval(1)).read("n", "3") == 3
    assert Real(Interval(0)).read("n", "1e-2") == 0.01
    assert Choice(("a", "b")).read("n", "b") == "b"
    assert Words(("auc", "error"), thresholds=("error",)).read("n", "auc, error@0.3") == ["auc", "error@0.3"]
    assert Nested(Interval(1), 2).read("n", "[[1, 2], [3]]") == "[[1, 2], [3]]"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Integer(Interval(1)), "0"),
        (Real(Interval(0)), "nan"),
        (Choice(("a",)), "b"),
        (Words(("error",), thresholds=("error",)), "error@high"),
        (Nested(Interval(1), 2), "[1]"),
        (Nested(Interval(1), 1), "[1"),
        (Nested(Interval(1), 1), "__import__('os')"),
        (Nested(Interval(1), 1), "{[]: 1}"),
        (Nested(Interval(1), 1), "-" * 10_000 + "1"),
    ],
)
def test_kinds_refuse_what_is_not_theirs(kind: Integer | Real | Choice | Words | Nested, text: str) -> None:
    with pytest.raises(JobError, match="Hyperparameter n: "):
        kind.read("n", text)

"""Rows of numbers from CSV and libsvm text."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimen_jobs.container import JobError
from specimen_jobs.xgboost import libsvm, tables
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


def test_libsvm_rows_have_labels_weights_and_missing_values() -> None:
    found = libsvm.parse("1:0.5 0:2 3:4 # a remark\n0 1:0\n", "text")
    assert found.labels.tolist() == [1, 0]
    assert found.weights is not None
    assert found.weights.tolist() == [0.5, 1]
    assert found.features.shape == (2, 4)
    assert found.features.nnz == 3, "a zero that is written is a value, not a missing one"


def test_libsvm_rows_of_a_request_need_no_label() -> None:
    found = libsvm.parse("1:2\n5 0:3 1:4\n\n", "text", labelled=False)
    assert found.features.toarray().tolist() == [[0, 2], [3, 4]]
    assert libsvm.widen(found.features, 3).shape == (2, 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 a:2", "row 1: 'a:2' is not <index>:<value>"),
        ("1 0:1\n1 2", "row 2: '2' is not <index>:<value>"),
        ("x 0:1", "row 1: 'x' is not <label>"),
        ("1 -1:2", "'-1:2' is not"),
        ("1 0.5:2", "'0.5:2' is not"),
        ("1 0:inf", "'0:inf' is not"),
        ("1 0:1\n\n1 0:2", "row 2 is empty"),
    ],
)
def test_bad_libsvm_text_is_refused_with_its_row(text: str, said: str) -> None:
    with pytest.raises(JobError) as refused:
        libsvm.parse(text, "text")
    assert said in str(refused.value)


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

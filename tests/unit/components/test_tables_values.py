"""Rows written from values."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from specimen_components.tables.values import append, is_whole, write


@pytest.mark.parametrize(
    ("values", "whole"),
    [([1, 2], True), ([1.0, -2.0], True), ([1.0, 0.5], False), ([2.0**53], False), ([1e300], False)],
)
def test_whole_numbers_are_told_from_others(values: list[float], whole: bool) -> None:
    assert is_whole(np.array(values)) == whole


def test_rows_are_appended_in_the_order_of_the_columns_with_all_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_bytes(b"1,0.50\n")
    rows = pd.DataFrame({"x": [0.1 + 0.2, 1e-7], "y": [2.0, -3.0]})
    append(rows, ["y", "x"], path)
    assert path.read_bytes() == b"1,0.50\n2,0.30000000000000004\n-3,1e-07\n"


def test_a_table_is_written_with_its_header(tmp_path: Path) -> None:
    rows = pd.DataFrame({"a,b": [1.0], "c": [0.5]})
    assert write(rows, tmp_path / "table.csv").read_bytes() == b'"a,b",c\n1,0.5\n'


def test_no_rows_add_nothing(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    append(pd.DataFrame({"x": np.array([], dtype=float)}), ["x"], path)
    assert path.read_bytes() == b""

"""The dataset, which of its rows are selected, and the predicted labels beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from specimen_jobs.clarify.config import Predictor
from specimen_jobs.clarify.dataset import read_dataset
from specimen_jobs.clarify.predictions import predicted_labels
from specimen_jobs.clarify.selection import ColumnType, column_type, select
from specimen_jobs.container import JobError


def put(folder: Path, text: str, name: str = "data.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_headers_are_read_from_the_data_when_none_are_given(tmp_path: Path) -> None:
    table = read_dataset(put(tmp_path, "y,x\n1,a\n0,b\n"), None)
    assert table.to_dict("list") == {"y": [1, 0], "x": ["a", "b"]}


def test_given_headers_name_data_without_a_header(tmp_path: Path) -> None:
    assert read_dataset(put(tmp_path, "1,2\n0,3\n"), ["y", "x"]).to_dict("list") == {"y": [1, 0], "x": [2, 3]}


def test_a_first_line_that_repeats_the_headers_is_no_data(tmp_path: Path) -> None:
    assert read_dataset(put(tmp_path, "y,x\n1,2\n"), ["y", "x"]).to_dict("list") == {"y": [1], "x": [2]}


def test_files_are_one_table_and_hidden_ones_none_of_it(tmp_path: Path) -> None:
    put(put(put(tmp_path, "y\n1\n", "a.csv"), "y\n2\n", "b.csv"), "y\n3\n", ".c.csv")
    assert read_dataset(tmp_path, None)["y"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("text", "headers", "said"),
    [
        ("", None, "no file with data"),
        ("y,x\n", None, "a header and no rows"),
        ("1,2,3\n", ["y", "x"], "data.csv has 3 columns, headers name 2"),
        ("y,y\n1,2\n", None, "names a column more than once"),
        ("y,x\n1,2\n1,2,3\n", None, "data.csv cannot be read as CSV"),
    ],
)
def test_a_dataset_that_is_no_table_is_refused(tmp_path: Path, text: str, headers: list[str] | None, said: str) -> None:
    with pytest.raises(JobError) as refused:
        read_dataset(put(tmp_path, text), headers)
    assert said in str(refused.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(b"\xff\xfe\x00,1\n")
    with pytest.raises(JobError, match=r"data\.csv cannot be read as CSV"):
        read_dataset(tmp_path, None)


@pytest.mark.parametrize(
    ("values", "asked", "kind"),
    [
        ([1, 2] * 20, [1], ColumnType.CONTINUOUS),
        ([1, 2] * 21, [1], ColumnType.CATEGORICAL),
        ([1, 2, 3], [1, 2], ColumnType.CATEGORICAL),
        ([1.0, 2.0] * 50, [1], ColumnType.CONTINUOUS),
        ([True, False], [True], ColumnType.CATEGORICAL),
        (["a", "b"], ["a"], ColumnType.CATEGORICAL),
        (["1", "2"], ["1"], ColumnType.CONTINUOUS),
    ],
)
def test_a_column_is_taken_by_its_type_and_its_distinct_values(
    values: list[Any], asked: list[Any], kind: ColumnType
) -> None:
    assert column_type(pd.Series(values), asked) is kind


@pytest.mark.parametrize(
    ("values", "asked", "rows", "text"),
    [
        ([1, 2, 3], [2, 3], [False, True, True], "2,3"),
        ([1, 2, 3], ["2"], [False, True, False], "2"),
        (["1", "2"], [2], [False, True], "2"),
        ([True, False], ["false"], [False, True], "false"),
        ([1.0, None, 2.0], [2], [False, False, True], "2"),
        (["a", "b"], ["c"], [False, False], "c"),
    ],
)
def test_values_are_compared_in_the_columns_type(
    values: list[Any], asked: list[Any], rows: list[bool], text: str
) -> None:
    selection = select(pd.Series(values), ColumnType.CATEGORICAL, asked)
    assert (selection.rows.tolist(), selection.text) == (rows, text)


def test_a_value_that_the_columns_type_cannot_hold_is_refused() -> None:
    with pytest.raises(JobError, match="cannot be compared with"):
        select(pd.Series([1, 2], name="x"), ColumnType.CATEGORICAL, ["high"])


@pytest.mark.parametrize(
    ("asked", "upto", "rows", "text"),
    [
        ([2], None, [False, False, True], "(2, 5]"),
        (["2.5"], None, [False, False, True], "(2.5, 5.0]"),
        ([2], 9, [False, False, True], "(2, 9]"),
        ([5], None, [False, False, False], ""),
        ([7], None, [False, False, False], "(5, 7]"),
    ],
)
def test_a_threshold_selects_what_is_above_it(asked: list[Any], upto: Any, rows: list[bool], text: str) -> None:
    selection = select(pd.Series([1, 2, 5]), ColumnType.CONTINUOUS, asked, upto)
    assert (selection.rows.tolist(), selection.text) == (rows, text)


def predicted(lines: list[str], threshold: float | None = None, label: list[Any] | None = None, **keys: Any) -> Any:
    predictor = Predictor("m", "ml.m5.large", 1, **keys)
    return predicted_labels(lines, predictor, threshold, pd.Series(label or [0, 1])).tolist()


def test_a_score_is_positive_above_the_threshold_and_not_at_it() -> None:
    assert predicted(["0.4", "0.5", "0.6"], 0.5) == [0, 0, 1]
    assert predicted(["0.4", "0.5", "0.6"]) == [0, 0, 1]
    assert predicted(["0.4", "0.5", "0.6"], 0.4) == [0, 1, 1]


def test_answers_that_are_labels_are_labels_without_a_threshold() -> None:
    assert predicted(["1.0", "0.0"]) == [1, 0]
    assert predicted(["b", "a"], label=["a", "b"]) == ["b", "a"]


def test_answers_beyond_probabilities_are_a_regressions_values() -> None:
    assert predicted(["3.5", "-1"], label=[1.5, 2.5]) == [3.5, -1.0]


def test_scores_of_several_classes_are_the_largest_ones_class() -> None:
    assert predicted(["0.1,0.2,0.7", "[0.5, 0.3, 0.2]"], label=[0, 1, 2]) == [2, 0]
    assert predicted(["0.1,0.9"], label=["no", "yes"], label_headers=("no", "yes")) == ["yes"]


def test_a_label_and_a_probability_stand_at_their_positions() -> None:
    assert predicted_labels(["b,0.9"], Predictor("m", "t", 1, label=0), None, pd.Series(["a", "b"])).tolist() == ["b"]
    assert predicted(["7,0.9", "7,0.2"], 0.5, probability=1) == [1, 0]


def test_headers_name_the_two_labels_of_a_score() -> None:
    assert predicted(["0.9", "0.1"], 0.5, label=["no", "yes"], label_headers=("no", "yes")) == ["yes", "no"]


@pytest.mark.parametrize(
    ("lines", "keys", "said"),
    [
        (["high"], {}, "'high', which is not a number"),
        (["0.1,0.9"], {"label_headers": ("a", "b", "c")}, "2 scores, label_headers has 3"),
        (["0.1"], {"probability": 1}, "'0.1', which has no position 1"),
    ],
)
def test_an_answer_that_is_something_else_is_refused(lines: list[str], keys: dict[str, Any], said: str) -> None:
    with pytest.raises(JobError) as refused:
        predicted(lines, **keys)
    assert said in str(refused.value)

"""The rows that explanations are counted against, as a file of the features alone."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from specimen_components.tables import baseline
from specimen_components.tables.errors import TableError

COLUMNS = ["y", "CODE", "x"]
ROWS = "0,1,0.5\n1,1,2.5\n0,3,\n1,2,10\n"


def written(folder: Path, asked: Any, rows: str = ROWS) -> str:
    train = pd.read_csv(io.StringIO(rows), names=COLUMNS)
    return baseline.write(train[COLUMNS[1:]], asked, 42, folder / "baseline.csv").read_text()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("median", "1.5,2.5\n"),
        ("mean", "1.75,4.333333333333333\n"),
        ([[1.0, 2.5], [3, 0]], "1,2.5\n3,0\n"),
    ],
)
def test_rows_hold_the_features_without_the_label(tmp_path: Path, asked: Any, expected: str) -> None:
    assert written(tmp_path, asked) == expected


def test_a_column_without_any_value_stays_empty(tmp_path: Path) -> None:
    assert written(tmp_path, "median", "0,1,\n1,4,\n") == "2.5,\n"


def test_clusters_are_rows_of_values_that_occur(tmp_path: Path) -> None:
    """However far apart the columns' scales are: each of three groups of rows gives its own middle."""
    rng = np.random.default_rng(0)
    rows = [(code, 100_000 * code + 10 * int(rng.integers(-9, 10))) for code in (1, 2, 4) for _ in range(50)]
    text = "".join(f"0,{code},{x}\n" for code, x in rows)
    found = written(tmp_path, {"kmeans": 3.0}, text)
    lines = sorted(tuple(map(int, line.split(","))) for line in found.splitlines())
    assert [code for code, _ in lines] == [1, 2, 4]
    assert {x for _, x in lines} <= {x for _, x in rows}
    assert [round(x, -5) for _, x in lines] == [100_000, 200_000, 400_000]
    assert written(tmp_path, {"kmeans": 3}, text) == found


def test_a_constant_column_has_no_say_in_the_clusters(tmp_path: Path) -> None:
    assert written(tmp_path, {"kmeans": 1}, "0,5,1\n1,5,1\n") == "5,1\n"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([[1, 2], [1, 2, 3]], r"explain.baseline\[1\]: the row has 3 values, and there are 2 features"),
        ({"kmeans": 2}, "k-means needs every value, and 'x' has missing ones"),
    ],
)
def test_what_does_not_fit_the_table_is_named(tmp_path: Path, asked: Any, said: str) -> None:
    with pytest.raises(TableError, match=said) as refused:
        written(tmp_path, asked)
    assert refused.value.hint


def test_more_clusters_than_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="2 rows of the training part cannot be 3 clusters"):
        written(tmp_path, {"kmeans": 3}, "0,1,2\n1,2,3\n")

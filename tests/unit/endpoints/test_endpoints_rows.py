"""Rows read in the formats that a table may have."""

import gzip
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from specimen.endpoints.manifests import Table
from specimen.endpoints.rows import Given, read
from specimen.errors import SpecimenError


def table(columns: list[str], label: str = "y", drop: tuple[str, ...] = (), **encode: Any) -> Table:
    encoding = {"source_columns": columns, "label": label, "drop": list(drop), "encode": encode, "impute": {}}
    return Table("s3://bucket/manifest.json", {"encoding": {**encoding, "classes": None}})


DIGITS = table(["y", "1", "2", "3", "4"], drop=("3",))


@pytest.mark.parametrize("name", ["x", "test_x"])
def test_images_of_an_npz_are_rows(tmp_path: Path, name: str) -> None:
    """Flattened row by row; what was dropped is left out."""
    arrays: dict[str, Any] = {name: np.arange(8, dtype=np.uint8).reshape(2, 2, 2), "test_y": [0, 1]}
    np.savez(tmp_path / "digits.npz", **arrays)
    frame = read(Given(str(tmp_path / "digits.npz"), ()), DIGITS)
    assert frame.to_dict("list") == {"1": [0, 4], "2": [1, 5], "4": [3, 7]}


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"z": np.ones((2, 4))}, "of its arrays `z` none is rows"),
        ({"x": np.ones(4)}, "of its arrays `x` none is rows"),
        ({"x": np.ones((2, 5))}, "a row has 5 numbers, and the table 4"),
        ({"x": np.array([[None]])}, "this is no npz that can be read"),
    ],
)
def test_an_npz_of_something_else_is_refused(tmp_path: Path, arrays: dict[str, Any], said: str) -> None:
    np.savez(tmp_path / "digits.npz", **arrays)
    with pytest.raises(SpecimenError, match=said) as raised:
        read(Given(str(tmp_path / "digits.npz"), ()), DIGITS)
    assert raised.value.hint == "give an array `x` or `test_x` of rows × features, saved by numpy.savez_compressed"


def test_a_pickle_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "digits.npz").write_bytes(pickle.dumps({"x": 1}))
    with pytest.raises(SpecimenError, match="this is no npz that can be read"):
        read(Given(str(tmp_path / "digits.npz"), ()), DIGITS)


@pytest.mark.parametrize("name", ["rows.libsvm", "rows.svm.gz"])
def test_what_a_line_of_libsvm_does_not_name_is_missing(tmp_path: Path, name: str) -> None:
    lines = b"0 1:5 4:2\n1 2:1.5\n"
    (tmp_path / name).write_bytes(gzip.compress(lines) if name.endswith("gz") else lines)
    frame = read(Given(str(tmp_path / name), ()), DIGITS)
    assert frame.fillna(-1).to_dict("list") == {"1": [5, -1], "2": [-1, 1.5], "4": [2, -1]}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.libsvm", b"0 1:x\n", "line 1: "),
        ("rows.parquet", b"PAR1", "this is not a readable Parquet file"),
        ("rows.csv", b"\x1f\x8b damaged", "the gzip file is damaged"),
    ],
)
def test_a_damaged_file_is_said_to_be(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SpecimenError, match=said) as raised:
        read(Given(str(tmp_path / name), ()), DIGITS)
    assert str(tmp_path / name) in str(raised.value)
    assert "dataset.source" not in str(raised.value)


def test_codes_may_be_written_as_text(tmp_path: Path) -> None:
    """Where the table's categories were numbers; and numbers where they were text."""
    import pandas as pd

    codes = table(["a", "b"], a={"method": "ordinal", "values": [1, 2]}, b={"method": "ordinal", "values": ["1", "x"]})
    pd.DataFrame({"a": ["2", "1"], "b": [1, 1]}).to_parquet(tmp_path / "rows.parquet")
    assert read(Given(str(tmp_path / "rows.parquet"), ()), codes).to_dict("list") == {"a": [2, 1], "b": [1, 1]}


def test_a_code_of_digits_is_the_text_that_the_table_held() -> None:
    """Though all rows that are asked about hold numbers, as a single one easily does."""
    code = table(["code", "age"], code={"method": "ordinal", "values": ["01", "1.50", "A1"]})
    frame = read(Given(None, ("01,3", "1.50,4", ",5")), code)
    assert frame["code"].fillna("").tolist() == ["01", "1.50", ""]
    assert frame["age"].tolist() == [3, 4, 5]


def test_a_missing_value_is_no_unknown_category() -> None:
    city = table(["city", "age"], city={"method": "onehot", "values": ["Bonn"]})
    frame = read(Given(None, (",3", "Bonn,")), city)
    assert frame["city"].isna().tolist() == [True, False]

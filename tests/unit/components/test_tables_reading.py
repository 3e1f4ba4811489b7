"""What is wrong with a table is said with its spec key, column and row."""

from pathlib import Path

import pytest
from specimen_components.tables import reading
from specimen_components.tables.errors import TableError
from specimen_components.tables.request import Request, parse
from specimen_components.tables.sources import Source
from specimen_components.tables.transforming import transform

SPLIT = {"train": 0.5, "validation": 0.25, "test": 0.25, "seed": 1, "stratify": True}


def asked(**members: object) -> Request:
    return parse({"label": "y", "split": SPLIT, **members})


def table(folder: Path, text: str | bytes) -> Path:
    path = folder / "t.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refusal(folder: Path, text: str | bytes, request: Request) -> TableError:
    with pytest.raises(TableError) as caught:
        transform([Source("dataset.source", "t.csv", table(folder, text))], request, folder)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "dataset.source: the table is empty"),
        ("y,a\n", "dataset.source: the table has a header but no rows"),
        ("y,a,y\n1,2,3\n", "duplicate column 'y': columns 1 and 3 share this name"),
        ("y,,a\n1,2,3\n", "column 2 has no name"),
        ("y,a\n1,2,3\n", "row 1 has 3 fields, and the header has 2"),
        ("y,a\n" + "1,2\n0,3\n" * 4 + "1,2,3\n", "row 9 has 3 fields, and the header has 2"),
        ("y,a\n" + "1,2\n0,3\n" * 4 + "1\n", "row 9 has 1 field, and the header has 2"),
        ("y,a\n1,2\n0,3\n1,2\n", "the label's class 0 has 1 row, and a stratified split into 3 parts"),
        ("y,a\n1,2\n0,NA\n0,x\n", "column 'a', row 2: text 'NA' where a number is expected (2 such rows)"),
        ("y,a\n1,True\n0,False\n", "column 'a', row 1: text 'True' where a number is expected"),
        ("y,a\n1,2\n0,-inf\n", "column 'a', row 2: infinite value -inf (1 such row)"),
        ("y,a\n1,2\n1,3\n", "dataset.label: column 'y' has one class: every row is 1"),
        ("y,a\n1,2\n,3\n0,1\n", "dataset.label: column 'y' has no value in 1 row, the first being row 2"),
        (b"y,a\n1,\xff\xfe\n", "is not readable CSV"),
    ],
)
def test_a_bad_table_is_one_clear_message(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert message in str(refusal(tmp_path, text, asked()))


def test_a_damaged_field_far_down_is_a_message(tmp_path: Path) -> None:
    text = b"y,a\n" + b"1,2\n0,3\n" * 20_000 + b"1,\xff\n"
    assert "is not readable CSV" in str(refusal(tmp_path, text, asked()))


@pytest.mark.parametrize(
    ("members", "message", "hint"),
    [
        ({"label": "Y "}, "dataset.label: the table has no column 'Y '", "Did you mean 'y'?"),
        ({"drop": ["y2", "SXE"]}, "dataset.drop[0]: the table has no column 'y2'", "The table's columns: y, SEX"),
        ({"facets": {"SXE": {"values": [1]}}}, "bias.facets.SXE: the table has no column", "Did you mean 'SEX'?"),
        ({"group": "age"}, "bias.group: the table has no column 'age'", "Did you mean 'AGE'?"),
    ],
)
def test_a_missing_column_is_named_with_the_closest_match(
    tmp_path: Path, members: dict[str, object], message: str, hint: str
) -> None:
    error = refusal(tmp_path, "y,SEX,AGE\n1,2,3\n0,1,2\n", asked(**members))
    assert message in str(error)
    assert hint in str(error.hint)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"facets": {"SEX": {"values": [1, 3]}}}, "bias.facets.SEX: the value 3 never occurs in column 'SEX'"),
        ({"facets": {"SEX": {"values": [1, 2]}}}, "every row of column 'SEX' is 1 or 2"),
        ({"facets": {"AGE": {"above": 40}}}, "no row of column 'AGE' is above 40"),
        ({"favorable": {"values": [2]}}, "bias.favorable: the value 2 never occurs in column 'y'"),
        ({"group": "G"}, "bias.group: column 'G' has no value in 1 row, the first being row 2"),
        ({"facets": {"G": {"values": [1]}}}, "bias.facets.G: column 'G' has no value in 1 row"),
    ],
)
def test_a_facet_must_divide_the_rows(tmp_path: Path, members: dict[str, object], message: str) -> None:
    error = refusal(tmp_path, "y,SEX,AGE,G\n1,2,30,1\n0,1,20,\n", asked(**members))
    assert message in str(error)


def test_a_facet_value_that_is_no_number_is_refused() -> None:
    with pytest.raises(TableError, match=r"bias.facets.SEX: 'male' is no number") as caught:
        asked(facets={"SEX": {"values": ["male"]}})
    assert "as numbers" in (caught.value.hint or "")


def test_missing_values_stay_missing_and_dropped_columns_may_be_text(tmp_path: Path) -> None:
    path = table(tmp_path, "id,y,a\nx1,1,\nx2,0,2.5\n")
    frame = reading.read_numbers(path, ["id", "y", "a"], ("id",))
    assert list(frame.columns) == ["y", "a"]
    assert frame["a"].isna().tolist() == [True, False]


def test_a_byte_order_mark_and_long_integers_are_read(tmp_path: Path) -> None:
    path = table(tmp_path, "\ufeffy,a\n1,99999999999999999999999\n0,2\n")
    assert reading.read_header(path) == ["y", "a"]
    assert reading.read_numbers(path, ["y", "a"], ())["a"].tolist() == [1e23, 2.0]

"""Rows of numbers as lines: whatever the numbers, what is written is read as the same again."""

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.datasets import load_svmlight_file
from specimen_components.tables.lines import Form, Writer
from specimen_components.tables.pixels import pixels
from specimen_components.tables.wide import wide

KINDS = st.sampled_from([np.int8, np.uint8, np.int16, np.int32, np.int64, np.uint64, np.float32, np.float64])
FLOATS = {"allow_infinity": False, "allow_nan": True, "allow_subnormal": True}


def columns(rows: int) -> st.SearchStrategy[list[Any]]:
    def column(kind: Any) -> st.SearchStrategy[Any]:
        elements = FLOATS if np.dtype(kind).kind == "f" else {}
        few = st.integers(0, 9).map(kind)
        return arrays.arrays(kind, rows, elements=elements) | arrays.arrays(kind, rows, elements=few)

    return st.lists(KINDS.flatmap(column), min_size=1, max_size=5)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(1, 12))
    label = draw(
        arrays.arrays(np.int16, rows) | arrays.arrays(np.float64, rows, elements={"min_value": -9, "max_value": 9})
    )
    return pd.DataFrame({"y": label} | dict(enumerate(draw(columns(rows)))))


def number(text: str, dtype: Any) -> Any:
    """What a reader of this type makes of a text."""
    return int(text) if dtype.kind in "iu" else float(dtype.type(text))


def everything(frame: pd.DataFrame, form: Form) -> bytes:
    return Writer(frame, form).text(np.arange(len(frame)))


@given(frame=tables())
def test_csv_is_read_as_the_same_numbers(frame: pd.DataFrame) -> None:
    lines = everything(frame, Form.CSV).decode().splitlines()
    assert len(lines) == len(frame)
    for line, row in zip(lines, frame.itertuples(index=False), strict=True):
        for field, value, dtype in zip(line.split(","), row, frame.dtypes, strict=True):
            assert field == "" if np.isnan(value) else number(field, dtype) == value


@given(frame=tables())
def test_libsvm_is_read_as_the_same_numbers_without_zeros(frame: pd.DataFrame) -> None:
    """But for the two zeros that stand around them, by which indices and widths are the same to every reader."""
    lines = everything(frame, Form.LIBSVM).decode().splitlines()
    assert len(lines) == len(frame)
    for line, (label, *values) in zip(lines, frame.itertuples(index=False), strict=True):
        head, first, *pairs, last = line.split(" ")
        assert float(head) == label
        assert (first, last) == ("0:0", f"{len(values) + 1}:0")
        found = {int(index): text for index, _, text in (pair.partition(":") for pair in pairs)}
        expected = {index: value for index, value in enumerate(values, 1) if value != 0 and not np.isnan(value)}
        assert found.keys() == expected.keys()
        assert list(found) == sorted(found)
        for index, value in expected.items():
            assert number(found[index], frame.dtypes.iloc[index]) == value


@given(
    matrix=arrays.arrays(
        st.sampled_from([np.uint8, np.int8, np.int16]), st.tuples(st.integers(1, 9), st.integers(1, 9))
    ),
    form=st.sampled_from(list(Form)),
    data=st.data(),
)
def test_the_quick_way_writes_what_the_general_one_writes(matrix: Any, form: Form, data: st.DataObject) -> None:
    frame = pd.DataFrame(matrix, copy=False)
    frame.insert(0, "y", data.draw(arrays.arrays(np.uint8, len(matrix))))
    quick = pixels(frame, form)
    rows = np.array(data.draw(st.lists(st.integers(0, len(matrix) - 1), min_size=1)))
    if np.ptp(matrix.astype(int)) * matrix.shape[1] < 2**20:
        assert quick is not None
        assert quick.text(rows) == Writer(frame, form).text(rows)


@given(frame=tables(), data=st.data())
def test_the_way_for_many_columns_writes_what_is_read_as_the_same(frame: pd.DataFrame, data: st.DataObject) -> None:
    """The same features and numbers in each line as the general way writes, if not always in the same digits."""
    rows = np.array(data.draw(st.lists(st.integers(0, len(frame) - 1), min_size=1)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("specimen_components.tables.wide.LEAST", 1)
        found = wide(frame)
    if found is None:
        assert len({dtype.kind for dtype in frame.dtypes.iloc[1:]}) > 1  # whole numbers that no other type holds
        return
    quick, general = (own.text(rows).decode().splitlines() for own in (found, Writer(frame, Form.LIBSVM)))
    assert [numbers(line) for line in quick] == [numbers(line) for line in general]


def numbers(line: str) -> list[tuple[str, np.float32]]:
    """The label, and the indices of a line with their values as XGBoost has them."""
    pairs = (pair.partition(":") for pair in line.split(" "))
    with np.errstate(over="ignore"):
        return [(index, np.float32(value or "0")) for index, _, value in pairs]


def test_scikit_learn_reads_what_is_written_of_images() -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (50, 30), dtype=np.uint8) * random.integers(0, 2, (50, 30), dtype=np.uint8)
    frame = pd.DataFrame(images, copy=False)
    frame.insert(0, "y", random.integers(0, 10, 50))
    quick = pixels(frame, Form.LIBSVM)
    assert quick is not None
    read, labels = load_svmlight_file(io.BytesIO(quick.text(np.arange(50))), zero_based=True)
    assert np.array_equal(read.toarray()[:, 1:-1], images)
    assert np.array_equal(labels, frame["y"])


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"y": [0, 1], "a": [1, 2], "b": [0.5, 1.0]}),
        pd.DataFrame({"y": [0.5, 1.0], "a": [1, 2]}),
        pd.DataFrame({"y": [0, 1]}),
    ],
    ids=["fractions", "a label of fractions", "no features"],
)
def test_other_tables_have_no_quick_way(frame: pd.DataFrame) -> None:
    assert pixels(frame, Form.LIBSVM) is None


def test_whole_numbers_have_no_point_but_where_it_is_asked_for() -> None:
    frame = pd.DataFrame({"y": [0.0, 1.0], "a": [3.0, np.nan], "b": [1, 20_000], "c": [0.5, 1.0]})
    rows = np.arange(2)
    assert Writer(frame, Form.CSV).text(rows) == b"0,3,1,0.5\n1,,20000,1\n"
    assert Writer(frame, Form.CSV, ["y", "a", "b", "c"]).text(rows) == b"0.0,3.0,1.0,0.5\n1.0,,20000.0,1\n"

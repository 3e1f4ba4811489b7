"""Footers of Parquet files, which are read without pyarrow."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimen.spec.load import PARQUET, Header, read_header
from specimen.spec.parquet import columns, footer

TABLES = {
    "plain": pa.table({"a": [1, 2], "b c": ["x", None], "größe": [0.5, 1.5]}),
    "wide": pa.table({f"column{number}": [number] for number in range(300)}),
    "nested": pa.table({"a": [{"x": 1, "y": [{"z": 1}]}], "b": [[1, 2]], "c": [True]}),
    "decimal": pa.table({"a": pa.array([1], pa.decimal128(10, 2)), "t": pa.array([0], pa.timestamp("us"))}),
    "empty": pa.table({"a": pa.array([], pa.int64())}),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("compression", ["snappy", "none"])
def test_columns_are_those_that_pyarrow_reads(name: str, compression: str, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(TABLES[name], path, compression=compression)
    assert read_header(path, PARQUET) == Header(tuple(pq.read_schema(path).names))


def test_what_is_no_parquet_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    for content in (b"", b"PAR1", b"a,b\n1,2\n"):
        path.write_bytes(content)
        assert read_header(path, PARQUET).problem == "cannot be read: it is no parquet: it does not end as one"
    path.write_bytes(b"PAR1" + (5).to_bytes(4, "little") + b"PAR1")
    assert "it is no parquet" in (read_header(path, PARQUET).problem or "")
    path.write_bytes(b"\xff\xff\xff\x7fPAR1")
    assert read_header(path, PARQUET) == Header()


def described(tmp_path: Path) -> bytes:
    path = tmp_path / "a.parquet"
    pq.write_table(TABLES["nested"], path)
    content = path.read_bytes()
    return content[-8 - footer(content[-8:]) : -8]


def test_a_footer_that_is_cut_off_is_said(tmp_path: Path) -> None:
    """It is whole from where its schema ends."""
    content, named = described(tmp_path), 0
    for length in range(len(content)):
        try:
            assert columns(content[:length]) == ("a", "b", "c")
            named += 1
        except ValueError as error:
            assert "it is no parquet" in str(error)
            assert not named
    assert named


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_whatever_a_footer_holds_is_columns_or_a_problem(content: bytes) -> None:
    try:
        assert all(isinstance(name, str) for name in columns(content))
    except ValueError as error:
        assert "it is no parquet" in str(error)

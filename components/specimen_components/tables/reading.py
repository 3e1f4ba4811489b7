"""CSV file → checked column names and a frame of numbers."""

import csv
import io
import sys
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.tables.blocks import is_one_line, plain
from specimen_components.tables.errors import TableError, closest, counted, shown
from specimen_components.tables.request import Request
from specimen_components.tables.workers import ordered

BLOCK = 2**22  # bytes that are parsed by themselves
ROWS = 50_000  # that are parsed at a time: memory is used anew for each block, which is quicker than touching more
Values = npt.NDArray[np.generic]


def records(text: TextIO) -> Iterator[list[str]]:
    """Give the fields of each line of CSV, however long they are; a blank line has none."""
    csv.field_size_limit(sys.maxsize)
    return csv.reader(text)


def read_header(path: Path) -> list[str]:
    """Return the column names of a CSV file.

    Raises:
        TableError: the file is empty, is not UTF-8, or a column has no name or the name of another.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = records(file)
            header = next(rows, [])
            first = next(rows, None)
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(error) from error
    if not header or first is None:
        what = "the table has a header but no rows" if header else "the table is empty"
        raise TableError(f"dataset.source: {what}", hint="Give a CSV file with a header line and rows of numbers.")
    check_names(header)
    if first and len(first) > len(header):
        raise _ragged(1, len(first), len(header))
    return header


def check_names(header: Sequence[str]) -> None:
    """Refuse a column without a name, or with the name of another; raise `TableError`."""
    for name, count in Counter(header).items():
        if not name.strip():
            raise TableError(
                f"dataset.source: column {header.index(name) + 1} has no name",
                hint="Name every column in the header line; a table without a header is not read.",
            )
        if count > 1:
            places = [str(index + 1) for index, column in enumerate(header) if column == name]
            raise TableError(
                f"dataset.source: duplicate column {shown(name)}: columns {' and '.join(places)} share this name",
                hint="Rename or remove one of them in the table.",
            )


def check_columns(header: Sequence[str], request: Request) -> None:
    """Refuse a spec that names a column which the table does not have.

    Raises:
        TableError: with the spec key, the column, and the closest match.
    """
    for key, column in request.named_columns():
        if column not in header:
            near = closest(column, header)
            meant = f"Did you mean {shown(near)}? " if near else ""
            listed = ", ".join(header[:12]) + (", …" if len(header) > 12 else "")
            raise TableError(
                f"{key}: the table has no column {shown(column)}", hint=f"{meant}The table's columns: {listed}."
            )


def read_numbers(path: Path, header: list[str], dropped: tuple[str, ...], text: Container[str] = ()) -> pd.DataFrame:
    """Return every column that is kept, as numbers of the narrowest type; an empty field is missing (NaN).

    A column of `text` may hold any text, and is all text where it holds some.

    Raises:
        TableError: the file is no CSV, a field is text where it may not be, or a number is infinite.
    """
    kept = [column for column in header if column not in dropped]
    try:
        numbers = _parsed(path, header, kept, text)
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise _unreadable(error) from error
    for column, values in numbers.items():
        refuse_infinite(column, values)
    return pd.DataFrame(numbers, copy=False)


def _parsed(path: Path, header: list[str], kept: list[str], text: Container[str]) -> dict[str, Values]:
    """Return the columns; one that holds more than numbers somewhere is read again, as text."""
    try:
        held = _held(_side_by_side(path, header, kept), kept)
    except (_NotPlain, pd.errors.ParserError, UnicodeDecodeError):  # read from its start, a table says where it is bad
        held = _held(_blocks(path, kept), kept)
    return {column: _joined(path, column, held.pop(column), column in text) for column in kept}


def _held(blocks: Iterator[pd.DataFrame], kept: list[str]) -> dict[str, list[Values]]:
    held: dict[str, list[Values]] = {column: [] for column in kept}
    for block in blocks:
        for column in kept:
            held[column].append(narrowed(block[column].to_numpy()))
    return held


class _NotPlain(Exception):
    """A table that cannot be cut into blocks without reading it."""


def _side_by_side(path: Path, header: list[str], kept: list[str]) -> Iterator[pd.DataFrame]:
    """Yield the blocks of a table without quotes, which are parsed each by itself; else raise `_NotPlain`."""
    options = {**_OPTIONS, "header": None, "names": header, "usecols": kept, "index_col": False}
    with path.open("rb") as file:
        if not is_one_line(file.readline()):
            raise _NotPlain
        yield from ordered(lambda block: pd.read_csv(io.BytesIO(block), **options), plain(file, BLOCK))
        if file.read(1):
            raise _NotPlain


def _joined(path: Path, column: str, blocks: list[Values], text: bool) -> Values:
    if all(values.dtype.kind in "iuf" for values in blocks):
        return np.concatenate(blocks)
    return read_text(path, column) if text else _numeric(path, column)


def read_text(path: Path, column: str) -> Values:
    """Return a column as it stands in the file, in which 01 is not 1; an empty field is missing (NaN)."""
    return _text(path, column).to_numpy(dtype=object)


def narrowed(values: Values) -> Values:
    """Return integers in the fewest bytes that hold them all, and anything else as it is."""
    if values.dtype.kind != "i":
        return values
    least, most = values.min(), values.max()
    for narrow in (np.int8, np.int16, np.int32):
        if np.iinfo(narrow).min <= least and most <= np.iinfo(narrow).max:
            return values.astype(narrow)
    return values


_CSV = "Give comma-separated rows with as many fields as the header has."


# Only an empty field is a missing value: what is written "NA" or "?" would reach the training job as text.
_OPTIONS: dict[str, Any] = {
    "encoding": "utf-8-sig",
    "keep_default_na": False,
    "na_values": [""],
    "low_memory": False,
}


def _blocks(path: Path, columns: list[str], dtype: type[str] | None = None) -> Iterator[pd.DataFrame]:
    with pd.read_csv(path, chunksize=ROWS, usecols=columns, dtype=dtype, **_OPTIONS) as blocks:
        yield from blocks


def _unreadable(error: Exception) -> TableError:
    return TableError(f"dataset.source: the table is not readable CSV: {error}", hint=f"{_CSV} Save it in UTF-8.")


def _ragged(row: int, fields: int, expected: int) -> TableError:
    return TableError(
        f"dataset.source: row {row} has {counted(fields, 'field')}, and the header has {expected}", hint=_CSV
    )


def _text(path: Path, column: str) -> "pd.Series[str]":
    return pd.concat(_blocks(path, [column], str))[column]


def _numeric(path: Path, column: str) -> Values:
    """Return a column as numbers, or say which row holds text."""
    return as_numbers(_text(path, column))


def as_numbers(text: "pd.Series[Any]") -> Values:
    """Return a column of text as numbers; raise `TableError`, which says what row holds something else."""
    column = str(text.name)
    numbers = pd.to_numeric(text, errors="coerce")
    if (wrong := (numbers.isna() & text.notna()).to_numpy()).any():
        row = int(wrong.argmax())
        raise TableError(
            f"dataset.source: column {shown(column)}, row {row + 1}: text {shown(text.iloc[row])} where a number "
            f"is expected ({counted(int(wrong.sum()), 'such row')})",
            hint=f"Write numbers, leave a missing value empty, add {shown(column)} to dataset.drop, or name it in "
            "dataset.encode (the label as ordinal), which makes numbers of text.",
        )
    return numbers.to_numpy(dtype="float64")


def refuse_infinite(column: str, values: Values) -> None:
    """Refuse a column in which a number is infinite; raise `TableError`, which says where."""
    if values.dtype.kind != "f":
        return
    if (wrong := np.isinf(values)).any():
        row = int(wrong.argmax())
        raise TableError(
            f"dataset.source: column {shown(column)}, row {row + 1}: infinite value {values[row]} "
            f"({counted(int(wrong.sum()), 'such row')})",
            hint="Replace it by a finite number, or leave the field empty if the value is missing.",
        )

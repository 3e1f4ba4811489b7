"""CSV file → checked column names and a frame of numbers."""

import csv
from collections import Counter
from pathlib import Path

import pandas as pd

from specimen_components.tables.errors import TableError, closest, counted, shown
from specimen_components.tables.request import Request


def read_header(path: Path) -> list[str]:
    """Return the column names of a CSV file.

    Raises:
        TableError: the file is empty, is not UTF-8, or a column has no name or the name of another.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            header = next(rows, [])
            first = next(rows, None)
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(error) from error
    _check_header(header, first)
    return header


def _check_header(header: list[str], first: list[str] | None) -> None:
    if not header or first is None:
        what = "the table has a header but no rows" if header else "the table is empty"
        raise TableError(f"dataset.source: {what}", hint="Give a CSV file with a header line and rows of numbers.")
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
    if first and len(first) > len(header):
        raise _ragged(1, len(first), len(header))


def check_columns(header: list[str], request: Request) -> None:
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


def read_numbers(path: Path, header: list[str], dropped: tuple[str, ...]) -> pd.DataFrame:
    """Return every column that is kept, as numbers; an empty field is missing (NaN).

    Raises:
        TableError: the file is no CSV, a field is text, or a number is infinite.
    """
    kept = [column for column in header if column not in dropped]
    try:
        frame = _read(path, usecols=kept)
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise _unreadable(error) from error
    numbers = {column: _numeric(path, column, frame[column]) for column in kept}
    for column, values in numbers.items():
        _refuse_infinite(column, values)
    return pd.DataFrame(numbers, copy=False)


_CSV = "Give comma-separated rows with as many fields as the header has."


def _read(path: Path, **options: object) -> pd.DataFrame:
    # Only an empty field is a missing value: what is written "NA" or "?" would reach the training job as text.
    return pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False, na_values=[""], low_memory=False, **options)  # type: ignore[call-overload,no-any-return]


def _unreadable(error: Exception) -> TableError:
    return TableError(f"dataset.source: the table is not readable CSV: {error}", hint=f"{_CSV} Save it in UTF-8.")


def _ragged(row: int, fields: int, expected: int) -> TableError:
    return TableError(
        f"dataset.source: row {row} has {counted(fields, 'field')}, and the header has {expected}", hint=_CSV
    )


def _numeric(path: Path, column: str, values: "pd.Series[float]") -> "pd.Series[float]":
    """Return the column as numbers, or say which row holds text."""
    if values.dtype.kind in "iuf":
        return values
    text = _read(path, usecols=[column], dtype=str)[column]
    numbers = pd.to_numeric(text, errors="coerce")
    if (wrong := (numbers.isna() & text.notna()).to_numpy()).any():
        row = int(wrong.argmax())
        raise TableError(
            f"dataset.source: column {shown(column)}, row {row + 1}: text {shown(text.iloc[row])} where a number "
            f"is expected ({counted(int(wrong.sum()), 'such row')})",
            hint=f"Write numbers, leave a missing value empty, or add {shown(column)} to dataset.drop.",
        )
    return numbers.astype("float64")


def _refuse_infinite(column: str, values: "pd.Series[float]") -> None:
    if values.dtype.kind != "f":
        return
    if (wrong := values.abs().to_numpy() == float("inf")).any():
        row = int(wrong.argmax())
        raise TableError(
            f"dataset.source: column {shown(column)}, row {row + 1}: infinite value {values.iloc[row]} "
            f"({counted(int(wrong.sum()), 'such row')})",
            hint="Replace it by a finite number, or leave the field empty if the value is missing.",
        )

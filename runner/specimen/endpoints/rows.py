"""Rows to ask about, read from a file in any format that a table may have, in the columns that the table had."""

import csv
import gzip
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from specimen_components.tables import libsvm, parquet, reading
from specimen_components.tables.categories import coded
from specimen_components.tables.errors import TableError, located

from specimen.endpoints.manifests import Table
from specimen.errors import SpecimenError, UsageError
from specimen.spec.formats import format_of
from specimen.spec.words import any_of, closest, listed, several, shown

STDIN = "-"
GZIP = b"\x1f\x8b"
ARRAYS = ("x", "test_x")  # of an npz, the first that there is
ROWS = "give rows in the table's columns, below a line with their names; leave a field empty where a value is missing"


@dataclass(frozen=True)
class Given:
    """What was given: a file, or ``-`` for the standard input; or single rows in the table's order."""

    file: str | None
    rows: tuple[str, ...]

    @property
    def name(self) -> str:
        """How errors call it."""
        if self.file is None:
            return "--row"
        return "the standard input" if self.file == STDIN else self.file


def read(given: Given, table: Table) -> pd.DataFrame:
    """The rows, in the columns that the model's features are made from.

    Raises:
        UsageError: the file cannot be read.
        SpecimenError: it holds something else; where, and what to do.
    """
    with TemporaryDirectory(prefix="specimen-") as folder, _said(given.name):
        if given.file is None:
            path, form = _typed(given.rows, table, Path(folder) / "rows.csv"), None
        else:
            path, form = _fetched(given.file, Path(folder) / "rows"), format_of(given.file)
        frame = _READERS[form](path, given.name, table)
        _refuse_unseen(frame, given.name, table)
        return frame


@contextmanager
def _said(name: str) -> Iterator[None]:
    try:
        with located(name):
            yield
    except TableError as error:
        raise SpecimenError(str(error), hint=ROWS) from error
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror or error}") from error


def _fetched(file: str, target: Path) -> Path:
    """Give a file of the rows as they are, unpacked."""
    content = sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    if content.startswith(GZIP):
        try:
            content = gzip.decompress(content)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise SpecimenError(f"{file}: the gzip file is damaged: {error}", hint="pack it again") from error
    target.write_bytes(content)
    return target


def _typed(rows: Sequence[str], table: Table, target: Path) -> Path:
    """Write single rows below the names of their columns."""
    fields = [next(csv.reader([row]), []) for row in rows]
    headers = {len(columns): columns for columns in (table.columns, table.asked)}
    for number, row in enumerate(fields, 1):
        if len(row) not in headers or len(row) != len(fields[0]):
            raise SpecimenError(
                f"--row {number} has {_counted(len(row))}, and the table {_counted(len(table.asked))} to ask for",
                hint=f"they are {several(table.asked)}, in this order; or all {len(table.columns):,} of the table, "
                "with the label and what was dropped",
            )
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headers[len(fields[0])], *fields])
    return target


def _counted(fields: int) -> str:
    return f"{fields:,} field{'s' * (fields != 1)}"


def _csv(path: Path, name: str, table: Table) -> pd.DataFrame:
    _refuse_ragged(path, name)
    header = reading.read_header(path)
    _check_columns(header, name, table)
    unasked = tuple(column for column in header if column not in table.asked)
    encode: Mapping[str, Mapping[str, Any]] = table.encoding["encode"]
    frame = reading.read_numbers(path, header, unasked, encode)
    for column in frame.columns.intersection(list(encode)):
        if any(isinstance(value, str) for value in encode[column]["values"]):  # 01 is no 1 there
            frame[column] = reading.read_text(path, column)
    return frame


def _refuse_ragged(path: Path, name: str) -> None:
    """Refuse a line that has not as many fields as the first: what is missing would count as missing values."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = reading.records(file)
        try:
            wide = len(next(lines, []))
            row = 0
            for fields in lines:
                row += bool(fields)
                if fields and len(fields) != wide:
                    what = f"{name}, row {row}: it has {_counted(len(fields))}, and the line of names {wide:,}"
                    raise SpecimenError(what, hint=ROWS)
        except csv.Error as error:
            raise SpecimenError(f"{name}, row {row + 1}: this is no CSV: {error}", hint=ROWS) from error


def _libsvm(path: Path, name: str, table: Table) -> pd.DataFrame:
    label = table.encoding["label"]
    columns = [label, *(column for column in table.columns if column != label)]
    return _csv(libsvm.as_csv(path, name, columns, path.with_suffix(".csv")), name, table)


def _parquet(path: Path, name: str, table: Table) -> pd.DataFrame:
    header = parquet.read_header(path)
    _check_columns(header, name, table)
    unasked = [column for column in header if column not in table.asked]
    return parquet.read_columns(path, header, unasked, table.encoding["encode"])


def _npz(path: Path, name: str, table: Table) -> pd.DataFrame:
    hint = f"give an array {any_of(ARRAYS)} of rows × features, saved by numpy.savez_compressed"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = next((arrays[one] for one in ARRAYS if one in arrays), None)
            there = list(arrays)
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, AttributeError) as error:
        raise SpecimenError(f"{name}: this is no npz that can be read: {error}", hint=hint) from error
    if found is None or found.ndim < 2 or found.dtype.kind not in "biuf":
        raise SpecimenError(f"{name}: of its arrays {listed(there) if there else 'none'} none is rows", hint=hint)
    features = [column for column in table.columns if column != table.encoding["label"]]
    matrix = found.reshape(len(found), -1)
    if matrix.shape[1] != len(features):
        raise SpecimenError(
            f"{name}: a row has {matrix.shape[1]:,} numbers, and the table {len(features):,}", hint=hint
        )
    return pd.DataFrame(matrix, columns=features)[list(table.asked)]


_READERS = {None: _csv, "libsvm": _libsvm, "parquet": _parquet, "npz": _npz}


def _check_columns(header: Sequence[str], name: str, table: Table) -> None:
    if missing := [column for column in table.asked if column not in header]:
        strange = [column for column in header if column not in table.columns]
        near = closest(missing[0], strange)
        meant = f"is it `{near}`? " if near else ""
        raise SpecimenError(
            f"{name}: it lacks the column{'s' * (len(missing) > 1)} {several(missing)}",
            hint=f"{meant}the model was trained on {several(table.asked)}; the first line names the columns",
        )
    if strange := [column for column in header if column not in table.columns]:
        raise SpecimenError(
            f"{name}: the table that the model was trained on has no column {listed(strange[:3], word='or')}",
            hint=f"leave it out; its columns are {several(table.columns)}",
        )


def _refuse_unseen(frame: pd.DataFrame, name: str, table: Table) -> None:
    """Refuse a category that the training part did not hold: the model cannot tell it from a missing value."""
    encode: Mapping[str, Mapping[str, Any]] = table.encoding["encode"]
    for column in table.asked:
        if column not in encode:
            continue
        known = encode[column]["values"]
        values = frame[column].to_numpy()
        if values.dtype.kind == "O" and not any(isinstance(value, str) for value in known):
            values = pd.to_numeric(frame[column], errors="coerce").to_numpy()
        wrong = (coded(values, known) < 0) & frame[column].notna().to_numpy()
        if wrong.any():
            row = int(wrong.argmax())
            value = shown(frame[column].iloc[[row]].tolist()[0], short=True)
            raise SpecimenError(
                f"{name}, row {row + 1}: column `{column}` holds {value}, which the model was not trained on",
                hint=f"it knows {several(list(map(str, known)))}; leave the field empty where the value is missing",
            )
        frame[column] = values

"""Rows of numbers from Parquet files: the label first, then the features; null is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from specimen_jobs.container import JobError
from specimen_jobs.xgboost.tables import Floats

ROWS: Final = 2**16  # that are read at a time


def read(files: Iterable[tuple[Path, str]]) -> Iterator[tuple[str, Floats]]:
    """Yield rows of files as float32, some at a time, each with what errors call its file.

    Raises:
        JobError: a file is not Parquet, has other columns than the first, or a column that holds no numbers or an
            infinite one.
    """
    first: Sequence[str] | None = None
    for path, name in files:
        columns = None
        for columns, rows in _read(path, name):
            if first not in (None, columns):
                raise JobError(f"{name} has the columns {', '.join(columns)}; the first file {', '.join(first or ())}")
            yield name, rows
        first = first or columns


def _read(path: Path, name: str) -> Iterator[tuple[Sequence[str], Floats]]:
    import pyarrow
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            first = 1
            for batch in file.iter_batches(ROWS, use_threads=False):
                yield file.schema_arrow.names, _floats(batch, name, first)
                first += batch.num_rows
    except (pyarrow.ArrowException, OSError) as error:
        raise JobError(f"{name} cannot be read as Parquet: {error}") from None


def _floats(batch: Any, name: str, first: int) -> Floats:
    rows = np.empty((batch.num_rows, batch.num_columns), dtype=np.float32)
    for place, (column, values) in enumerate(zip(batch.schema.names, batch.columns, strict=True)):
        rows[:, place] = _column(values, f"{name}, column {column}")
        infinite = np.flatnonzero(np.isinf(rows[:, place]))
        if infinite.size:
            row = first + int(infinite[0])
            raise JobError(f"{name}, row {row}, column {column} is infinite or beyond a 32-bit float")
    return rows


def _column(values: Any, where: str) -> Floats:
    import pyarrow
    from pyarrow import types

    kind = values.type
    if not (types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind) or types.is_decimal(kind)):
        raise JobError(f"{where} holds {kind}, not numbers")
    if types.is_boolean(kind):
        values = values.cast(pyarrow.uint8())
    with np.errstate(over="ignore"):
        floats: Floats = values.cast(pyarrow.float64()).to_numpy(zero_copy_only=False).astype(np.float32)
    return floats

"""A table in Apache Parquet, read a column at a time; and parts written as such files, block by block."""

from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from specimen_components.tables import reading
from specimen_components.tables.errors import TableError, counted, shown

_FORM = "Give a Parquet file of plain columns: numbers, and text where dataset.encode names the column."


def read_header(path: Path) -> list[str]:
    """Return the column names of a Parquet file; raise `TableError` when it is none, or has no rows."""
    with _opened(path) as file:
        names = [file.schema_arrow.field(index).name for index in range(len(file.schema_arrow))]
        if not names or file.metadata.num_rows == 0:
            raise TableError("dataset.source: the table has no rows", hint=_FORM)
    reading.check_names(names)
    return names


def read_columns(path: Path, header: Sequence[str], dropped: Container[str], text: Container[str]) -> pd.DataFrame:
    """Return every column that is kept, numbers in their narrowest type; a null is missing (NaN, or None in text).

    A column of `text` may hold text.

    Raises:
        TableError: the file is damaged, a column holds something else, or a number is infinite.
    """
    with _opened(path) as file:
        columns = {name: _column(file, name, name in text) for name in header if name not in dropped}
        return pd.DataFrame(columns, copy=False)


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except (pa.ArrowException, OSError, ValueError) as error:
        raise TableError(f"dataset.source: this is not a readable Parquet file: {error}", hint=_FORM) from error


def _column(file: pq.ParquetFile, name: str, text: bool) -> npt.NDArray[Any]:
    column = file.read(columns=[name]).column(name)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        found = column.cast(pa.string()).to_pandas()
        return found.to_numpy(dtype=object) if text else reading.as_numbers(found.rename(name))
    if pa.types.is_boolean(kind):
        column = column.cast(pa.uint8())
    elif pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        column = column.cast(pa.float64())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise TableError(
            f"dataset.source: column {shown(name)} holds {column.type}, and no numbers ({counted(len(column), 'row')})",
            hint=f"{_FORM} Write the column as such, or add {shown(name)} to dataset.drop.",
        )
    values = reading.narrowed(np.asarray(column.to_pandas()))
    reading.refuse_infinite(name, values)
    return values


class Writer:
    """Writes rows of numbers to one file, a row group a block; missing values are nulls."""

    def __init__(self, path: Path, frame: pd.DataFrame) -> None:
        fields = [(str(name), _type(frame[name].dtype)) for name in frame]
        self._schema = pa.schema(fields)
        self._writer = pq.ParquetWriter(path, self._schema)

    def write(self, rows: pd.DataFrame) -> None:
        """Write rows with the columns of the frame that this was made for."""
        self._writer.write_table(pa.Table.from_pandas(rows, schema=self._schema, preserve_index=False))

    def close(self) -> None:
        """End the file; without that it cannot be read."""
        self._writer.close()


def _type(dtype: Any) -> Any:
    if dtype.kind == "f":
        return pa.float32() if dtype.itemsize == 4 else pa.float64()
    if dtype == np.uint64:
        return pa.uint64()
    return pa.int64() if dtype.itemsize > 4 or dtype == np.uint32 else pa.int32()

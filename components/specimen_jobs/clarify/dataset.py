"""The dataset a job analyses: one or more CSV files of one table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from specimen_jobs.container import JobError, log

if TYPE_CHECKING:
    import pandas as pd


def read_dataset(folder: Path, headers: Sequence[str] | None) -> pd.DataFrame:
    """Return the table in a folder; without headers, each file's first line names the columns.

    A first line that repeats the given headers is one too.

    Raises:
        JobError: no data, columns that do not fit the headers, or text that is not CSV.
    """
    import pandas as pd

    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "_")))
    files = [path for path in files if path.stat().st_size]
    if not files:
        raise JobError(f"The dataset is empty: no file with data in {folder}")
    table = pd.concat([_read(path, headers) for path in files], ignore_index=True)
    if table.empty:
        raise JobError("The dataset is empty: it has a header and no rows")
    log(f"Dataset: {len(table)} rows, {table.shape[1]} columns, {len(files)} file(s)")
    return table


def _read(path: Path, headers: Sequence[str] | None) -> pd.DataFrame:
    import pandas as pd

    first = _first_line(path)
    own = headers is None or first == list(headers)
    columns = first if headers is None else list(headers)
    if len(first) != len(columns):
        raise JobError(f"{path.name} has {len(first)} columns, headers name {len(columns)}")
    if len(set(columns)) != len(columns):
        raise JobError(f"{path.name}: the header names a column more than once")
    try:
        return pd.read_csv(
            path,
            header=None,
            names=columns,
            index_col=False,
            skiprows=1 if own else 0,
            skipinitialspace=True,
            low_memory=False,
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise JobError(f"{path.name} cannot be read as CSV: {error}") from None


def _first_line(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [cell.strip() for cell in next(csv.reader(file), [])]
    except (UnicodeDecodeError, csv.Error) as error:
        raise JobError(f"{path.name} cannot be read as CSV: {error}") from None

"""Rows written from values, where there are no lines to copy."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

_EXACT = 2.0**53  # whole numbers below are exact in floating point


def is_whole(values: npt.NDArray[Any]) -> bool:
    """Say whether all values are whole numbers; none may be missing."""
    return values.dtype.kind != "f" or bool(((values == np.rint(values)) & (np.abs(values) < _EXACT)).all())


def write(rows: pd.DataFrame, path: Path) -> Path:
    """Write a CSV file with its header; numbers are written as `append` does."""
    rows.iloc[:0].to_csv(path, index=False, lineterminator="\n")
    append(rows, list(rows.columns), path)
    return path


def append(rows: pd.DataFrame, columns: Sequence[str], path: Path) -> None:
    """Write rows to the end of a CSV file, with their columns in this order and no header.

    Numbers keep all their digits; the whole ones of a column that holds no others are written without a point.
    """
    written = {column: _shortest(rows[column].to_numpy()) for column in columns}
    pd.DataFrame(written).to_csv(path, mode="a", index=False, header=False, lineterminator="\n")


def _shortest(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values.astype(np.int64) if values.dtype.kind == "f" and is_whole(values) else values

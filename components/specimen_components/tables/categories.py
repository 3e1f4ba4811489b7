"""The values of a column that are names: text, or numbers that stand for something."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Category = str | int | float


def distinct(values: npt.NDArray[Any]) -> list[Category]:
    """Return the values that occur, sorted; a missing one is none of them. Whole numbers are integers."""
    if values.dtype.kind == "O":
        return sorted({value for value in as_text(values) if value is not None})
    known = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    found: list[Category] = [_plain(value) for value in np.unique(known).tolist()]
    return found


def coded(values: npt.NDArray[Any], categories: Sequence[Category]) -> npt.NDArray[np.intp]:
    """Return each value's place among the categories, -1 where it is none of them; numbers may be written as text."""
    if any(isinstance(category, str) for category in categories):
        known: pd.Index[Any] = pd.Index(np.array(categories, dtype=object))
        return known.get_indexer(pd.Index(as_text(values)))
    numbers: pd.Index[Any] = pd.Index(np.array(categories))
    return numbers.get_indexer(pd.Index(pd.to_numeric(pd.Series(values), errors="coerce")))


def as_text(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return values as text, and None where there is none; a whole number is written without a point."""
    if values.dtype.kind == "O":
        texts = values.copy()
        texts[pd.isna(values)] = None
        return texts
    return np.array([None if value != value else str(_plain(value)) for value in values.tolist()], dtype=object)


def name(category: Category) -> str:
    """Return a category as it stands in the name of a column."""
    return category if isinstance(category, str) else f"{category:.15g}"


def _plain(value: Any) -> int | float:
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(value) if whole or isinstance(value, (bool, int)) else value

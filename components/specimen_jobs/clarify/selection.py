"""Which rows a facet or label selects: values of a categorical column, or what lies above a continuous one's threshold.

Whether a column is categorical or continuous follows Clarify's own rule, which looks at its type and at how many of its
values are distinct.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from specimen_jobs.clarify.sample import Bools
from specimen_jobs.container import JobError

if TYPE_CHECKING:
    import pandas as pd

CONTINUOUS_FROM: Final = 0.05  # distinct values over values


class ColumnType(Enum):
    """How a column's values are compared with those asked for."""

    CATEGORICAL = "CATEGORICAL"
    CONTINUOUS = "CONTINUOUS"


@dataclass(frozen=True)
class Selection:
    """The rows that are selected, and how analysis.json names them."""

    rows: Bools
    text: str


def column_type(column: pd.Series[Any], values: Sequence[Any] | None) -> ColumnType:
    """Return how Clarify takes a column: several values make it categorical, a float type continuous."""
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype) or (values is not None and len(values) > 1):
        return ColumnType.CATEGORICAL
    if pd.api.types.is_bool_dtype(column.dtype):
        return ColumnType.CATEGORICAL
    if pd.api.types.is_float_dtype(column.dtype):
        return ColumnType.CONTINUOUS
    return ColumnType.CONTINUOUS if _varied(column) and _holds_integers(column) else ColumnType.CATEGORICAL


def _varied(column: pd.Series[Any]) -> bool:
    """Tell whether enough of the values are distinct; integers of a narrow range cannot be, and need no counting."""
    present = int(column.count())
    if present == 0:
        return False
    whole = isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu"
    if whole and int(column.max()) - int(column.min()) + 1 < CONTINUOUS_FROM * present:
        return False
    return column.nunique() / present >= CONTINUOUS_FROM


def _holds_integers(column: pd.Series[Any]) -> bool:
    import pandas as pd

    if pd.api.types.is_integer_dtype(column.dtype):
        return True
    try:
        column.astype("int64")
    except (TypeError, ValueError):
        return False
    return True


def select(column: pd.Series[Any], kind: ColumnType, values: Sequence[Any], upto: Any = None) -> Selection:
    """Return the rows that have one of the values, or lie in (threshold, max].

    Args:
        upto: the largest value of a continuous column, when it is not this column's own.

    Raises:
        JobError: the values do not fit the column.
    """
    if kind is ColumnType.CATEGORICAL:
        return Selection(_categorical(column, values), ",".join(map(str, values)))
    return _above(column, values, upto)


def _above(column: pd.Series[Any], values: Sequence[Any], upto: Any) -> Selection:
    import pandas as pd

    if not values:
        raise JobError(f"Threshold values must be provided for continuous features: {column.name} has none")
    try:
        threshold = values[0] if isinstance(values[0], int | float) else float(values[0])
    except ValueError:
        raise JobError(
            "Facet/label value provided must be a single numeric threshold for continuous data: "
            f"{values[0]!r} for {column.name}"
        ) from None
    numbers = pd.to_numeric(column)
    largest = numbers.max() if upto is None else upto
    breaks = [threshold] if abs(largest) == threshold else sorted([threshold, largest])
    intervals = pd.IntervalIndex.from_breaks(breaks)
    rows = np.zeros(len(numbers), dtype=np.bool_)
    for interval in intervals:
        rows |= ((numbers > interval.left) & (numbers <= interval.right)).to_numpy(dtype=np.bool_)
    return Selection(rows, ",".join(map(str, intervals)))


def _categorical(column: pd.Series[Any], values: Sequence[Any]) -> Bools:
    """Return the rows that equal a value; when none does, the values are tried as the column's own type."""
    rows = _equal(column, values)
    if rows.any() or not values:
        return rows
    present = column.dropna().head(1).astype(object)
    if present.empty or type(values[0]) is type(present.iloc[0]):
        return rows
    return _equal(column, _converted(values, present.iloc[0], str(column.name)))


def _equal(column: pd.Series[Any], values: Sequence[Any]) -> Bools:
    """Return the rows that equal a value; a text equals no number."""
    if not isinstance(column.dtype, np.dtype) or column.dtype.kind not in "biuf":
        return column.astype(object).isin(list(values)).to_numpy(dtype=np.bool_)
    cells = column.to_numpy()
    rows = np.zeros(len(cells), dtype=np.bool_)
    for value in values:
        if not isinstance(value, str):
            rows |= cells == value
    return rows


def _converted(values: Sequence[Any], like: Any, name: str) -> list[Any]:
    read: Callable[[Any], Any]
    match like:
        case bool() | np.bool_():
            read = _truth
        case str():
            read = str
        case _:
            read = float
    try:
        return [read(value) for value in values]
    except ValueError:
        raise JobError(
            f"Column {name} holds values like {like!r}, which {list(values)!r} cannot be compared with"
        ) from None


def _truth(value: Any) -> bool:
    return value.lower() == "true" if isinstance(value, str) else bool(value)

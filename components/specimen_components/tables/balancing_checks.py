"""Can a training part be balanced as the spec asks?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy.typing as npt
import pandas as pd

from specimen_components.tables.errors import TableError, counted, shown
from specimen_components.tables.summary import named

KEY = "dataset.balance"
CATEGORIES = 200  # at most in one column: each is a dimension of the space that neighbours are searched in
_LISTED = 12  # columns in a message


def refuse_incomplete(training: pd.DataFrame) -> None:
    """Refuse missing values, of which a new row could not be made; raise `TableError`, which names the columns."""
    missing = {str(column): count for column in training if (count := int(training[column].isna().sum()))}
    if missing:
        listed = [f"{shown(name)} ({counted(count, 'row')})" for name, count in missing.items()]
        more = [f"and {counted(len(listed) - _LISTED, 'more column')}"] if len(listed) > _LISTED else []
        raise TableError(
            f"{KEY}: SMOTE makes new rows of whole ones, and values are missing in the training part: "
            f"{', '.join([*listed[:_LISTED], *more])}",
            hint="Set dataset.impute to median or most_frequent, fill the values in, or drop the columns.",
        )


def refuse_continuous(column: str, values: npt.NDArray[Any], most: int) -> None:
    """Refuse distinct `values` of a column that are more than `most` groups, or only one; raise `TableError`."""
    if len(values) > most:
        raise TableError(
            f"{KEY}: column {shown(column)} takes {len(values):,} distinct values from {values[0]:g} to "
            f"{values[-1]:g}: it is continuous, and rows are grouped by at most {most} values",
            hint="Balance on a column of few values, or add one to the table that sorts these into few.",
        )
    if len(values) == 1:
        raise TableError(
            f"{KEY}: column {shown(column)} is {named(values[0])} in every row of the training part, so that there are "
            "no groups to balance",
            hint="Balance on another column, or remove dataset.balance.",
        )


def refuse_small(sizes: Mapping[str, int], neighbors: int) -> None:
    """Refuse a group that has to grow and is too small for a row of it to have that many neighbours.

    Raises:
        TableError: it says how many rows there are, and how many neighbours they allow.
    """
    for name, size in sizes.items():
        if size <= neighbors and size < max(sizes.values()):
            lower = f"Set {KEY}.neighbors to at most {size - 1}, or give" if size > 1 else "Give"
            raise TableError(
                f"{KEY}.neighbors: the training part has {counted(size, 'row')} of {name}, and {neighbors} neighbours "
                f"of a row need at least {neighbors + 1}",
                hint=f"{lower} the table more such rows, or balance on something else.",
            )


def refuse_categories(training: pd.DataFrame, columns: Sequence[str], asked: Mapping[str, str]) -> None:
    """Refuse categories that are too many in one column, and columns that are all categories.

    `asked` gives each categorical column the spec key that makes it one. Raises `TableError`.
    """
    for column in columns:
        if column in asked and (distinct := training[column].nunique()) > CATEGORIES:
            raise TableError(
                f"{asked[column]}: column {shown(column)} holds categories, {distinct:,} different ones, and {KEY} "
                f"can do with {CATEGORIES} in a column",
                hint="Name a column of fewer values, or sort these into fewer in the table.",
            )
    if set(columns) <= set(asked):
        raise TableError(
            f"{KEY}: all columns are categories, and SMOTE needs at least one number that it can vary",
            hint="Take a column out of dataset.categorical, or remove dataset.balance.",
        )

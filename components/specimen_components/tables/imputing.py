"""Missing values filled in with what the training part's rows hold, in every part."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.progress import say
from specimen_components.tables.errors import TableError, counted, shown
from specimen_components.tables.request import Request


def imputed(frame: pd.DataFrame, parts: npt.NDArray[np.int8], request: Request) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Fill in every missing value with its column's median or most frequent value in the training part (part 0).

    Categories always get the most frequent one, of equally frequent ones the least. Given with the table is the
    manifest's section `impute`.

    Raises:
        TableError: a column has no value in the training part.
    """
    missing = {str(column): count for column in frame if (count := int(frame[column].isna().sum()))}
    categories = request.categories()
    found = {}
    for column, rows in missing.items():
        method = "most_frequent" if column in categories else str(request.impute)
        found[column] = _filling(column, frame[column].to_numpy()[parts == 0], method)
        say(f"imputing: column {shown(column)}: {found[column]:.15g} ({method}) in {counted(rows, 'row')}")
    described = {
        "method": request.impute,
        "columns": {column: {"value": value, "rows": missing[column]} for column, value in found.items()},
    }
    return frame.fillna(found), described


def fillings(frame: pd.DataFrame, parts: npt.NDArray[np.int8], request: Request) -> dict[str, float]:
    """Return what a missing value of each feature is filled in with, also where none is missing yet.

    The `frame` has been imputed. A whole number is one.
    """
    categories, training = request.categories(), parts == 0
    found = {}
    for column in frame.columns.drop(request.label):
        method = "most_frequent" if column in categories else str(request.impute)
        value = _filling(str(column), frame[column].to_numpy()[training], method)
        found[str(column)] = int(value) if value.is_integer() else value
    return found


def _filling(column: str, values: npt.NDArray[Any], method: str) -> float:
    known = values[~np.isnan(values)]
    if not len(known):
        raise TableError(
            f"dataset.impute: column {shown(column)} has no value in any of the training part's "
            f"{counted(len(values), 'row')}, so that there is nothing to fill in",
            hint="Drop the column, or fill it in in the table.",
        )
    if method == "median":
        return float(np.median(known))
    distinct, numbers = np.unique(known, return_counts=True)
    return float(distinct[numbers.argmax()])

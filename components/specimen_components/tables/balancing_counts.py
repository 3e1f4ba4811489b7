"""Who is in the training part before and after it is balanced: rows, classes, facets, and both together."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.tables.request import Request, Selection
from specimen_components.tables.summary import MOST, groups, named


def counts(rows: pd.DataFrame, request: Request) -> dict[str, Any]:
    """Count the rows, the label's classes, each facet's groups, and the classes within each group.

    A label of many values, which is no class, is not counted.
    """
    label = rows[request.label].to_numpy()
    facets = {facet.column: groups(rows[facet.column].to_numpy(), facet) for facet in _facets(request)}
    classes, codes = np.unique(label, return_inverse=True)
    classified = len(classes) <= MOST
    return {
        "rows": len(rows),
        "label": _tally(label) if classified else {},
        "facets": {column: _tally(values) for column, values in facets.items()},
        "cells": {column: _cells(values, classes, codes) for column, values in facets.items()} if classified else {},
    }


def _facets(request: Request) -> tuple[Selection, ...]:
    """Return the facets of `bias`, and before them the one that is balanced, by its single values."""
    if request.balance is None or request.balance.facet is None:
        return request.facets
    balanced = request.balance.facet
    others = tuple(facet for facet in request.facets if facet.column != balanced)
    return (Selection("dataset.balance.facet", balanced, (), None), *others)


def _tally(values: npt.NDArray[Any]) -> dict[str, int]:
    found, numbers = np.unique(values, return_counts=True)
    return {named(value): int(number) for value, number in zip(found, numbers, strict=True)}


def _cells(
    values: npt.NDArray[Any], classes: npt.NDArray[Any], codes: npt.NDArray[np.intp]
) -> dict[str, dict[str, int]]:
    """Count the classes, given as their codes, within each value."""
    found, own = np.unique(values, return_inverse=True)
    table = np.bincount(own * len(classes) + codes, minlength=len(found) * len(classes))
    return {
        named(value): {named(one): int(number) for one, number in zip(classes, row, strict=True)}
        for value, row in zip(found, table.reshape(len(found), -1), strict=True)
    }

"""The training part of a table, balanced: its groups, the rows that are made for them, and what is said of it all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.progress import say
from specimen_components.tables import balancing_checks
from specimen_components.tables.balancing_counts import counts
from specimen_components.tables.request import Balance, Request
from specimen_components.tables.summary import MOST, named
from specimen_components.tables.values import is_whole


def balanced(training: pd.DataFrame, request: Request, balance: Balance) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make rows until every group of the training part is as large as its largest.

    Given are the rows to add, in the columns of the others, and the manifest's section `balance`.

    Raises:
        TableError: values are missing, a facet is continuous, or a group is too small for its rows' neighbours.
    """
    balancing_checks.refuse_incomplete(training)
    by = balance.columns(request.label)
    groups = _grouped(training, by, {request.label: max(MOST, request.classes or 0)})
    sizes = np.bincount(groups.codes, minlength=len(groups.names))
    balancing_checks.refuse_small(dict(zip(groups.names, map(int, sizes), strict=True)), balance.neighbors)
    columns, asked = tuple(column for column in training.columns if column not in by), request.categories()
    balancing_checks.refuse_categories(training, columns, asked)
    categorical = tuple(column for column in columns if column in asked)
    whole = [column for column in columns if column not in asked and is_whole(training[column].to_numpy())]
    method = "SMOTENC" if categorical else "SMOTE"
    say(f"balancing by {method}" + (f"; categorical: {', '.join(categorical)}" if categorical else ""))
    added, recall = training.iloc[:0], 1.0
    if sizes.min() < sizes.max():
        added, recall = _added(training, groups.codes, columns, categorical, balance.neighbors, request.seed)
        added[whole] = added[whole].round()  # a number lies between the same two still
    _tell(groups, sizes, recall)
    described = {
        "method": method.lower(),
        "by": list(by),
        "neighbors": balance.neighbors,
        "seed": request.seed,
        "added": len(added),
        "categorical": list(categorical),
        "whole": whole,
        "recall": recall,
        "before": counts(training, request),
        "after": counts(pd.concat([training, added]), request),
    }
    return added, described


@dataclass(frozen=True)
class _Groups:
    """Each row's group, numbered from 0, and the groups' names for messages."""

    codes: npt.NDArray[np.intp]
    names: tuple[str, ...]


def _grouped(training: pd.DataFrame, by: Sequence[str], most: Mapping[str, int]) -> _Groups:
    """Tell the groups apart; `most` says of a column that may have more than the usual number of values how many."""
    codes: npt.NDArray[np.intp] = np.zeros(len(training), dtype=np.intp)
    names = [""]
    for column in by:
        values, own = np.unique(training[column].to_numpy(), return_inverse=True)
        balancing_checks.refuse_continuous(column, values, most.get(column, MOST))
        codes = codes * len(values) + own
        names = [f"{name}, {column} {named(value)}".removeprefix(", ") for name in names for value in values]
    return _Groups(codes, tuple(names))


def _added(
    training: pd.DataFrame,
    groups: npt.NDArray[np.intp],
    columns: Sequence[str],
    categorical: Sequence[str],
    neighbors: int,
    seed: int,
) -> tuple[pd.DataFrame, float]:
    """Make the rows that all groups are short of, and give the recall of the search for neighbours."""
    from specimen_components.tables.balancing import synthesise  # takes seconds to import, and is seldom needed

    values = training[list(columns)].to_numpy(np.float64)
    made = synthesise(values, groups, [columns.index(column) for column in categorical], neighbors, seed)
    _, first = np.unique(groups, return_index=True)
    rows = training.iloc[first[made.groups]].reset_index(drop=True)  # as all of the group in the columns that make it
    rows[list(columns)] = made.rows
    return rows, made.recall


def _tell(groups: _Groups, sizes: npt.NDArray[np.intp], recall: float) -> None:
    for name, size in zip(groups.names, sizes, strict=True):
        if size < sizes.max():
            say(f"balancing: {name}: {size:,} rows, {sizes.max() - size:,} added")
    if recall < 1:
        say(f"balancing: the search for neighbours was approximate and finds {recall:.1%} of them")

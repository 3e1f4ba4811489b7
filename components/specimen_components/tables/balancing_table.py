"""The training part of a table, balanced: its groups, the rows that are made for them, and what is said of it all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.progress import say
from specimen_components.tables import balancing_checks
from specimen_components.tables.balancing import shortages, synthesise
from specimen_components.tables.balancing_counts import counts
from specimen_components.tables.request import Balance, Request
from specimen_components.tables.summary import named
from specimen_components.tables.values import is_whole


@dataclass(frozen=True)
class _Groups:
    """Each row's group, numbered from 0, and the groups' names for messages."""

    codes: npt.NDArray[np.intp]
    names: tuple[str, ...]


def balanced(training: pd.DataFrame, request: Request, balance: Balance) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make rows until every group of the training part is as large as its largest.

    Given are the rows to add, in the columns of the others, and the manifest's section `balance`.

    Raises:
        TableError: values are missing, a facet is continuous, or a group is too small for its rows' neighbours.
    """
    balancing_checks.refuse_incomplete(training)
    by = balance.columns(request.label)
    groups = _grouped(training, by)
    sizes = np.bincount(groups.codes, minlength=len(groups.names))
    balancing_checks.refuse_small(dict(zip(groups.names, map(int, sizes), strict=True)), balance.neighbors)
    columns, asked = [column for column in training.columns if column not in by], request.categories()
    balancing_checks.refuse_categories(training, columns, asked)
    categorical = [column for column in columns if column in asked]
    method = "SMOTENC" if categorical else "SMOTE"
    say(f"balancing by {method}" + (f"; categorical: {', '.join(categorical)}" if categorical else ""))
    whole = [column for column in training.columns if is_whole(training[column].to_numpy())]
    added, recall = _added(training, groups, columns, categorical, whole, balance.neighbors, request.seed)
    described = {
        "method": method.lower(),
        "by": list(by),
        "neighbors": balance.neighbors,
        "seed": request.seed,
        "added": len(added),
        "categorical": categorical,
        "whole": [column for column in columns if column in whole and column not in categorical],
        "recall": recall,
        "before": counts(training, request),
        "after": counts(pd.concat([training, added]), request),
    }
    return added, described


def _grouped(training: pd.DataFrame, by: Sequence[str]) -> _Groups:
    codes: npt.NDArray[np.intp] = np.zeros(len(training), dtype=np.intp)
    names = [""]
    for column in by:
        values, own = np.unique(training[column].to_numpy(), return_inverse=True)
        balancing_checks.refuse_continuous(column, values)
        codes = codes * len(values) + own
        names = [f"{name}, {column} {named(value)}".removeprefix(", ") for name in names for value in values]
    return _Groups(codes, tuple(names))


def _added(
    training: pd.DataFrame,
    groups: _Groups,
    columns: Sequence[str],
    categorical: Sequence[str],
    whole: Sequence[str],
    neighbors: int,
    seed: int,
) -> tuple[pd.DataFrame, float]:
    """Make the rows that all groups are short of, and give the least recall of the searches for neighbours."""
    made, recall = [training.iloc[:0]], 1.0
    places = [columns.index(column) for column in categorical]
    for group, short in shortages(groups.codes).items():
        own = np.flatnonzero(groups.codes == group)
        values = np.column_stack([training[column].to_numpy()[own].astype(np.float64) for column in columns])
        found = synthesise(values, places, short, neighbors, seed)
        recall = min(recall, found.recall)
        say(f"balancing: {groups.names[group]}: {len(own):,} rows, {short:,} added{_searched(found.recall)}")
        by_column = dict(zip(columns, found.rows.T, strict=True))
        made.append(
            pd.DataFrame(
                {
                    column: _whole(by_column[column], column in whole)
                    if column in by_column
                    else np.full(short, training[column].to_numpy()[own[0]])
                    for column in training.columns
                }
            )
        )
    return pd.concat(made[1:] or made, ignore_index=True), recall


def _whole(values: npt.NDArray[np.float64], whole: bool) -> npt.NDArray[Any]:
    """Round to the nearest whole number where the column holds no others: it lies between the same two rows still."""
    return np.rint(values).astype(np.int64) if whole else values


def _searched(recall: float) -> str:
    return f" (the search was approximate and finds {recall:.1%} of the neighbours)" if recall < 1 else ""

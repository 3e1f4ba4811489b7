"""The training part of a table, balanced: its groups, the rows that are made for them, and what is said of it all."""

from collections.abc import Mapping, Sequence
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
    whole = frozenset(column for column in training.columns if is_whole(training[column].to_numpy()))
    method = "SMOTENC" if categorical else "SMOTE"
    say(f"balancing by {method}" + (f"; categorical: {', '.join(categorical)}" if categorical else ""))
    added, recall = _added(_Maker(training, columns, categorical, whole, balance.neighbors, request.seed), groups)
    described = {
        "method": method.lower(),
        "by": list(by),
        "neighbors": balance.neighbors,
        "seed": request.seed,
        "added": len(added),
        "categorical": list(categorical),
        "whole": [column for column in columns if column in whole and column not in categorical],
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


@dataclass(frozen=True)
class _Maker:
    """Makes rows of a training part: `columns` vary within a group, of which some are `categorical`."""

    training: pd.DataFrame
    columns: tuple[str, ...]
    categorical: tuple[str, ...]
    whole: frozenset[str]
    neighbors: int
    seed: int

    def rows(self, own: npt.NDArray[np.intp], short: int) -> tuple[pd.DataFrame, float]:
        """Make as many rows as are `short` from a group's `own`, and give the recall of the search for neighbours."""
        held = {column: self.training[column].to_numpy()[own] for column in self.training.columns}
        values = np.column_stack([held[column].astype(np.float64) for column in self.columns])
        places = [self.columns.index(column) for column in self.categorical]
        found = synthesise(values, places, short, self.neighbors, self.seed)
        made = {column: self._rounded(column, found.rows[:, place]) for place, column in enumerate(self.columns)}
        rows = {column: made.get(column, np.full(short, values[0])) for column, values in held.items()}
        return pd.DataFrame(rows), found.recall

    def _rounded(self, column: str, values: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
        """Round to whole numbers where the column holds no others; they lie between the same two rows still."""
        return np.rint(values).astype(np.int64) if column in self.whole else values


def _added(maker: _Maker, groups: _Groups) -> tuple[pd.DataFrame, float]:
    """Make the rows that all groups are short of, and give the least recall of the searches."""
    made, recalls = [maker.training.iloc[:0]], [1.0]
    for group, short in shortages(groups.codes).items():
        own = np.flatnonzero(groups.codes == group)
        rows, recall = maker.rows(own, short)
        made.append(rows)
        recalls.append(recall)
        searched = f" (the search was approximate and finds {recall:.1%} of the neighbours)" if recall < 1 else ""
        say(f"balancing: {groups.names[group]}: {len(own):,} rows, {short:,} added{searched}")
    return pd.concat(made[1:] or made, ignore_index=True), min(recalls)

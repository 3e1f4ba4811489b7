"""The rows that explanations are counted against: computed from the training part as it is trained on, or given."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.tables.errors import TableError, counted, shown

Rows = npt.NDArray[np.float64]
KEY = "explain.baseline"
_DRAWN = 100_000  # rows that clusters are looked for in; more of them move a cluster's middle hardly
_SEEDS = 2**32


def write(features: pd.DataFrame, asked: Any, seed: int, target: Path) -> Path:
    """Write the baseline's rows as header-less CSV, a column a feature in the table's order.

    Args:
        features: of the training part.
        asked: ``median`` or ``mean``, ``{"kmeans": k}``, or the rows themselves.

    Raises:
        TableError: rows that do not fit the features, or a part that cannot be clustered.
    """
    match asked:
        case "median" | "mean":
            found = features.median() if asked == "median" else features.mean()
            rows = found.to_numpy(dtype=np.float64)[None]
        case Mapping():
            rows = clustered(features, int(asked["kmeans"]), seed)
        case _:
            rows = _given(asked, list(map(str, features.columns)))
    pd.DataFrame([[_plain(value) for value in row] for row in rows.tolist()], dtype=object).to_csv(
        target, header=False, index=False
    )
    return target


def clustered(part: pd.DataFrame, count: int, seed: int) -> Rows:
    """Return the middles of clusters by k-means over standardised columns, each value the nearest one that occurs.

    So that the codes of categories stay codes.
    """
    from sklearn.cluster import KMeans

    if missing := [str(column) for column in part.columns if part[column].isna().any()]:
        raise TableError(
            f"{KEY}: k-means needs every value, and {shown(missing[0])} has missing ones "
            f"({counted(len(missing), 'such column')})",
            hint="Set dataset.impute, drop the columns, or take the median or the mean.",
        )
    values = part.to_numpy(dtype=np.float64)
    if count > len(values):
        raise TableError(
            f"{KEY}: {counted(len(values), 'row')} of the training part cannot be {count} clusters",
            hint=f"Ask for at most {len(values)}.",
        )
    rng = np.random.default_rng(seed % _SEEDS)
    drawn = values if len(values) <= _DRAWN else values[np.sort(rng.choice(len(values), _DRAWN, replace=False))]
    spread = drawn.std(axis=0)
    spread[spread == 0] = 1.0
    found = KMeans(count, n_init=1, random_state=seed % _SEEDS).fit(drawn / spread)
    middles = np.asarray(found.cluster_centers_ * spread)
    return np.column_stack([_nearest(column, drawn[:, index]) for index, column in enumerate(middles.T)])


def _nearest(wanted: Rows, values: Rows) -> Rows:
    known = np.unique(values)
    after = np.clip(np.searchsorted(known, wanted), 1, max(1, len(known) - 1))
    pair = known[np.minimum(np.stack((after - 1, after)), len(known) - 1)]
    return np.asarray(pair[np.abs(pair - wanted).argmin(axis=0), np.arange(len(wanted))])


def _given(asked: Sequence[Sequence[float]], features: Sequence[str]) -> Rows:
    for index, row in enumerate(asked):
        if len(row) != len(features):
            raise TableError(
                f"{KEY}[{index}]: the row has {counted(len(row), 'value')}, and there are "
                f"{counted(len(features), 'feature')}",
                hint=f"Write one value a feature, in this order: {', '.join(map(shown, features))}.",
            )
    return np.array(asked, dtype=np.float64)


def _plain(value: float) -> int | float | None:
    """Return a whole number without its point, and nothing for a missing one."""
    if np.isnan(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value

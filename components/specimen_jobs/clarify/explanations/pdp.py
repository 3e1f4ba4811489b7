"""Partial dependence: the mean of the model's answers when one feature has the same value in every row.

A categorical feature is asked at each of its values, a continuous one at the middles of equally wide buckets between
its least and its largest value. Source: "Partial Dependence Plots: Analysis Configuration and Output" in SageMaker's
guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from specimen_jobs.clarify.explanations.coalitions import Doubles
from specimen_jobs.clarify.explanations.models import Model
from specimen_jobs.clarify.explanations.substitution import Substitution
from specimen_jobs.clarify.selection import ColumnType, column_type

if TYPE_CHECKING:
    import pandas as pd

CELLS: Final = 2**23  # answers that are held at once


def dependence(model: Model, features: pd.DataFrame, rows: Doubles, name: str, resolution: int) -> dict[str, Any]:
    """Return a feature's part of analysis.json; `rows` are the features as numbers."""
    column = features[name]
    kind = column_type(column, None)
    head = {"feature_name": name, "data_type": "numerical" if kind is ColumnType.CONTINUOUS else "categorical"}
    present = column.dropna().to_numpy(dtype=np.float64)
    if not present.size:
        return head | {"error": "The feature has no values"}
    values, shares = _buckets(present, resolution) if kind is ColumnType.CONTINUOUS else _categories(present)
    means = _means(model, rows, features.columns.get_loc(name), values)
    return head | {
        "feature_values": [int(value) if value.is_integer() else value for value in values.tolist()],
        "model_predictions": means.T.tolist(),
        "data_distribution": shares.tolist(),
    }


def _buckets(present: Doubles, resolution: int) -> tuple[Doubles, Doubles]:
    counts, edges = np.histogram(present, bins=resolution)
    return (edges[:-1] + edges[1:]) / 2, counts / present.size


def _categories(present: Doubles) -> tuple[Doubles, Doubles]:
    values, counts = np.unique(present, return_counts=True)
    return values, counts / present.size


def _means(model: Model, rows: Doubles, feature: Any, values: Doubles) -> Doubles:
    """Return the mean answers: value, answer."""
    own = np.ones((values.size, rows.shape[1]), dtype=np.bool_)
    own[:, feature] = False
    ways = Substitution(own, np.where(own, 0.0, values[:, None]))
    step = max(1, CELLS // values.size)
    parts = [model.changed(rows[first : first + step], ways).sum(axis=0) for first in range(0, len(rows), step)]
    return np.asarray(sum(parts) / len(rows))

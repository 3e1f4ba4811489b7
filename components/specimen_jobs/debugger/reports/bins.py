"""Histograms: where their bins begin and end, and how many rows are in each."""

from __future__ import annotations

from typing import Final

import numpy as np

from specimen_jobs.debugger.reading import Array
from specimen_jobs.debugger.reports.charts import Points

WHOLE: Final = 60  # whole labels that have a bin each


def bin_edges(labels: Array, *others: Array) -> Array:
    """Return the edges of bins: around each of a few whole labels, else thirty of equal width."""
    together = np.concatenate([labels, *others])
    low, high = np.floor(together.min()), np.ceil(together.max())
    if high - low <= WHOLE and (labels == np.rint(labels)).all():
        return np.arange(low - 0.5, high + 1)
    return np.histogram_bin_edges(together, bins=30)


def counted(values: Array, edges: Array) -> Points:
    """Return the edges and the rows between them."""
    return edges.tolist(), np.histogram(values, edges)[0].tolist()


def shares(values: Array, edges: Array) -> Points:
    """Return the edges and the shares of all rows between them."""
    return edges.tolist(), (np.histogram(values, edges)[0] / max(len(values), 1)).tolist()

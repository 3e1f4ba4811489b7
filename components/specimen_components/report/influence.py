"""How much of a metric's ups and downs in a search one hyperparameter accounts for.

The measure is a coefficient of determination on ranks, which no single extreme value can sway: the share of the
variance of the metric's ranks that a parabola over the hyperparameter's ranks explains, so that a best value in the
middle counts too; of a hyperparameter with listed values, the share that its values' means explain. 0 is nothing of it,
and 1 is all of it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FEWEST = 5  # jobs from which on a share says anything
Array = NDArray[np.float64]


def of_numbers(values: Sequence[float], metric: Sequence[float]) -> float:
    """Give the share that a hyperparameter of numbers explains; both sequences are as long as there are jobs."""
    place, height = ranks(values), ranks(metric)
    curve = np.vander(place, 3)
    weights, *_ = np.linalg.lstsq(curve, height, rcond=None)
    return _explained(height, curve @ weights)


def of_choices(values: Sequence[str], metric: Sequence[float]) -> float:
    """Give the share that a hyperparameter with listed values explains."""
    names, height = np.asarray(values), ranks(metric)
    means = np.empty_like(height)
    for name in set(values):
        means[names == name] = height[names == name].mean()
    return _explained(height, means)


def by_chance(jobs: int, choices: int | None = None) -> float:
    """Give the share that a hyperparameter without any influence would have on average."""
    return min(1.0, (2 if choices is None else choices - 1) / (jobs - 1))


def ranks(values: Sequence[float]) -> Array:
    """Give ranks between 0 and 1; equal values share the mean of theirs."""
    found, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    ends = np.cumsum(counts)
    means = ends - (counts + 1) / 2
    places: Array = means[np.searchsorted(found, values)] / max(1, len(values) - 1)
    return places


def _explained(height: Array, fitted: Array) -> float:
    total = float(((height - height.mean()) ** 2).sum())
    if total == 0:
        return 0.0
    return float(np.clip(1 - ((height - fitted) ** 2).sum() / total, 0, 1))

"""How far a regression's answers are from the labels: what a table and charts of it need, whatever the rows' number."""

from typing import Any

import numpy as np

from specimen_components.evaluation.predictions import Array, Predictions

POINTS = 400  # rows that are kept one by one, at most
BARS = 30
TAIL = 0.005  # share of the rows at either end that the outermost bars gather
LEVELS = (0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
SEED = 0


def residuals(given: Predictions) -> dict[str, Any]:
    """Return the errors (answer less label) of a regression.

    In it: their mean, within which bound shares of the rows are (`within`), how many lie where (`histogram`, with one
    more edge than counts), and labels and answers of rows drawn by lot (`sample`).
    """
    actual, predicted = given.labels, given.answers[:, 0]
    errors = predicted - actual
    bounds = np.quantile(np.abs(errors), LEVELS)
    low, high = np.quantile(errors, (TAIL, 1 - TAIL))
    counts, edges = np.histogram(errors.clip(low, high), bins=BARS)
    drawn = _drawn(len(actual))
    return {
        "mean": float(errors.mean()),
        "within": [[share, float(bound)] for share, bound in zip(LEVELS, bounds, strict=True)],
        "histogram": {"edges": _short(edges), "counts": [int(count) for count in counts]},
        "sample": {"actual": _short(actual[drawn]), "predicted": _short(predicted[drawn])},
    }


def _drawn(rows: int) -> Any:
    """Return the indices of rows, all where they are few; the same in every version of NumPy."""
    return np.sort(np.argsort(np.random.PCG64(SEED).random_raw(rows), kind="stable")[:POINTS])


def _short(values: Array) -> list[float]:
    """Return numbers in as many digits as a chart shows."""
    return [float(f"{value:.6g}") for value in values]

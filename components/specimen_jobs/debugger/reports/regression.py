"""The chapters of an XGBoost report that only a regression has: the labels' spread, residuals, errors by label."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from specimen_pages.markup import Markup, tag

from specimen_jobs.debugger.reading import Array
from specimen_jobs.debugger.reports import charts
from specimen_jobs.debugger.reports.answers import VALIDATION
from specimen_jobs.debugger.reports.bins import bin_edges, counted
from specimen_jobs.debugger.reports.charts import figure
from specimen_jobs.debugger.reports.gathered import Gathered
from specimen_jobs.debugger.reports.page import Chapter, Finding, plots

POINTS: Final = 1500  # rows in a chart of points


def spread(labels: Array) -> Chapter:
    """How the labels are spread."""
    shape = {"labels": counted(labels, bin_edges(labels))}
    low, high, mean = (figure(float(value)) for value in (labels.min(), labels.max(), labels.mean()))
    text = f"Labels from {low} to {high}, mean {mean}"
    return Chapter(
        "labels",
        "Distribution of the labels",
        f"How often each value occurs that the model has to predict. {VALIDATION}",
        "A long tail weighs heavily in a squared error: consider the label's logarithm, or an objective made for it "
        "(reg:squaredlogerror, reg:gamma, count:poisson). Values that occur once are hardly learned.",
        [plots(("labels", charts.histogram("labels", shape, "label", text)))],
    )


def residuals(found: Gathered) -> Chapter | None:
    """The residuals at the last step, predictions against labels, and the error by the label's size over the steps."""
    if not found.errors or found.last is None:
        return None
    step, last = found.last
    rest = last.predictions.ravel() - last.labels
    mean, spread = float(rest.mean()), float(rest.std())
    chosen = np.linspace(0, len(rest) - 1, min(POINTS, len(rest))).astype(int)
    points = (last.labels[chosen].tolist(), last.predictions.ravel()[chosen].tolist())
    off = abs(mean) > 0.1 * spread and abs(mean) > 0
    text = f"Residuals at step {step} have mean {figure(mean)} and standard deviation {figure(spread)}"
    text += ": predictions are off in one direction." if off else ": they are centred at zero."
    histogram = {"residuals": counted(rest, np.histogram_bin_edges(rest, bins=40))}
    return Chapter(
        "residuals",
        "Residuals",
        f"Prediction minus label, row by row, at step {step}. They should lie around zero with short tails; the points "
        "should follow the line. Below, the mean absolute error in ten intervals of the label, by step.",
        "A centre beside zero means too few rounds or a wrong base_score. A shape that leans means that the "
        "features miss something. If the error grows with the label, its logarithm may be the better label; if one "
        "interval stays bad, it has too few rows.",
        [
            plots(
                ("residuals", charts.histogram("residuals", histogram, "prediction - label", text, centre=True)),
                ("predictions against labels", charts.scatter("points", points, ("label", "prediction"), text)),
            ),
            tag("h3", "Error by the size of the label"),
            _by_label(found),
        ],
        [Finding("warn" if off else "good", text)],
    )


def _by_label(found: Gathered) -> Markup:
    steps = sorted(found.errors)
    limits = found.edges.tolist()
    series = {
        f"{figure(low)} to {figure(high)}": (steps, [found.errors[step][index] for step in steps])
        for index, (low, high) in enumerate(pairwise(limits))
        if not all(np.isnan(found.errors[step][index]) for step in steps)
    }
    return charts.lines(
        "errors", series, ("step", "mean absolute error"), "Mean absolute error by interval of the label", wide=True
    )

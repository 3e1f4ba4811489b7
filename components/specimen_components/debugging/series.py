"""The courses of a training's tensors as JSON, small enough for a record: what the report draws by step."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from specimen_tensors.series import Course, Limits, Series, evenly, read, top
from specimen_tensors.trial import Trial

from specimen_components.jsondata import Json

TOP = 8  # features of a chart: as many as there are colours
_STEPS = 100  # at which features are shown, about 80 KB for all types of importance
_METRIC_STEPS = 300  # more would not be seen in a chart
_POINTS = 9_000  # figures of all metrics, about as much
_LIMITS = Limits(features=TOP, feature_steps=_STEPS, metric_steps=_METRIC_STEPS)
_FEWEST = 10  # steps of a metric, however many metrics there are
_MOST = 200  # metrics


def series(trial: Trial, names: Sequence[str]) -> Mapping[str, Json]:
    """Give the metrics, and of the top features importance by type and average SHAP values, at most about 200 KB.

    `names` are the features' columns in their order, by which f0, f1, … are called.

    Raises:
        LayoutError: a file that the tensors are in is damaged.
    """
    found = read(trial, names, limits=_LIMITS)
    return {
        "metrics": _json(_few(found.metrics)),
        "importance": {kind: _json(course) for kind, course in found.importance.items()},
        "average_shap": _json(found.shap),
    }


def parsed(found: Mapping[str, Any]) -> Series:
    """Give the courses from their JSON, whose keys have lost their order; what is absent is empty."""
    return Series(
        metrics=_course(found.get("metrics") or {}),
        importance={kind: top(_course(course), TOP) for kind, course in (found.get("importance") or {}).items()},
        shap=top(_course(found.get("average_shap") or {}), TOP),
    )


def _few(course: Course) -> Course:
    """Give so many metrics at so many steps as a record takes."""
    kept = dict(list(course.values.items())[:_MOST])
    steps = evenly(course.steps, max(_FEWEST, _POINTS // max(1, len(kept))))
    at = dict(zip(course.steps, range(len(course.steps)), strict=True))
    rows = {name: tuple(row[at[step]] for step in steps) for name, row in kept.items()}
    return Course(steps, rows, len(course.values) - len(kept))


def _json(course: Course) -> Json:
    values = {name: [_short(value) for value in row] for name, row in course.values.items()}
    return {"steps": list(course.steps), "values": values, "left_out": course.left_out}


def _short(value: float | None) -> float | None:
    """Give six digits, which no chart can show; what is not finite is no point of a line."""
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None


def _course(found: Mapping[str, Any]) -> Course:
    values = {name: tuple(row) for name, row in (found.get("values") or {}).items()}
    return Course(tuple(found.get("steps") or ()), values, int(found.get("left_out") or 0))

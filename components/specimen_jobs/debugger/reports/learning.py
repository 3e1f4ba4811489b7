"""The chapters of an XGBoost report on its course and its model: metrics, importance, SHAP values, hyperparameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from specimen_pages.markup import facts, tag

from specimen_jobs.debugger.reports import charts
from specimen_jobs.debugger.reports.charts import figure
from specimen_jobs.debugger.reports.gathered import Gathered, Series
from specimen_jobs.debugger.reports.page import Chapter, Finding, plots
from specimen_jobs.xgboost.metrics import maximized

SHOWN: Final = 12  # features in a chart of bars
DRAWN: Final = 8  # features in a chart of lines
GAP: Final = 0.1  # of the training loss: the default of the rule Overfit
WORSE: Final = 0.005  # of the best value: less is noise
KINDS: Final[Mapping[str, str]] = {
    "weight": "how often a feature is split on",
    "gain": "the mean gain of a split on it",
    "cover": "the mean number of rows (by their weight) at a split on it",
    "total_gain": "the gain of all splits on it",
    "total_cover": "the rows at all splits on it",
}


def metrics(found: Gathered) -> Chapter | None:
    """The loss and every other metric by step, for training and validation data."""
    if not found.metrics:
        return None
    names = dict.fromkeys(name.partition("-")[2] for name in found.metrics)
    pictures, findings = [], []
    for number, name in enumerate(names):
        parts = {part: course for part in ("train", "validation") if (course := found.metrics.get(f"{part}-{name}"))}
        others = {key: course for key, course in found.metrics.items() if key.partition("-")[2] == name}
        parts = parts or others
        best = _best(name, parts.get("validation"))
        mark = None if best is None else (float(best), f"best, step {best}")
        series = {part: (list(course), list(course.values())) for part, course in parts.items()}
        ends = ", ".join(f"{part} {figure(last(course))} at the end" for part, course in parts.items())
        axis = ("step (boosting round)", name)
        picture = charts.lines(f"metric-{number}", series, axis, f"{name} by step: {ends}", mark=mark)
        pictures.append((name, picture))
        findings += _on_course(name, parts)
    findings += _on_gap(found)
    return Chapter(
        "metrics",
        "Loss and metrics by step",
        "Each line is a metric over the boosting rounds at which it was saved. Training and validation should improve "
        "together and level off together; the dotted line marks the round with the best validation value.",
        "If both lines are still improving at the end, train for more rounds or with a larger eta. If the "
        "validation line turns while the training line goes on, the model learns its training rows by heart: stop "
        "earlier (early_stopping_rounds), or take a smaller max_depth, a larger min_child_weight, gamma or lambda, "
        "or a smaller subsample. If neither improves, the features do not tell the label: look at the data, not at "
        "the parameters.",
        [plots(*pictures)],
        findings,
    )


def last(course: Mapping[int, float]) -> float:
    """Return the value at the last step."""
    return course[max(course)]


def _best(name: str, course: Mapping[int, float] | None) -> int | None:
    numbers = {step: value for step, value in (course or {}).items() if math.isfinite(value)}
    if not numbers:
        return None
    return (max if maximized(name) else min)(numbers, key=lambda step: numbers[step])


def _on_course(name: str, parts: Mapping[str, Mapping[int, float]]) -> list[Finding]:
    best, course = _best(name, parts.get("validation")), parts.get("validation", {})
    if best is None:
        return [Finding("quiet", f"{name}: there is no validation data, so overfitting cannot be seen.")]
    end, value = max(course), course[best]
    fell_back = abs(last(course) - value) > WORSE * abs(value)
    findings = []
    if best < end and fell_back:
        text = (
            f"Validation {name} was best at step {best} ({figure(value)}) and is {figure(last(course))} at step {end}"
        )
        findings.append(Finding("warn", f"{text}: the later rounds made the model worse."))
    else:
        text = f"Validation {name} ends at {figure(last(course))}, which is its best value or close to it."
        findings.append(Finding("good", text))
    return findings


def _on_gap(found: Gathered) -> list[Finding]:
    """Compare the first loss of both parts at the end, as the rule Overfit does."""
    for name, course in found.metrics.items():
        metric, train = name.partition("-")[2], last(course)
        validation = found.metrics.get(f"validation-{metric}")
        if not name.startswith("train-") or maximized(metric) or not validation or train <= 0:
            continue
        times = last(validation) / train
        if times <= 1 + GAP:
            return []
        ratio = f"{times:.1f} times" if times > 2 else f"{100 * (times - 1):.0f} % above"
        return [Finding("warn", f"Validation {metric} is {ratio} training {metric} at the end: the model overfits.")]
    return []


def importance(found: Gathered) -> Chapter | None:
    """The features by each type of importance, at the last step and over the steps."""
    if not found.importance:
        return None
    kinds = [kind for kind in KINDS if kind in found.importance]
    kinds += [kind for kind in found.importance if kind not in KINDS]
    content: list[Any] = []
    for kind in kinds:
        content.append(tag("h3", f"{kind}: {KINDS.get(kind, 'as saved')}"))
        content.append(_two(f"importance-{kind}", found.importance[kind], "share"))
    return Chapter(
        "importance",
        "Feature importance",
        "How much the trees built so far rest on each feature, as a share of all: on the left at the last step, on the "
        "right over the steps. The types answer different questions, so their order differs; total_gain is the one to "
        "read first, for it tells what lowered the loss.",
        "If one feature has nearly all of the gain, ask whether it could know the label (a leak). Features that never "
        "appear can be dropped. A feature high in weight and low in gain is split on often for little: many distinct "
        "values, or noise.",
        content,
        _on_importance(found.importance),
    )


def _on_importance(kinds: Mapping[str, Series]) -> list[Finding]:
    kind = next((name for name in ("total_gain", "gain", "weight") if name in kinds), next(iter(kinds)))
    ends = ranked(kinds[kind])
    total = sum(ends.values())
    if not total:
        return []
    name, value = next(iter(ends.items()))
    share = value / total
    mood = "warn" if share > 0.7 and len(ends) > 1 else "quiet"
    return [Finding(mood, f"{name} has {100 * share:.0f} % of all {kind} among {len(ends)} features that are used.")]


def shap(found: Gathered) -> Chapter | None:
    """The mean SHAP value of each feature, at the last step and over the steps."""
    series = {name: course for name, course in found.shap.items() if name != "bias"}
    if not series:
        return None
    return Chapter(
        "shap",
        "Average SHAP values",
        "The mean contribution of each feature to the model's margin over the training rows: above zero it raised "
        "the prediction, below zero it lowered it. It is a mean with its sign, so a feature that pushes rows both "
        "ways can be important and yet be near zero here.",
        "If a feature pushes in a direction that makes no sense to someone who knows the data, look at its values. "
        "Lines that still move at the end belong to a model that is not done. For the size of the effects row by "
        "row, ask for an explanation (Clarify) or collect full_shap.",
        [_two("shap", series, "mean SHAP value")],
    )


def ranked(series: Mapping[str, Mapping[int, float]]) -> dict[str, float]:
    """Return the last value of each, the largest (either way) first; one that is absent at the last step has none."""
    end = max((max(course) for course in series.values() if course), default=0)
    ends = {name: course[end] for name, course in series.items() if end in course and math.isfinite(course[end])}
    return dict(sorted(ends.items(), key=lambda item: (-abs(item[1]), item[0])))


def _two(name: str, series: Mapping[str, Mapping[int, float]], axis: str) -> Any:
    ends = ranked(series)
    top = dict(list(ends.items())[:SHOWN])
    drawn = {key: (list(series[key]), list(series[key].values())) for key in list(top)[:DRAWN]}
    spoken = ", ".join(f"{key} {figure(value)}" for key, value in list(top.items())[:3])
    rest = f" ({SHOWN} of {len(ends)})" if len(ends) > SHOWN else ""
    height = max(2.9, 0.8 + 0.26 * len(top))
    spoken_course = f"{axis} by step: {spoken} at the end"
    return plots(
        (f"at the last step{rest}", charts.bars(f"{name}-end", top, axis, f"{axis} at the last step: {spoken}")),
        ("over the steps", charts.lines(f"{name}-course", drawn, ("step", axis), spoken_course, height=height)),
    )


def hyperparameters(found: Gathered) -> Chapter | None:
    """What the training was given."""
    if not found.hyperparameters:
        return None
    return Chapter(
        "hyperparameters",
        "Hyperparameters",
        "What the training was given, as it was saved at its first step.",
        "",
        [facts(dict(sorted(found.hyperparameters.items())))],
    )


def absent(found: Gathered) -> dict[str, str]:
    """Return what could not be shown, and which collection shows it."""
    has: Mapping[str, tuple[str, bool]] = {
        "Loss and metrics": ("metrics", bool(found.metrics)),
        "Feature importance": ("feature_importance", bool(found.importance)),
        "SHAP values": ("average_shap", bool(found.shap)),
        "Hyperparameters": ("hyperparameters", bool(found.hyperparameters)),
    }
    missing = {
        what: f"the collection {name} was not saved; collect it to see this."
        for what, (name, there) in has.items()
        if not there
    }
    if found.last is None:
        missing["Labels, predictions and what follows from them"] = (
            "labels and predictions were not both saved at one step; collect both, and give the training a validation "
            "channel, for they are those of the validation data."
        )
    return missing

"""The training: what really ran, learning curves, feature importance."""

import re
from collections.abc import Mapping
from typing import Any

from specimen_pages.markup import Markup, facts, joined, table, tag

from specimen_components.report import plots
from specimen_components.report.model import Section, Trial
from specimen_components.report.numbers import duration, figure
from specimen_components.report.sections.cluster import billed, ran_on
from specimen_components.report.sections.parts import code, details, missing, why_absent

_STAMP = re.compile(r"^(?:\[[^]]*\]\s*)+")  # the host, where there are several, time and level before a line of a log
_TOP = 20  # features in the chart
_KINDS = {
    "gain": "average gain of the splits that use it",
    "weight": "number of splits that use it",
    "cover": "average cover of the splits that use it",
}


def training(trial: Trial) -> Markup:
    """Give the training job's figures; of a tuning job whose best is not repeated, those of its best training job."""
    component = "train" if "train" in trial.sections else "tune"
    if (nothing := why_absent(trial.sections, component, "training")) is not None:
        return nothing
    section = trial.sections[component]
    found = details(section)
    stopped = found.get("status") == "Stopped"
    return joined(
        _repeats(section),
        facts(
            {
                "Job" if component == "train" else "Best training job": code(section.outputs.get("job")),
                "Image": code(found["image"]) if found.get("image") else None,
                "What ran": _STAMP.sub("", found.get("started_line") or "") or None,
                **ran_on(found, trial.manifest),
                "Training time": duration(found.get("seconds")),
                **billed(found),
                "Ended": "stopped by a rule of Debugger's, with the model of its last round saved" if stopped else None,
            }
        ),
        _final(found),
        _hyperparameters(found),
        tag("h3", "Learning curves"),
        _curves(trial, found),
        tag("h3", "Feature importance"),
        _importance(trial, found),
    )


def _repeats(section: Section) -> Markup | None:
    """Say that the job is one that repeats the best of a tuning, which its step's name tells."""
    if section.step.partition("-")[0] != "refit":
        return None
    return tag(
        "p", "The best training job of the tuning, done once more with Debugger; all that follows goes on with it."
    )


def _final(found: Mapping[str, Any]) -> Markup | None:
    if not found.get("final_metrics"):
        return None
    rows = [(code(name), figure(value)) for name, value in sorted(found["final_metrics"].items())]
    return joined(tag("h3", "Metrics of the last round"), table(("Metric", "Value"), rows))


def _hyperparameters(found: Mapping[str, Any]) -> Markup | None:
    if not found.get("hyperparameters"):
        return None
    rows = [(code(name), str(value)) for name, value in sorted(found["hyperparameters"].items())]
    return tag("details", tag("summary", "Hyperparameters, as sent"), table(("Name", "Value"), rows))


def _curves(trial: Trial, found: Mapping[str, Any]) -> Markup:
    by_metric: dict[str, dict[str, Any]] = {}
    for part, metrics in (found.get("curves") or {}).items():
        for metric, values in metrics.items():
            by_metric.setdefault(metric, {})[part] = values
    if not by_metric:
        return missing("The job's log holds no metrics by round.")
    pictures = [
        plots.learning_curves(f"curves-{plots.identifier(trial.name)}-{index}", metric, curves)
        for index, (metric, curves) in enumerate(sorted(by_metric.items()))
    ]
    return tag("div", *pictures, class_="plots")


def _importance(trial: Trial, found: Mapping[str, Any]) -> Markup:
    kinds = found.get("importance") or {}
    kind = next((kind for kind in _KINDS if kinds.get(kind)), None)
    if kind is None:
        return missing(f"No feature importance: {found.get('importance_reason') or 'the model uses no feature.'}")
    ranked = dict(sorted(kinds[kind].items(), key=lambda item: (-item[1], item[0])))
    top = dict(list(ranked.items())[:_TOP])
    rest = len(ranked) - len(top)
    return joined(
        tag("p", f"By {kind}: {_KINDS[kind]}.", f" The {rest} weakest features are left out." if rest else None),
        tag("div", plots.bars(f"importance-{plots.identifier(trial.name)}", top, kind), class_="plots"),
        _all(kinds, ranked),
    )


def _all(kinds: Mapping[str, Mapping[str, float]], ranked: Mapping[str, float]) -> Markup:
    shown = [kind for kind in _KINDS if kinds.get(kind)]
    rows = [(code(name), *(figure(kinds[kind].get(name)) for kind in shown)) for name in ranked]
    return tag("details", tag("summary", "All features"), table(("Feature", *shown), rows))

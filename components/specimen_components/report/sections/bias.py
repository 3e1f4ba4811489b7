"""The bias table: each metric with its meaning, its ideal value and what its sign says here."""

from collections.abc import Mapping
from typing import Any

from specimen_components.report.biasmetrics import MEANINGS
from specimen_components.report.markup import Child, Markup, joined, table, tag
from specimen_components.report.model import Section, Trial
from specimen_components.report.numbers import figure
from specimen_components.report.sections.parts import code, details, missing

_STAGES = {
    "pre_training_bias_metrics": ("In the training data, before training", "labels"),
    "post_training_bias_metrics": ("In the model's predictions for the test part", "predictions"),
}


def bias(trial: Trial) -> Markup:
    """Give the metrics of every analysis and facet."""
    if not trial.bias:
        return missing("Not asked for: the spec has no `bias` section.")
    return joined(
        tag("p", "The sensitive group is the rows that the facet selects; the other group is all other rows."),
        *(_analysis(section) for section in trial.bias),
    )


def _analysis(section: Section) -> Markup:
    if section.details is None:
        return missing(section.why_not or "")
    analysis = details(section)["analysis"]
    return joined(
        *(
            _facet(stage, title, column, facet, analysis[stage].get("label_value_or_threshold"))
            for stage, (title, _) in _STAGES.items()
            for column, facets in analysis.get(stage, {}).get("facets", {}).items()
            for facet in facets
        )
    )


def _facet(stage: str, title: str, column: str, facet: Mapping[str, Any], favorable: Any) -> Markup:
    return joined(
        tag("h3", f"{title}: ", code(column), f" = {facet['value_or_threshold']}"),
        tag("p", "Favorable label: ", code(favorable)) if favorable is not None else None,
        table(
            ("Metric", "Value", "Ideal", "What it says here", "Meaning"),
            (_row(metric) for metric in facet["metrics"]),
            class_="bias",
        ),
    )


def _row(metric: Mapping[str, Any]) -> tuple[Child, ...]:
    name, value = str(metric["name"]), number(metric.get("value"))
    meaning = MEANINGS.get(name)
    if meaning is None:
        return code(name), figure(value), "\u2013", "", str(metric.get("description") or "")
    reading: Child = meaning.reading(value)
    if value is None and metric.get("error"):
        reading = f"undefined here: {metric['error']}"
    return (
        joined(tag("b", name), tag("small", meaning.title)),
        figure(value),
        joined(f"{meaning.ideal:g}", tag("small", meaning.range)),
        reading,
        meaning.sentence,
    )


def number(value: Any) -> float | None:
    """Read a figure as Clarify writes it: infinities are strings, and null is undefined."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return None if found != found else found

"""The bias table: each metric with its meaning, its ideal value and what its sign says here."""

from collections.abc import Iterator, Mapping
from typing import Any

from specimen_pages.markup import Child, Markup, joined, table, tag

from specimen_components.report import plots
from specimen_components.report.biasmetrics import MEANINGS
from specimen_components.report.model import Section, Trial
from specimen_components.report.numbers import figure, number
from specimen_components.report.results import Group, bias_groups
from specimen_components.report.sections import charts
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
        *_charts(trial),
        *(_analysis(section) for section in trial.bias),
    )


def _charts(trial: Trial) -> Iterator[Markup]:
    """Draw each facet's bias before and after training beside each other, where there are both."""
    groups = [group for section in trial.bias for group in bias_groups(section)]
    for name in dict.fromkeys(charts.facet(group["title"]) for group in groups):
        both = [group for group in groups if charts.facet(group["title"]) == name]
        if len(both) > 1:
            yield tag("h3", f"Before and after training: {name}")
            yield tag("div", *(_chart(trial, groups.index(group), group) for group in both), class_="plots")


def _chart(trial: Trial, index: int, group: Group) -> Markup:
    lines: list[charts.Line] = [(row["name"], [row]) for row in group["rows"]]
    return joined(*charts.pictures(f"bias-{plots.identifier(trial.name)}-{index}", 1, "bias", group["title"], lines))


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

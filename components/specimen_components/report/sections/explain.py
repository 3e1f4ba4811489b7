"""What each feature contributes to the model's answers, and how they depend on single features."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specimen_pages.markup import Markup, facts, joined, table, tag

from specimen_components.report import plots
from specimen_components.report.model import Trial
from specimen_components.report.numbers import duration, figure
from specimen_components.report.sections.parts import code, details, missing, why_absent

_TOP = 20  # features in a chart
_MOST = 10  # answers with a chart of their own
_AGGREGATES = {
    "mean_abs": (
        "mean absolute SHAP value",
        "How far each feature moves the model's answer, as a mean over the rows.",
    ),
    "median": ("median SHAP value", "Where each feature moves the model's answer in half of the rows, up or down."),
    "mean_sq": ("mean squared SHAP value", "How far each feature moves the model's answer; large moves count more."),
}


def explain(trial: Trial) -> Markup:
    """Give the explanations of the model's answers to the test part."""
    if (nothing := why_absent(trial.sections, "explain", "explain")) is not None:
        return nothing
    section = trial.sections["explain"]
    found = details(section)
    explanations = found["analysis"].get("explanations", {})
    labels = explanations.get("kernel_shap", {})
    return joined(
        facts(
            {
                "Job": code(section.outputs.get("job")),
                "SHAP values": _method(found),
                "Expected value": ", ".join(figure(label["expected_value"]) for label in labels.values()),
                "Baseline": code(found["baseline"]) if found.get("baseline") else None,
                "Each row's values": code(found["local"]) if found.get("local") else None,
                "Took": duration(found.get("seconds")),
            }
        ),
        tag("h3", "SHAP values"),
        *_shap(trial, labels, found.get("asked") or {}),
        *_dependence(trial, explanations.get("pdp", ()), list(labels)),
    )


def _method(found: Mapping[str, Any]) -> str | None:
    """Say how the values were computed; managed Clarify does not say it of its own."""
    computed = found["analysis"].get("computation", {})
    shap = computed.get("shap")
    if not shap:
        return None
    sampled = f"; {shap['coalitions']:,} coalitions" if shap.get("coalitions") else ""
    return f"{shap['method']}{sampled}; answers of the model's {computed.get('answers', 'endpoint')}"


def _shap(trial: Trial, labels: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[Markup]:
    if not labels:
        yield missing("The analysis holds no SHAP values.")
        return
    axis, sentence = _AGGREGATES.get(str(asked.get("agg_method")), _AGGREGATES["mean_abs"])
    unit = " Values are log-odds." if asked.get("use_logit") else ""
    yield tag("p", f"{sentence} They are counted from the baseline, whose own answer is the expected value.{unit}")
    charts = []
    for label, found in list(labels.items())[:_MOST]:
        ranked = _ranked(found["global_shap_values"])
        name = f"shap-{plots.identifier(trial.name)}-{plots.identifier(label)}"
        title = axis if len(labels) == 1 else f"{axis}, {label}"
        charts.append(plots.bars(name, dict(list(ranked.items())[:_TOP]), title))
    yield tag("div", *charts, class_="plots")
    yield _all(labels)


def _ranked(values: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(values.items(), key=lambda item: (-abs(item[1]), item[0])))


def _all(labels: Mapping[str, Any]) -> Markup:
    columns = [found["global_shap_values"] for found in labels.values()]
    rows = [(code(name), *(figure(column.get(name)) for column in columns)) for name in _ranked(columns[0])]
    names = ("Value",) if len(columns) == 1 else tuple(labels)
    return tag("details", tag("summary", "All features"), table(("Feature", *names), rows))


def _dependence(trial: Trial, found: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> Iterator[Markup]:
    if not found:
        return
    yield tag("h3", "Partial dependence")
    yield tag(
        "p",
        "The mean of the model's answers when a feature has the same value in every row. "
        "Behind it, how many of the rows have that value or one near it.",
    )
    drawn = [one for one in found if "error" not in one]
    answers = [answer for one in drawn for curve in one["model_predictions"] for answer in curve]
    limits = (min(answers, default=0.0), max(answers, default=0.0))
    name = plots.identifier(trial.name)
    yield tag(
        "div",
        *(plots.dependence(f"pdp-{name}-{index}", one, labels, limits) for index, one in enumerate(drawn)),
        class_="plots",
    )
    for one in found:
        if "error" in one:
            yield missing(f"{one['feature_name']}: {one['error']}")

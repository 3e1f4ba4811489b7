"""What Debugger saw of the training: the rules' verdicts, their reports, and the saved tensors by step."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specimen_pages.markup import Child, Markup, joined, prose, table, tag
from specimen_tensors import plots as lines
from specimen_tensors.series import TYPES, Course, Series

from specimen_components.debugging.series import parsed
from specimen_components.report import plots
from specimen_components.report.courses import by_step
from specimen_components.report.model import Trial
from specimen_components.report.rules import ACTIONS, meaning, status, word
from specimen_components.report.sections.parts import code, missing

_OF_TYPE = {
    "gain": "average gain of the splits that use a feature",
    "weight": "number of splits that use a feature",
    "cover": "average cover of the splits that use a feature",
    "total_gain": "gain of all splits that use a feature",
    "total_cover": "cover of all splits that use a feature",
}


def debugger(trial: Trial) -> Markup:
    """Give the rules' verdicts and the courses of the saved tensors, also of a step that failed by a verdict."""
    section = trial.sections.get("debug")
    if section is None:
        return missing("Not asked for: the spec has no `debugger` section.")
    found = section.details or section.before
    if found is None:
        return missing(section.why_not or "")
    series = parsed(found.get("series") or {})
    name = plots.identifier(trial.name)
    return joined(
        missing(section.why_not) if section.why_not else None,
        tag("p", "Saved tensors: ", code(found["tensors"])) if found.get("tensors") else None,
        *_rules(found.get("rules") or ()),
        *_reports(found.get("reports") or (), section.folder),
        *_metrics(name, series.metrics),
        *_importance(name, series),
        *_shap(name, series.shap),
    )


def _rules(found: Sequence[Mapping[str, Any]]) -> Iterator[Markup]:
    if not found:
        yield missing("The spec names no rules.")
        return
    head = ("Rule", "Verdict", "What was found", "What it looks for", "On issues")
    yield joined(tag("h3", "Rules"), table(head, map(_rule, found), class_="rules"))


def _rule(found: Mapping[str, Any]) -> list[Child]:
    name, rule, verdict = str(found["name"]), str(found.get("rule") or found["name"]), status(str(found["status"]))
    return [
        joined(code(name), tag("small", rule) if word(rule) != word(name) else None),
        tag("span", verdict.words, class_=f"badge {verdict.badge}"),
        prose(str(found.get("details") or "").strip() or "\u2013"),
        meaning(rule),
        ACTIONS.get(str(found.get("on_issues")), "\u2013"),
    ]


def _reports(found: Sequence[Mapping[str, Any]], folder: str | None) -> Iterator[Markup]:
    """Name the reports, and lead to those that lie beside this page."""
    if found:
        yield tag("h3", "Reports that the rules wrote")
        yield table(("Report", "In S3"), ((_report(str(one["name"]), folder), code(one["uri"])) for one in found))


def _report(name: str, folder: str | None) -> Markup:
    title = name.replace("_", " ")
    return tag("a", title, href=f"{folder}/{name}.html") if folder else tag("span", title)


def _metrics(name: str, course: Course) -> Iterator[Markup]:
    yield tag("h3", "Saved metrics by step")
    drawn = [by_step(f"debug-{name}-{index}", chart) for index, chart in enumerate(lines.metrics(course))]
    yield tag("div", *drawn, class_="plots") if drawn else missing("No metrics were saved.")


def _importance(name: str, series: Series) -> Iterator[Markup]:
    yield tag("h3", "Feature importance by step")
    drawn = [kind for kind in TYPES if kind in series.importance]
    if not drawn:
        yield missing("No feature importance was saved.")
        return
    first, *others = [_of_type(name, kind, series.importance[kind]) for kind in drawn]
    yield first
    if others:
        yield tag("details", tag("summary", "The other types of importance"), *others)


def _of_type(name: str, kind: str, course: Course) -> Markup:
    said = f"By {kind.replace('_', ' ')}: {_OF_TYPE[kind]}, as a share of that of all features.{_left_out(course)}"
    drawn = by_step(f"debug-{name}-{plots.identifier(kind)}", lines.importance(kind, course), wide=True)
    return joined(tag("p", said), tag("div", drawn, class_="scroll"))


def _shap(name: str, course: Course) -> Iterator[Markup]:
    yield tag("h3", "Average SHAP values by step")
    if not course.values:
        yield missing("No SHAP values were saved.")
        return
    said = (
        "Where each feature moves the answer to the rows that were trained on, up or down, as a mean over them; "
        f"of a probability in log-odds.{_left_out(course)}"
    )
    yield tag("p", said)
    yield tag("div", by_step(f"debug-{name}-shap", lines.shap(course), wide=True), class_="scroll")


def _left_out(course: Course) -> str:
    if not course.left_out:
        return ""
    return f" The {len(course.values)} largest at the last step are drawn, {course.left_out} others left out."

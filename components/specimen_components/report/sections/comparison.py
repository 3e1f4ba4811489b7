"""The trials beside each other: which is selected and why, charts, and one table of what they came to."""

from collections.abc import Sequence
from itertools import compress

from specimen_pages.markup import Child, Markup, joined, prose, tag

from specimen_components.report.model import Report
from specimen_components.report.numbers import difference, figure, number
from specimen_components.report.results import Result, Row, results, selection
from specimen_components.report.rules import STATUSES
from specimen_components.report.sections import charts
from specimen_components.report.sections.charts import Line
from specimen_components.report.sections.parts import code, missing

# Rows that are equal in all trials are left out; of a trial that has none of these, nothing is known.
_DIFFERING = frozenset({"settings", "data", "hyperparameters"})
_TOP = 10  # features
_MANY = 4  # more trials than this have narrow columns
_BADGES = {"selected": "good", "hold": "good", "fail": "bad"} | {one.words: one.badge for one in STATUSES.values()}
_SAME = 1e-12


def comparison(report: Report) -> Markup:
    """Compare the trials; differences are counted from the first."""
    found = results(report)
    groups = aligned(found)
    return joined(
        _selection(report),
        _charts(found, groups),
        tag("h3", "In figures"),
        tag(
            "p",
            "Beside a figure stands its difference from ",
            code(found[0]["trial"]),
            ", the first trial: ",
            tag("span", "green", class_="better"),
            " where it is nearer to the ideal value, ",
            tag("span", "red", class_="worse"),
            " where it is further from it. Settings and hyperparameters that all trials share are left out.",
        ),
        _table(found, groups),
    )


def aligned(found: Sequence[Result]) -> list[tuple[str, str, list[Line]]]:
    """Give (kind, title, lines) of every group that a trial has; None stands where a trial lacks a row."""
    titles: dict[tuple[str, str], dict[str, list[Row | None]]] = {}
    for index, result in enumerate(found):
        for group in result["groups"]:
            lines = titles.setdefault((group["kind"], group["title"]), {})
            for row in group["rows"]:
                lines.setdefault(row["name"], [None] * len(found))[index] = row
    kinds = list(dict.fromkeys(kind for kind, _ in titles))
    ordered = sorted(titles.items(), key=lambda item: kinds.index(item[0][0]))
    return [(kind, title, _worth_showing(kind, list(lines.items()))) for (kind, title), lines in ordered]


def _worth_showing(kind: str, lines: list[Line]) -> list[Line]:
    if kind in _DIFFERING:
        known = [kind == "settings" or any(column) for column in zip(*(rows for _, rows in lines), strict=True)]
        return [(name, rows) for name, rows in lines if _differ(list(compress(rows, known)))]
    if kind == "shap":
        return sorted(lines, key=lambda line: -max(abs(value or 0) for value in charts.values(line[1])))[:_TOP]
    return lines


def _differ(rows: Sequence[Row | None]) -> bool:
    return len({row["value"] if row else None for row in rows}) > 1


def _selection(report: Report) -> Markup | None:
    asked = report.document.get("select")
    if not asked:
        return None
    found = next((found for trial in report.trials if (found := selection(trial))), None)
    if found is None:
        return missing("No trial was selected, as the step `select` did not come to an end.")
    size = "largest" if found["goal"] == "maximize" else "smallest"
    if not (chosen := next((one for one in found["candidates"] if one["selected"]), None)):
        head: Child = tag("p", "No trial is selected.")
    else:
        of = len([one for one in found["candidates"] if one["reason"] is None])
        head = tag(
            "p",
            tag("span", "Selected", class_="badge good"),
            " ",
            tag("strong", chosen["trial"]),
            f": its {found['metric']}, {figure(chosen['value'])}, is the {size} of the {of} that could be selected."
            if of > 1
            else f": it alone could be selected. Its {found['metric']} is {figure(chosen['value'])}.",
        )
    reasons = [
        tag("li", tag("strong", one["trial"]), f" could not be selected: {one['reason']}.")
        for one in found["candidates"]
        if one["reason"]
    ]
    return joined(head, tag("ul", *reasons) if reasons else None)


def _charts(found: Sequence[Result], groups: Sequence[tuple[str, str, list[Line]]]) -> Markup | None:
    """Draw quality and explanations, then for each facet the bias before and after training beside each other."""
    drawn: dict[str, list[Markup]] = {}
    for index, (kind, title, lines) in enumerate(groups):
        facet = charts.facet(title) if kind == "bias" else ""
        row = drawn.setdefault(f"Bias before and after training: {facet}" if facet else "Side by side", [])
        row.extend(charts.pictures(f"compared-{index}", len(found), kind, title, lines))
    legend = charts.legend([result["trial"] for result in found])
    return joined(
        *(joined(tag("h3", title), legend, tag("div", *row, class_="plots")) for title, row in drawn.items() if row)
    )


def _table(found: Sequence[Result], groups: Sequence[tuple[str, str, list[Line]]]) -> Markup:
    head = tag("tr", tag("th", ""), *(tag("th", _column(result), scope="col") for result in found))
    bodies = [
        tag(
            "tbody",
            tag("tr", tag("th", title, colspan=str(len(found) + 1), scope="rowgroup"), class_="group"),
            *(_line(kind, name, rows) for name, rows in lines),
        )
        for kind, title, lines in groups
        if lines
    ]
    classes = "compared many" if len(found) > _MANY else "compared"
    return tag("div", tag("table", tag("thead", head), *bodies, class_=classes), class_="scroll")


def _column(result: Result) -> Markup:
    mark = tag("span", "selected", class_="badge good") if result["selected"] else None
    return joined(tag("span", result["trial"]), " ", mark)


def _line(kind: str, name: str, rows: Sequence[Row | None]) -> Markup:
    plain = kind in {"outcome", "data"}
    cells = (tag("td", _cell(kind, row, rows[0] if index else None)) for index, row in enumerate(rows))
    return tag("tr", tag("th", name if plain else code(name), scope="row"), *cells)


def _cell(kind: str, row: Row | None, first: Row | None) -> Child:
    if row is None:
        return "\u2013"
    if kind == "outcome":
        value, note = row["value"], row.get("note")
        return joined(
            tag("span", value, class_=f"badge {_BADGES.get(value, 'quiet')}"),
            tag("small", prose(note)) if note else None,
        )
    if kind in {"settings", "hyperparameters"} or (isinstance(row["value"], str) and number(row["value"]) is None):
        return code(row["value"])
    return joined(figure(row["value"] if isinstance(row["value"], int) else number(row["value"])), _change(row, first))


def _change(row: Row, first: Row | None) -> Markup | None:
    """Give a figure's difference from that of the first trial; none where either is undefined or infinite."""
    here, there = number(row["value"]), number(first["value"]) if first else None
    if here is None or there is None or abs(here) == float("inf") or abs(there) == float("inf"):
        return None
    classes = f"change {_better(here, there, row.get('ideal'))}".strip()
    return tag("small", " ", difference(here, there), class_=classes)


def _better(here: float, there: float, ideal: float | None) -> str:
    """Say whether a figure is nearer to the ideal one than another; nothing where neither is."""
    if ideal is None or abs(abs(here - ideal) - abs(there - ideal)) <= _SAME:
        return ""
    return "better" if abs(here - ideal) < abs(there - ideal) else "worse"

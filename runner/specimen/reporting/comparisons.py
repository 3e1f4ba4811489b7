"""Runs and trials beside each other, with differences from the first: as a table, Markdown, JSON and HTML."""

import html
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from specimen.reporting.figures import figure
from specimen.spec.model import Json
from specimen.text import columns, printable

TEXTS = frozenset({"outcome", "settings"})  # kinds of groups in which no figure is compared
# Of these, people see only what differs; where there is none of them nothing is known, but of settings: none was made.
DIFFERING = frozenset({"settings", "data", "hyperparameters"})
TOP = 10  # SHAP values that people see
LONGEST = 40  # characters of a value in the table
ABSENT = "-"
_GAP = 2  # between columns

Group = Mapping[str, Json]  # kind, title, rows of name, value, ideal, note


@dataclass(frozen=True)
class Cell:
    """One figure or text; its difference from the first, where both are finite figures.

    `better` says whether it is nearer to the ideal value than the first; None where it is neither nearer nor further.
    """

    value: Json
    difference: float | None
    better: bool | None
    note: str | None


@dataclass(frozen=True)
class Line:
    """A name with a cell for each of what is compared; None where that has none."""

    name: str
    ideal: float | None
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Section:
    """Lines of one kind: outcome, settings, data, hyperparameters, evaluation, endpoint, training, bias or shap."""

    kind: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Comparison:
    """The names of what is compared, and all that is known of it."""

    names: tuple[str, ...]
    sections: tuple[Section, ...]


def compare(subjects: Sequence[tuple[str, Sequence[Group]]]) -> Comparison:
    """Put the groups of (name, groups) beside each other.

    Sections and lines stand in the order of the first that has them.
    """
    found: dict[tuple[str, str], dict[str, list[Mapping[str, Json] | None]]] = {}
    for index, (_, groups) in enumerate(subjects):
        for group in groups:
            lines = found.setdefault((str(group["kind"]), str(group["title"])), {})
            for row in _rows(group):
                lines.setdefault(str(row["name"]), [None] * len(subjects))[index] = row
    kinds = list(dict.fromkeys(kind for kind, _ in found))
    ordered = sorted(found.items(), key=lambda item: kinds.index(item[0][0]))
    return Comparison(
        tuple(name for name, _ in subjects),
        tuple(
            Section(kind, title, tuple(_line(kind, name, rows) for name, rows in lines.items()))
            for (kind, title), lines in ordered
            if lines
        ),
    )


def as_table(comparison: Comparison) -> str:
    """Columns for a terminal, then the notes that would not fit into them."""
    shown = list(_shown(comparison))
    rows = [(f"  {printable(line.name)}", *_columns(line)) for section in shown for line in section.lines]
    names = ["", *(text for name in comparison.names for text in (printable(name), ""))]
    widths = _widths(rows, names)
    left = iter(rows)
    lines = [_aligned(names, widths)]
    for section in shown:
        lines += ["", printable(section.title), *(_aligned(next(left), widths) for _ in section.lines)]
    lines += ["", *map(printable, _notes(comparison))]
    return "\n".join([*lines, f"differences are from {printable(comparison.names[0])}; {_LEFT_OUT}"]) + "\n"


def as_markdown(comparison: Comparison) -> str:
    """A heading and a table for each section."""
    lines = [f"# {', '.join(map(_escaped, comparison.names))}", ""]
    for section in _shown(comparison):
        header = ["", *map(_escaped, comparison.names)]
        lines += [f"## {_escaped(section.title)}", "", _piped(header), _piped(["---"] * len(header))]
        for line in section.lines:
            lines.append(_piped([_escaped(line.name), *(_escaped(_whole(cell)) for cell in line.cells)]))
        lines.append("")
    return "\n".join([*lines, f"Differences are from {_escaped(comparison.names[0])}; {_LEFT_OUT}."]) + "\n"


def as_json(comparison: Comparison) -> str:
    """All lines with their values, differences and notes, in the order of `compared`; keys in one order."""
    sections = [
        {
            "kind": section.kind,
            "title": section.title,
            "rows": [
                {
                    "name": line.name,
                    "ideal": line.ideal,
                    "values": [cell.value if cell else None for cell in line.cells],
                    "differences": [cell.difference if cell else None for cell in line.cells],
                    "better": [cell.better if cell else None for cell in line.cells],
                    "notes": [cell.note if cell else None for cell in line.cells],
                }
                for line in section.lines
            ],
        }
        for section in comparison.sections
    ]
    return json.dumps({"compared": list(comparison.names), "sections": sections}, indent=2) + "\n"


def as_html(comparison: Comparison) -> str:
    """One page that needs nothing else."""
    title = ", ".join(comparison.names)
    head = "".join(f'<th scope="col">{_html(name)}</th>' for name in comparison.names)
    bodies = []
    for section in _shown(comparison):
        span = len(comparison.names) + 1
        rows = [f'<tr><th class="group" colspan="{span}" scope="rowgroup">{_html(section.title)}</th></tr>']
        for line in section.lines:
            cells = "".join(f"<td>{_cell_html(cell)}</td>" for cell in line.cells)
            rows.append(f'<tr><th scope="row">{_html(line.name)}</th>{cells}</tr>')
        bodies.append(f"<tbody>{''.join(rows)}</tbody>\n")
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{_html(title)}</title>\n'
        f"<style>{_STYLE}</style></head><body>\n<h1>{_html(title)}</h1>\n"
        f"<table><thead><tr><th></th>{head}</tr></thead>\n{''.join(bodies)}</table>\n"
        f"<p>Differences are from {_html(comparison.names[0])}; {_LEFT_OUT}.</p></body></html>\n"
    )


FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "table": as_table,
    "markdown": as_markdown,
    "json": as_json,
    "html": as_html,
}
_LEFT_OUT = "settings, data and hyperparameters that are equal are left out"
_STYLE = (
    "body{margin:2rem auto;max-width:66rem;padding:0 1rem;color:#1f2933;font:16px/1.5 system-ui,sans-serif}"
    "h1{font-size:1.5rem;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;border-bottom:1px solid #d9dfe5;"
    "overflow-wrap:anywhere;min-width:6rem}tbody th{font-weight:500}"
    "th.group{padding-top:1.2rem;color:#52606d;font-weight:600}"
    "small{color:#52606d;margin-left:.3rem}.better{color:#1e7a46}.worse{color:#b3261e}"
    "thead{display:table-header-group}tr{break-inside:avoid}"
)


def _rows(group: Group) -> Iterator[Mapping[str, Json]]:
    rows = group["rows"]
    if isinstance(rows, Sequence):
        yield from (row for row in rows if isinstance(row, Mapping))


def _line(kind: str, name: str, rows: Sequence[Mapping[str, Json] | None]) -> Line:
    ideals = [_number(row.get("ideal")) for row in rows if row]
    first = None if kind in TEXTS or rows[0] is None else _number(rows[0]["value"])
    cells = [_cell(row, first, ideals[0], index) if row else None for index, row in enumerate(rows)]
    return Line(name, ideals[0], tuple(cells))


def _cell(row: Mapping[str, Json], first: float | None, ideal: float | None, index: int) -> Cell:
    value, note = _number(row["value"]), row.get("note")
    told = str(note) if note else None
    if index == 0 or first is None or value is None or not math.isfinite(value - first):
        return Cell(row["value"], None, None, told)
    difference = float(f"{value - first:.12g}")  # 0.3 less 0.2 is 0.1
    return Cell(row["value"], difference, _better(value, first, ideal), told)


def _better(value: float, first: float, ideal: float | None) -> bool | None:
    if ideal is None:
        return None
    nearer = abs(first - ideal) - abs(value - ideal)
    return None if abs(nearer) <= 1e-12 else nearer > 0


def _number(value: Json) -> float | None:
    """A figure, which may be written as a text; infinities are texts, as Clarify writes them."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(found) else found


def _shown(comparison: Comparison) -> Iterator[Section]:
    """The sections as people see them, without those of which nothing is left."""
    for section in comparison.sections:
        lines, title = list(section.lines), section.title
        if section.kind in DIFFERING:
            known = [
                section.kind == "settings" or any(column)
                for column in zip(*(line.cells for line in lines), strict=True)
            ]
            lines = [line for line in lines if _differ(list(compress(line.cells, known)))]
        elif section.kind == "shap" and len(lines) > TOP:
            title = f"{title} (the {TOP} largest of {len(lines)})"
            lines = sorted(lines, key=_largest, reverse=True)[:TOP]
        if lines:
            yield Section(section.kind, title, tuple(lines))


def _differ(cells: Sequence[Cell | None]) -> bool:
    return len({cell.value if cell else None for cell in cells}) > 1


def _largest(line: Line) -> float:
    return max(abs(_number(cell.value) or 0) if cell else 0 for cell in line.cells)


def _notes(comparison: Comparison) -> Iterator[str]:
    for section in comparison.sections:
        for line in section.lines:
            for name, cell in zip(comparison.names, line.cells, strict=True):
                if cell and cell.note:
                    yield f"{name}: {line.name}: {cell.value} ({cell.note})"


def _columns(line: Line) -> Iterator[str]:
    for cell in line.cells:
        yield _cut(printable(figure(cell.value))) if cell else ABSENT
        yield _difference(cell) if cell else ""


def _widths(rows: Sequence[Sequence[str]], names: Sequence[str]) -> list[int]:
    """The width of every column; a name stands over a figure and its difference, and may be as wide as both."""
    widths = [max((columns(row[index]) for row in rows), default=0) for index in range(len(names))]
    for index in range(1, len(names), 2):
        both = widths[index] + (_GAP + widths[index + 1] if widths[index + 1] else 0)
        widths[index + bool(widths[index + 1])] += max(0, columns(names[index]) - both)
    return widths


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """The cells under those of other lines; one that is wider than its column takes from the empty one behind it."""
    line, end = "", 0
    for cell, width in zip(cells, widths, strict=True):
        if width:
            line += " " * (end - columns(line)) + cell
            end += width + _GAP
    return line.rstrip()


def _whole(cell: Cell | None) -> str:
    if cell is None:
        return ABSENT
    more = [_difference(cell), f"({cell.note})" if cell.note else ""]
    return " ".join([figure(cell.value), *filter(None, more)])


def _difference(cell: Cell) -> str:
    if cell.difference is None:
        return ""
    apart = cell.difference
    change = "=" if apart == 0 else f"{'+' if apart > 0 else ''}{figure(int(apart) if apart.is_integer() else apart)}"
    return change if cell.better is None else f"{change} {'better' if cell.better else 'worse'}"


def _cut(text: str) -> str:
    """A long text without its middle: the ends of paths and of numbers tell more."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2 - 1]}…{text[-LONGEST // 2 :]}"


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    marked = "".join(f"\\{character}" if character in "\\`*_[]|#~" else character for character in printable(text))
    return marked.replace("&", "&amp;").replace("<", "&lt;")


def _html(text: str) -> str:
    return html.escape(printable(text))


def _cell_html(cell: Cell | None) -> str:
    if cell is None:
        return ABSENT
    style = "" if cell.better is None else f' class="{"better" if cell.better else "worse"}"'
    difference = f"<small{style}>{_html(_difference(cell))}</small>" if cell.difference is not None else ""
    note = f"<small>{_html(cell.note)}</small>" if cell.note else ""
    return f"{_html(figure(cell.value))}{difference}{note}"

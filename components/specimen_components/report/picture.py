"""A lineage as an inline SVG: a column for each step from data to registered model, arrows between boxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specimen_pages.markup import Markup, printable, tag

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _EDGE = 212, 48, 84, 22, 6
_LONGEST = 25  # characters in a box, of 7.7 pixels each where they are digits in a wide font


@dataclass(frozen=True)
class Box:
    """An entity and where it stands, in pixels."""

    name: str
    kind: str
    x: float
    y: float


def lineage(name: str, graph: Mapping[str, Any]) -> Markup:
    """Draw nodes (arn, name, type) and edges (source, destination, type), from left to right.

    `name` tells this picture's references from those of others.
    """
    arrow = f"{name}-arrow"
    arns = [node["arn"] for node in graph["nodes"]]
    edges = [edge for edge in graph["edges"] if {edge["source"], edge["destination"]} <= set(arns)]
    columns = _columns(arns, edges)
    boxes = _boxes(graph["nodes"], columns)
    width = max(box.x for box in boxes.values()) + _WIDTH + _EDGE
    height = max(box.y for box in boxes.values()) + _HEIGHT + _EDGE
    svg = tag(
        "svg",
        Markup(_ARROW.format(arrow)),
        *(_edge(boxes[edge["source"]], boxes[edge["destination"]], edge["type"], arrow) for edge in edges),
        *(_box(box, arn) for arn, box in boxes.items()),
        viewBox=f"0 0 {width:g} {height:g}",
        style=f"min-width: {width * 0.8:g}px; max-width: {width:g}px",
        role="img",
        aria_label="Lineage: " + "; ".join(_spoken(edge, boxes) for edge in edges),
    )
    return tag("div", svg, class_="scroll lineage")


def _columns(arns: Sequence[str], edges: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Place each node right of all that lead to it; a circle, which AWS allows, ends after as many steps as nodes."""
    columns = dict.fromkeys(arns, 0)
    for _ in arns:
        for edge in edges:
            if edge["source"] != edge["destination"]:
                behind = min(columns[edge["source"]] + 1, len(arns) - 1)
                columns[edge["destination"]] = max(columns[edge["destination"]], behind)
    return columns


def _boxes(nodes: Sequence[Mapping[str, Any]], columns: Mapping[str, int]) -> dict[str, Box]:
    tallest = max(list(columns.values()).count(column) for column in columns.values())
    boxes: dict[str, Box] = {}
    placed: dict[int, int] = {}
    for node in nodes:
        column = columns[node["arn"]]
        row = placed[column] = placed.get(column, -1) + 1
        free = tallest - list(columns.values()).count(column)  # shorter columns stand in the middle
        x = _EDGE + column * (_WIDTH + _GAP_X)
        y = _EDGE + (row + free / 2) * (_HEIGHT + _GAP_Y)
        boxes[node["arn"]] = Box(str(node["name"]), str(node["type"]), x, y)
    return boxes


_ARROW = (
    '<defs><marker id="{}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto"><path d="M0 0L8 4L0 8z" fill="#52606d"/></marker></defs>'
)
_FILLS = {"Dataset": "#e3f2e8", "TrainingJob": "#e6effa", "Model": "#fdeee2"}


def _box(box: Box, arn: str) -> Markup:
    last = box.name.rstrip("/").rpartition("/")[2]  # of a URI, what tells it from its neighbours
    short = last if len(last) <= _LONGEST else f"{last[:12]}…{last[-12:]}"
    return tag(
        "g",
        tag("title", f"{box.name} ({arn})"),
        tag(
            "rect",
            x=f"{box.x:g}",
            y=f"{box.y:g}",
            width=str(_WIDTH),
            height=str(_HEIGHT),
            rx="6",
            fill=_FILLS.get(box.kind, "#f0f2f5"),
            stroke="#9aa5b1",
        ),
        tag("text", box.kind, x=f"{box.x + 10:g}", y=f"{box.y + 19:g}", class_="kind"),
        tag("text", short, x=f"{box.x + 10:g}", y=f"{box.y + 36:g}", class_="name"),
    )


def _edge(start: Box, end: Box, label: str, arrow: str) -> Markup:
    x1, y1, x2, y2 = start.x + _WIDTH, start.y + _HEIGHT / 2, end.x, end.y + _HEIGHT / 2
    if x2 <= x1:  # back, or to the same column: round below
        path = f"M{start.x + _WIDTH / 2:g} {start.y + _HEIGHT:g}L{end.x + _WIDTH / 2:g} {end.y:g}"
    else:
        path = f"M{x1:g} {y1:g}C{x1 + 30:g} {y1:g} {x2 - 30:g} {y2:g} {x2:g} {y2:g}"
    return tag(
        "g",
        tag("path", d=path, fill="none", stroke="#52606d", marker_end=f"url(#{arrow})"),
        tag("text", label, x=f"{(x1 + x2) / 2:g}", y=f"{(y1 + y2) / 2 - 7:g}", class_="edge"),
    )


def _spoken(edge: Mapping[str, Any], boxes: Mapping[str, Box]) -> str:
    start, end = boxes[edge["source"]], boxes[edge["destination"]]
    return printable(f"{start.kind} {start.name} {edge['type']} {end.kind} {end.name}")

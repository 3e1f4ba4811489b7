"""A lineage as a tree for people, as JSON for programs, and as a Mermaid chart for documents."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from specimen.lineage.graph import Entity, Graph
from specimen.text import printable

# Whose child an entity is drawn as, where several lead to it: the first of these.
_RANKS = ("TrialComponent", "Model", "ModelPackage", "DataSet", "Action", "Context", "Image")


def as_text(graph: Graph) -> str:
    """A tree from the data down; what else leads to an entity stands below it, behind an arrow."""
    tree = _Tree(graph)
    return "\n".join(printable(line) for root in tree.roots() for line in tree.lines(root)) + "\n"


def as_json(graph: Graph) -> str:
    """All entities and associations."""
    entities = [
        {"arn": one.arn, "kind": one.kind, "type": one.type, "name": one.name, "note": one.note}
        for one in graph.entities.values()
    ]
    associations = [
        {"source": one.source, "destination": one.destination, "type": one.type} for one in graph.associations
    ]
    document = {"subject": graph.subject, "entities": entities, "associations": associations}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_mermaid(graph: Graph) -> str:
    """A flow chart, as GitHub and others draw it from Markdown."""
    numbers = {arn: f"n{number}" for number, arn in enumerate(graph.entities)}
    lines = ["flowchart LR"]
    lines += [f'  {numbers[arn]}["{_escaped(_label(one))}"]' for arn, one in graph.entities.items()]
    for one in graph.associations:
        arrow = f"-->|{_escaped(one.type)}|" if one.type else "-->"
        lines.append(f"  {numbers[one.source]} {arrow} {numbers[one.destination]}")
    return "\n".join(lines) + "\n"


FORMATS: Mapping[str, Callable[[Graph], str]] = {"text": as_text, "json": as_json, "mermaid": as_mermaid}


class _Tree:
    """Each entity once, below the one that leads to it first."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.places = {arn: place for place, arn in enumerate(graph.entities)}
        self.parent = {arn: self._best([one.source for one in graph.parents(arn)]) for arn in graph.entities}
        self.drawn: set[str] = set()

    def roots(self) -> Iterator[str]:
        """What the tree begins with: what nothing leads to; and, should associations go in a circle, what is left."""
        yield from (arn for arn in self.graph.entities if self.parent[arn] is None and not self._beside(arn))
        yield from (arn for arn in self.graph.entities if arn not in self.drawn and not self._beside(arn))

    def lines(self, arn: str, lead: str = "", branch: str = "", below: str = "") -> Iterator[str]:
        """An entity's line, and those of what it leads to."""
        self.drawn.add(arn)
        yield f"{lead}{branch}{_label(self.graph.entities[arn])}"
        children = [one.destination for one in self.graph.children(arn)]
        for one in self.graph.parents(arn):
            if self._beside(one.source):
                yield f"{lead}{below}{'│  ' if children else '   '}← {_label(self.graph.entities[one.source])}"
        for place, child in enumerate(children, 1):
            fork, stem = ("├─ ", "│  ") if place < len(children) else ("└─ ", "   ")
            if self.parent[child] == arn and child not in self.drawn:
                yield from self.lines(child, lead + below, fork, stem)
            else:
                where = "above" if child in self.drawn else "below"
                yield f"{lead}{below}{fork}{_label(self.graph.entities[child])}, drawn {where}"

    def _beside(self, arn: str) -> bool:
        """Whether an entity is told beside what it leads to: nothing leads to it, and nothing is drawn below it."""
        children = self.graph.children(arn)
        return (
            self.parent[arn] is None and bool(children) and all(self.parent[one.destination] != arn for one in children)
        )

    def _best(self, parents: Sequence[str]) -> str | None:
        return min(parents, key=self._rank, default=None)

    def _rank(self, arn: str) -> tuple[int, int]:
        one = self.graph.entities[arn]
        names = [name for name in (one.type, one.kind) if name in _RANKS]
        return (min(map(_RANKS.index, names), default=len(_RANKS)), self.places[arn])


def _label(one: Entity) -> str:
    return f"{one.type} {one.name}" + (f" ({one.note})" if one.note else "")


def _escaped(text: str) -> str:
    """Text between quotes in Mermaid, whose escapes are numbers of characters between # and ;."""
    shown = printable(text)
    return "".join(f"#{ord(one)};" if one in '"#<>&|[]{}`' else one for one in shown)

"""What the language has words for and nothing runs yet: keys and values that are refused by name.

A capability that arrives takes its line from here and adds its keys to the schema.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from specimen.spec.document import Document, Path
from specimen.spec.findings import Finding
from specimen.spec.model import Json

RULE = "not-available-yet"


@dataclass(frozen=True)
class Planned:
    """A key, or values of a key, that nothing runs yet; a ``*`` in the path stands for any one key."""

    kind: str
    path: tuple[str, ...]
    matches: Callable[[Json], bool] | None = None  # None: the key itself, whatever its value

    def at(self, path: Path, value: Json) -> bool:
        """Whether this is what stands at a path of a document."""
        if len(path) != len(self.path) or not all(
            want in ("*", step) for want, step in zip(self.path, path, strict=True)
        ):
            return False
        return self.matches is None or self.matches(value)


def _among(*values: str) -> Callable[[Json], bool]:
    return lambda value: isinstance(value, str) and value in values


def _web(value: Json) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _several(value: Json) -> bool:
    return isinstance(value, int) and value > 1


def _keys(kind: str, section: str, names: str) -> tuple[Planned, ...]:
    return tuple(Planned(kind, (*section.split(), name)) for name in names.split())


PLANNED: tuple[Planned, ...] = (
    *_keys("Experiment", "training", "image metrics"),
    Planned("Experiment", ("dataset", "source"), _web),
    Planned("Experiment", ("dataset", "source", "*"), _web),
    *(Planned("Experiment", (section, "resources", "count"), _several) for section in ("bias", "explain", "evaluate")),
    *_keys("Target", "", "kubeflow policy"),
    Planned("Target", ("aws", "clarify"), _among("own", "off")),
)


def planned(document: Document, kind: str) -> Iterator[Finding]:
    """A finding for everything in a document that is not available yet."""
    rows = _by_end(kind)
    for path in document.keys:
        for row in (*rows.get(path[-1], ()), *rows.get(path[:-1], ())):
            if row.at(path, value := document.at(path)):
                yield _finding(document, path, value, row)


@cache
def _by_end(kind: str) -> Mapping[str | int | Path, Sequence[Planned]]:
    """The rows by the key that they end with, or by what stands before a ``*``: hardly a path is a candidate."""
    rows: dict[str | int | Path, list[Planned]] = {}
    for row in PLANNED:
        if row.kind == kind:
            end = row.path[:-1] if row.path[-1] == "*" else row.path[-1]
            rows.setdefault(end, []).append(row)
    return rows


def _finding(document: Document, path: Path, value: Json, row: Planned) -> Finding:
    if row.matches is None:
        message, hint = f"`{path[-1]}` is not available yet", "remove the key"
    else:
        message, hint = f"`{path[-1]}: {value}` is not available yet", "change or remove it"
    return document.finding(RULE, path, message, hint=hint, key=row.matches is None)

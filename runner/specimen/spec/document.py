"""A document as data, with a position for every key and every value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from specimen.spec.findings import Finding, Position, Severity
from specimen.spec.model import Json

Path = tuple[str | int, ...]


def value_at(data: Json, path: Path) -> Json:
    """The value at a path in data; None where there is none."""
    value = data
    for step in path:
        match value:
            case dict() if step in value:
                value = value[step]
            case list() if isinstance(step, int) and step < len(value):
                value = value[step]
            case _:
                return None
    return value


class Mark(NamedTuple):
    """Where something stands in the text: line and column count from one, the length in characters."""

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True)
class Document:
    """A file's text as data.

    `data` is None where the text has no mapping to speak of; `findings` then say why. `values` and `keys` mark every
    node, by its path from the root.
    """

    file: str
    lines: tuple[str, ...]
    data: Mapping[str, Json] | None = None
    values: Mapping[Path, Mark] = field(default_factory=dict)
    keys: Mapping[Path, Mark] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def at(self, path: Path) -> Json:
        """The value at a path; None where there is none."""
        return value_at(self.data, path)

    def has(self, path: Path) -> bool:
        """Whether the file itself says something at a path."""
        return path in self.values

    def finding(
        self,
        rule: str,
        path: Path,
        message: str,
        *,
        hint: str | None = None,
        key: bool = False,
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """A finding at a path's value, or at its key; where the file says nothing there, at what stands around it."""
        mark = self._mark(path, key=key)
        return self.finding_at(rule, mark, message, path=path, hint=hint, severity=severity)

    def finding_at(
        self,
        rule: str,
        mark: Mark,
        message: str,
        *,
        path: Path = (),
        hint: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """A finding at a mark, which is moved into the text if it lies past its end."""
        line = max(1, min(mark.line, len(self.lines)))
        excerpt = self.lines[line - 1] if self.lines else ""
        column = mark.column if line == mark.line else len(excerpt) + 1
        length = max(1, min(mark.length, len(excerpt) - column + 1))
        return Finding(rule, message, Position(self.file, line, column), path, hint, excerpt, length, severity)

    def _mark(self, path: Path, *, key: bool) -> Mark:
        if path in self.keys and (key or path not in self.values):  # a patch may have removed the value
            return self.keys[path]
        if path in self.values:
            mark = self.values[path]
            return self.keys.get(path, mark) if mark.length == 0 else mark  # an empty value has no text to point at
        if path:
            return self._mark(path[:-1], key=True)
        return Mark(1, 1)

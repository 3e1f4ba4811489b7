"""An experiment as the semantic rules see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from specimen.spec.document import Document, Path, value_at
from specimen.spec.findings import Finding, Severity
from specimen.spec.load import Code, Header
from specimen.spec.model import Json


@dataclass(frozen=True)
class View:
    """A document with its defaults; what is broken in it is not shown, so that no rule reports its consequences."""

    document: Document
    data: Mapping[str, Json]
    broken: frozenset[Path]
    headers: Mapping[Path, Header] = field(default_factory=dict)  # of local tables, by the path that names each
    code: Mapping[str, Code] = field(
        default_factory=dict
    )  # of local files that rules are in, as the document names them

    @property
    def header(self) -> Header | None:
        """The header of the table, or of the first part's; None where none is local."""
        return next(iter(self.headers.values()), None)

    def at(self, *path: str | int) -> Json:
        """The value at a path; None where there is none, or where it is broken."""
        if self.broken and any(path[:depth] in self.broken for depth in range(1, len(path) + 1)):
            return None
        return value_at(self.data, path)

    def text(self, *path: str | int) -> str | None:
        """The text at a path."""
        value = self.at(*path)
        return value if isinstance(value, str) else None

    def number(self, *path: str | int) -> float | None:
        """The number at a path."""
        value = self.at(*path)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def mapping(self, *path: str | int) -> Mapping[str, Json]:
        """The mapping at a path; an empty one where there is none."""
        value = self.at(*path)
        return value if isinstance(value, dict) else {}

    def items(self, *path: str | int) -> list[tuple[Path, Json]]:
        """What a list at a path holds, each with its own path, without what is broken."""
        value = self.at(*path)
        values = value if isinstance(value, list) else []
        return [((*path, index), item) for index, item in enumerate(values) if (*path, index) not in self.broken]

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
        """A finding in the document."""
        return self.document.finding(rule, path, message, hint=hint, key=key, severity=severity)

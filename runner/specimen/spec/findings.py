"""What is wrong with a document, and where."""

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """An error stops everything; a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Position:
    """A place in a file; line and column count from one."""

    file: str
    line: int
    column: int


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    `path` leads from the document's root to the node (keys and list indices). `rule` is a stable ID such as
    ``unknown-key``. `excerpt` is the source line that the position names, without its line end.
    """

    rule: str
    message: str
    position: Position
    path: tuple[str | int, ...] = ()
    hint: str | None = None
    excerpt: str = ""
    length: int = 1  # how many characters of the excerpt the caret underlines
    severity: Severity = Severity.ERROR

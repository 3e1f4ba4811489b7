"""Findings as text for people and as JSON for programs."""

import json
from collections.abc import Sequence

from specimen.spec.findings import Finding
from specimen.text import columns, printable

WIDEST = 120  # columns of a source line that are shown
BEFORE = 40  # of them before the caret, where a line is cut


def as_text(findings: Sequence[Finding]) -> str:
    """Each finding with its place, its source line, a caret and what to do; nothing where there are none.

    Control characters of the source are shown as escapes, so that no file can send anything to a terminal.
    """
    return "".join(f"{_entry(finding)}\n" for finding in findings)


def as_json(findings: Sequence[Finding]) -> str:
    """A list of findings with stable keys; `path` leads from the document's root to the place."""
    return json.dumps([_data(finding) for finding in findings], indent=2) + "\n"


def _entry(finding: Finding) -> str:
    at = finding.position
    place = f"{printable(at.file)}:{at.line}:{at.column}"
    lines = [f"{place}: {finding.severity.value}: {printable(finding.message)} [{finding.rule}]"]
    if finding.excerpt.strip():
        lines += _source(finding)
    if finding.hint:
        lines.append(f"  hint: {printable(finding.hint)}")
    return "\n".join(lines) + "\n"


def _source(finding: Finding) -> list[str]:
    """The source line and the caret line under it."""
    text, start, length = _window(finding.excerpt, finding.position.column - 1, finding.length)
    before, marked = printable(text[:start]), printable(text[start : start + length])
    number = str(finding.position.line)
    carets = "^" * max(1, columns(marked))
    return [
        f"  {number} | {before}{marked}{printable(text[start + length :])}".rstrip(),
        f"  {' ' * len(number)} | {' ' * columns(before)}{carets}",
    ]


def _window(text: str, start: int, length: int) -> tuple[str, int, int]:
    """A long line cut around what is meant: the text, and where the mark begins in it."""
    if len(text) <= WIDEST:
        return text, start, length
    left = max(0, start - BEFORE)
    right = min(len(text), left + WIDEST)
    head, tail = "…" if left else "", "…" if right < len(text) else ""
    start = start - left + len(head)
    return head + text[left:right] + tail, start, max(1, min(length, len(head) + right - left - start))


def _data(finding: Finding) -> dict[str, object]:
    return {
        "file": finding.position.file,
        "line": finding.position.line,
        "column": finding.position.column,
        "length": finding.length,
        "path": list(finding.path),
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "hint": finding.hint,
        "excerpt": finding.excerpt,
    }

"""SageMaker's data processing of CSV: which columns a model is asked with, and which a batch transform writes.

The paths are the part of JSONPath that AWS documents for CSV: ``$`` (all columns), ``$[1]``, ``$[-1]``, ``$[0,5]`` and
``$[1:]``, ``$[:4]``, ``$[1:4]`` (the end is not included), and single columns before a range, as in ``$[0,5:]``.
"""

import csv
import io
import re
from dataclasses import dataclass

_INDEX = r"\s*-?\d+\s*"
_INDICES = re.compile(rf"\$\[({_INDEX}(?:,{_INDEX})*)\]")
_SLICE = re.compile(rf"\$\[((?:{_INDEX},)*)\s*(-?\d+)?\s*:\s*(-?\d+)?\s*\]")


class BadPath(ValueError):
    """A path is none that selects columns."""


class BadRecord(ValueError):
    """A record does not have the columns that a path selects."""


@dataclass(frozen=True)
class Filter:
    """A selection of columns: single ones, a range of them, or single ones and then a range."""

    path: str
    single: tuple[int, ...]
    range: slice | None = None

    @property
    def everything(self) -> bool:
        """Tell whether it selects all columns of any record."""
        return not self.single and self.range == slice(None)

    def select(self, record: list[str]) -> list[str]:
        """Return the selected columns of a record, in the path's order; `BadRecord` if there are none, or too few."""
        ranged = record[self.range] if self.range else []
        if self.range and not ranged:
            raise BadRecord(f"{self.path} selects nothing of a record of {len(record)} columns")
        try:
            return [*(record[index] for index in self.single), *ranged]
        except IndexError:
            raise BadRecord(f"{self.path} is out of range for a record of {len(record)} columns") from None


def parse(path: str) -> Filter:
    """Read a path; `BadPath` if it is none for CSV."""
    if path == "$":
        return Filter(path, (), slice(None))
    if match := _INDICES.fullmatch(path):
        return Filter(path, tuple(int(index) for index in match[1].split(",")))
    if match := _SLICE.fullmatch(path):
        start, stop = (None if bound is None else int(bound) for bound in match.groups()[1:])
        return Filter(path, tuple(int(index) for index in match[1].split(",")[:-1]), slice(start, stop))
    raise BadPath(path)


def read(line: str) -> list[str]:
    """Take a CSV record apart."""
    return next(csv.reader([line])) if '"' in line else line.split(",")


def write(record: list[str]) -> str:
    """Write a CSV record, quoted where it must be."""
    line = ",".join(record)
    if not any(mark in line for mark in '"\r\n') and line.count(",") == len(record) - 1:
        return line
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(record)
    return text.getvalue()


def apply(selection: Filter, line: str) -> str:
    """Return the selected columns of a line of CSV."""
    return line if selection.everything else write(selection.select(read(line)))

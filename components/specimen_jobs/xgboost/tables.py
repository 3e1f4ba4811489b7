"""Rows of numbers from CSV text, fast, and with the place of what is wrong.

A cell may be empty or `nan`: it is missing, which XGBoost handles. Anything else that is not a finite 32-bit float is
an error that names the row and column, counted from 1.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from specimen_jobs.container import JobError

Floats = npt.NDArray[np.float32]

MISSING: Final = frozenset({"", "nan", "NaN", "NAN"})
DELIMITERS: Final = ",;\t| "
NEWLINE: Final = 10
SHOWN: Final = 40


@dataclass(frozen=True)
class Block:
    """Whole lines of a CSV text; `first` is the number of its first row, counted from 1."""

    text: bytes
    first: int


def delimiter_of(line: bytes) -> str:
    """Return the delimiter of a line of numbers; a line without one is a single column."""
    text = line.decode("utf-8", "replace").strip()
    return next((mark for mark in DELIMITERS if mark in text), ",")


def parse(block: Block, delimiter: str, name: str) -> Floats:
    """Return a block's rows as float32 (rows by columns), missing cells as NaN; `name` is what errors call the text.

    Raises:
        JobError: a row is longer or shorter than the first, a cell is no number, or a number is infinite.
    """
    import pandas as pd

    _check_widths(block, delimiter, name)
    try:
        with np.errstate(over="ignore"):  # what overflows is found below, with its place
            frame = pd.read_csv(
                io.BytesIO(block.text),
                sep=delimiter,
                header=None,
                dtype=np.float32,
                keep_default_na=False,
                na_values=sorted(MISSING),
                skip_blank_lines=False,
                quoting=csv.QUOTE_NONE,
            )
    except (ValueError, OverflowError) as error:
        raise JobError(_explain(block, delimiter, name) or f"{name} cannot be read as numbers: {error}") from None
    rows = frame.to_numpy(dtype=np.float32)
    infinite = np.isinf(rows)
    if infinite.any():
        row, column = np.argwhere(infinite)[0]
        cell = _lines(block)[row].split(delimiter)[column]
        raise JobError(f"{_place(name, block, row, column)}: {cell.strip()!r} is infinite or beyond a 32-bit float")
    return rows


def blocks(text: Iterator[bytes]) -> Iterator[Block]:
    """Return blocks of whole lines from pieces of a text that end anywhere; blank lines at its end are dropped."""
    rest, row = b"", 1
    for piece in text:
        lines, end, part = (rest + piece).rpartition(b"\n")
        whole = lines + end
        full = len(whole.rstrip(b"\r\n"))
        if full:
            full = whole.index(b"\n", full) + 1
            yield Block(whole[:full], row)
            row += whole.count(b"\n", 0, full)
        rest = whole[full:] + part  # blank lines are held back: they are an error only if text follows
    if rest.strip():
        yield Block(rest + b"\n", row)


def _check_widths(block: Block, delimiter: str, name: str) -> None:
    """Compare the number of delimiters of every line with the first line's; pandas would pad a short row in silence."""
    letters = np.frombuffer(block.text, dtype=np.uint8)
    ends = np.flatnonzero(letters == NEWLINE)
    marks = np.cumsum(letters == ord(delimiter))[ends]
    widths = np.diff(marks, prepend=0) + 1
    odd = np.flatnonzero(widths != widths[0])
    if odd.size:
        row = int(odd[0])
        raise JobError(
            f"{name}, row {block.first + row} has {widths[row]} columns where row {block.first} has {widths[0]}"
        )


def _explain(block: Block, delimiter: str, name: str) -> str | None:
    """Return the sentence about the first cell that is no number."""
    for row, line in enumerate(_lines(block)):
        for column, cell in enumerate(line.split(delimiter)):
            if not _numeric(cell.strip()):
                header = " (a header? the container takes none)" if block.first + row == 1 else ""
                return f"{_place(name, block, row, column)}: {cell.strip()[:SHOWN]!r} is not numeric{header}"
    return None


def _lines(block: Block) -> list[str]:
    return block.text.decode("utf-8", "replace").splitlines()


def _place(name: str, block: Block, row: int, column: int) -> str:
    return f"{name}, row {block.first + row}, column {column + 1}"


def _numeric(cell: str) -> bool:
    if cell in MISSING:
        return True
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell

"""A libsvm table written as CSV: the label, then each feature, with an empty field where a line does not name it.

A number's text is copied as it stands. A block of lines is first held against the format by one expression, and then
moved by NumPy; only where something is wrong is a line looked at by itself.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

import numpy as np
import numpy.typing as npt

from specimen_components.tables.blocks import COMMA, FEED
from specimen_components.tables.errors import TableError, counted, shown
from specimen_components.tables.writing import header_line

BLOCK = 2**18  # bytes that are read at a time
CELLS = 2**19  # fields that are written at a time
COLON, ZERO = b":0"
LONGEST = 9  # digits of an index

# Possessive throughout: what does not fit is found in the time that reading takes.
_NUMBER = rb"[-+]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][-+]?+[0-9]++)?+"
_PAIR = rb"[0-9]{1,%d}+:%s" % (LONGEST, _NUMBER)
_LINES = re.compile(rb"(?:[ \t]*+(?:%s(?:[ \t]++%s)*+[ \t]*+)?+(?:#[^\n]*+)?+\n)*+" % (_NUMBER, _PAIR))
_REMARK = re.compile(rb"#[^\n]*+")
_FORM = "A line is <label> <index>:<value> …: plain numbers, and indices counted from 1; what is missing is left out."

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class _Source:
    """What errors call the table, and how many features a line may name."""

    name: str
    width: int

    def fail(self, line: int, what: str, hint: str = _FORM) -> NoReturn:
        raise TableError(f"dataset.source: {self.name}, line {line}: {what}", hint=hint)


@dataclass(frozen=True)
class _Fields:
    """The numbers of some lines, where they stand and the cell of the table that each belongs to, cells ascending."""

    content: Bytes
    starts: Places
    ends: Places
    cells: Places
    rows: int


def as_csv(path: Path, name: str, columns: Sequence[str], target: Path) -> Path:
    """Write the table as CSV with a header; `columns` are the label's and the features' names, `name` the source's.

    Raises:
        TableError: a line is not libsvm, names a feature twice or one that there is not; with the source and the line.
    """
    source, line, rows = _Source(name, len(columns) - 1), 1, 0
    with path.open("rb") as file, target.open("wb") as table:
        if file.read(len(BOM_UTF8)) != BOM_UTF8:
            file.seek(0)
        table.write(header_line(columns))
        for block in _blocks(file):
            fields = _fields(block, source, line)
            for piece in _written(fields, len(columns)):
                table.write(piece.data)
            line += block.count(b"\n")
            rows += fields.rows
    if not rows:
        raise TableError(f"dataset.source: {name} has no rows", hint=_FORM)
    return target


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield whole lines, each with a line feed at its end."""
    while block := file.read(BLOCK):
        block = (block + file.readline()).replace(b"\r\n", b"\n")
        yield block if block.endswith(b"\n") else block + b"\n"


def _fields(block: bytes, source: _Source, line: int) -> _Fields:
    """Find the numbers of a block, which begins at a line of this number."""
    whole = _LINES.match(block)
    if whole is None or whole.end() != len(block):
        _refuse(block, source, line)
    if b"#" in block:
        block = _REMARK.sub(b"", block)
    content = np.frombuffer(block, dtype=np.uint8)
    starts, ends = _tokens(content)
    colons = np.flatnonzero(content == COLON)
    pairs = np.searchsorted(starts, colons, side="right") - 1
    labels = np.ones(len(starts), dtype=np.intp)
    labels[pairs] = 0
    cells = (labels.cumsum() - 1) * (source.width + 1)
    indices = _whole_numbers(content, starts[pairs], colons)
    cells[pairs] += indices
    starts[pairs] = colons + 1
    if ((indices < 1) | (indices > source.width)).any():
        _refuse(block, source, line)
    if (np.diff(cells) <= 0).any():
        order = np.argsort(cells)
        starts, ends, cells = starts[order], ends[order], cells[order]
        if (np.diff(cells) == 0).any():
            _refuse(block, source, line)
    return _Fields(content, starts, ends, cells, int(labels.sum()))


def _tokens(content: Bytes) -> tuple[Places, Places]:
    """Return where tokens start and end; nothing but them is larger than a blank."""
    edges = np.diff((content > ord(" ")).astype(np.int8), prepend=np.int8(0))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)


def _whole_numbers(content: Bytes, starts: Places, ends: Places) -> Places:
    numbers = np.zeros(len(starts), dtype=np.intp)
    for digit in range(int((ends - starts).max(initial=0))):
        there = starts + digit < ends
        numbers[there] = numbers[there] * 10 + content[starts[there] + digit] - ZERO
    return numbers


def _refuse(block: bytes, source: _Source, line: int) -> NoReturn:
    """Say what is wrong with the first line of a block that is not right."""
    for number, text in enumerate(block.split(b"\n"), line):
        label, *pairs = text.partition(b"#")[0].split() or [b"0"]
        if wrong := _wrong_label(label):
            source.fail(number, *wrong)
        indices: set[int] = set()
        for pair in pairs:
            if wrong := _wrong_pair(pair, source.width, indices):
                source.fail(number, *wrong)
            indices.add(int(pair.partition(b":")[0]))
    source.fail(line, "this is not libsvm")


def _wrong_label(label: bytes) -> tuple[str, str] | None:
    """Return what is wrong with a line's first word, and what to do."""
    if re.fullmatch(_NUMBER, label):
        return None
    if re.fullmatch(b"%s:%s" % (_NUMBER, _NUMBER), label):
        return f"{_shown(label)} is a label with a weight, or no label; weights are not read", _FORM
    return f"{_shown(label)} is no label, which is a number", _FORM


def _wrong_pair(pair: bytes, width: int, indices: Container[int]) -> tuple[str, str] | None:
    """Return what is wrong with a feature that follows those of these `indices`, and what to do."""
    index, _, value = pair.partition(b":")
    if index == b"qid":
        return f"{_shown(pair)} groups rows for ranking, which is not read", "Remove it from every line."
    if not re.fullmatch(rb"[0-9]+", index) or not re.fullmatch(_NUMBER, value):
        return f"{_shown(pair)} is no <index>:<value>", _FORM
    if int(index) == 0:
        hint = "Write indices from 1 on; scikit-learn does with zero_based=False."
        return f"{_shown(pair)} has the index 0, and indices are counted from 1", hint
    if int(index) > width:
        declared = f"dataset.features declares {counted(width, 'feature')}"
        return f"{_shown(pair)} has the index {int(index)}, and {declared}", "Mend the line, or declare more features."
    return (f"{_shown(pair)} names feature {int(index)} again", "Name each once.") if int(index) in indices else None


def _shown(word: bytes) -> str:
    return shown(word.decode("utf-8", errors="replace"))


def _written(fields: _Fields, width: int) -> Iterator[Bytes]:
    """Yield the rows of `width` fields each."""
    step = max(1, CELLS // width)
    for first in range(0, fields.rows, step):
        last = min(first + step, fields.rows)
        chosen = slice(*np.searchsorted(fields.cells, (first * width, last * width)))
        yield _rows(fields, chosen, first * width, (last - first) * width, width)


def _rows(fields: _Fields, chosen: slice, first: int, cells: int, width: int) -> Bytes:
    """Return so many cells from the `first` on: each number's bytes and the mark behind it."""
    starts, own = fields.starts[chosen], fields.cells[chosen] - first
    lengths = fields.ends[chosen] - starts
    marks = np.ones(cells, dtype=np.intp)
    marks[own] += lengths
    marks = marks.cumsum() - 1
    text = np.empty(marks[-1] + 1, dtype=np.uint8)
    text[marks] = COMMA
    text[marks[width - 1 :: width]] = FEED
    before = lengths.cumsum() - lengths
    steps = np.arange(int(lengths.sum()))
    text[np.repeat(marks[own] - lengths - before, lengths) + steps] = fields.content[
        np.repeat(starts - before, lengths) + steps
    ]
    return text

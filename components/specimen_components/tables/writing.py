"""Moving lines of a CSV file into its parts: fields are put in a new order and never written anew."""

import csv
import io
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from specimen_components.tables.blocks import COMMA, FEED, is_one_line, plain
from specimen_components.tables.errors import TableError, counted
from specimen_components.tables.reading import records
from specimen_components.tables.workers import ordered

POINT = b".0"
CHUNK = 2**18  # bytes that are moved at a time, few enough for the processor's cache
Runs = tuple[tuple[int, int], ...]  # neighbouring fields that stay neighbours, as (first, last)
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]  # of bytes in a chunk


@dataclass(frozen=True)
class _Shape:
    """What is to be made of each row: the runs of its `width` fields, in one of so many targets.

    Behind those of the new fields that are `pointed`, a point and a zero are written.
    """

    runs: Runs
    width: int
    targets: int
    pointed: Sequence[int]


@dataclass(frozen=True)
class _Chunk:
    """Whole lines: how many, the number of the first one's row, and the parts that they go to."""

    content: Bytes
    row: int
    rows: int
    parts: npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True)
class _Lines:
    """How many rows were read, and the lines of each target."""

    rows: int
    targets: Sequence[Bytes]


def move(
    source: Path,
    order: Sequence[int],
    width: int,
    parts: npt.NDArray[np.signedinteger[Any]],
    targets: Sequence[BinaryIO],
    pointed: Sequence[int] = (),
) -> None:
    """Write row i of `source` (header left out) to ``targets[parts[i]]``, with the fields in `order`.

    `width` is the number of fields of a row; blank lines are passed over. Fields are copied as they stand, so that
    an integer stays an integer and a number keeps all its digits; but those of the new fields that are `pointed`, which
    hold integers, become numbers with a point.

    Raises:
        TableError: a row has fewer or more fields than the header, or there are not as many rows as `parts` has.
    """
    shape = _Shape(_runs(order), width, len(targets), pointed)
    moved = 0
    for lines in ordered(partial(_divided, shape), _numbered(_chunks(source), parts)):
        moved += lines.rows
        for target, own in zip(targets, lines.targets, strict=True):
            target.write(own.data)
    if moved != len(parts):
        raise _not_lines(len(parts))


def add_header(sources: Sequence[Path], columns: Sequence[str], target: Path) -> None:
    """Copy files of rows into one, with a header line before them."""
    with target.open("wb") as file:
        file.write(header_line(columns))
        for source in sources:
            with source.open("rb") as rows:
                shutil.copyfileobj(rows, file)


def header_line(columns: Sequence[str]) -> bytes:
    """Return a CSV file's first line."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(columns)
    return line.getvalue().encode()


def _not_lines(rows: int) -> TableError:
    return TableError(
        f"dataset.source: the table's {counted(rows, 'row')} cannot be told apart line by line",
        hint="Write the table anew: one line a row, and no line without a value.",
    )


def _runs(order: Sequence[int]) -> Runs:
    runs: list[tuple[int, int]] = []
    for field in order:
        if runs and runs[-1][1] + 1 == field:
            runs[-1] = (runs[-1][0], field)
        else:
            runs.append((field, field))
    return tuple(runs)


def _chunks(source: Path) -> Iterator[bytes]:
    """Yield whole lines, the header left out; quotes, carriage returns and blank lines are gone."""
    with source.open("rb") as file:
        first = is_one_line(file.readline())
        if first:
            yield from plain(file, CHUNK)
        else:
            file.seek(0)
        rows = records(io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline=""))
        if not first:
            next(rows)
        yield from _plain_chunks(rows)


def _plain_chunks(rows: Iterator[list[str]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    for fields in rows:
        if fields:
            # Only a field of a dropped column can hold a comma or a line end: all others are numbers by now.
            buffer.write(",".join("" if "," in field or "\n" in field else field for field in fields) + "\n")
        if buffer.tell() > CHUNK:
            yield buffer.getvalue().encode()
            buffer = io.StringIO()
    if buffer.tell():
        yield buffer.getvalue().encode()


def _numbered(chunks: Iterator[bytes], parts: npt.NDArray[np.signedinteger[Any]]) -> Iterator[_Chunk]:
    row = 0
    for chunk in chunks:
        content = np.frombuffer(chunk, dtype=np.uint8)
        rows = int(np.count_nonzero(content == FEED))
        yield _Chunk(content, row, rows, parts[row : row + rows])
        row += rows


def _divided(shape: _Shape, chunk: _Chunk) -> _Lines:
    """Put a chunk's lines in the order of their targets; raise `TableError` when they are not the table's rows."""
    marks = _marks(chunk.content, shape.width, chunk.row)
    if len(chunk.parts) != chunk.rows:
        raise _not_lines(chunk.row + len(chunk.parts))
    lines, ends = _rearranged(chunk.content, marks, shape.runs, shape.width, np.argsort(chunk.parts, kind="stable"))
    cuts = ends[np.bincount(chunk.parts, minlength=shape.targets).cumsum()]
    fields = sum(last - first + 1 for first, last in shape.runs)
    return _Lines(chunk.rows, [_pointed(own, fields, shape.pointed) for own in np.split(lines, cuts[:-1])])


def _pointed(lines: Bytes, width: int, fields: Sequence[int]) -> Bytes:
    """Return lines of `width` fields with a point and a zero behind some of them."""
    if not fields:
        return lines
    marks = np.flatnonzero((lines == FEED) | (lines == COMMA)).reshape(-1, width)
    places = np.sort(marks[:, fields], axis=None)
    return np.insert(lines, np.repeat(places, len(POINT)), np.tile(np.frombuffer(POINT, np.uint8), len(places)))


def _marks(content: Bytes, width: int, row: int) -> Places:
    """Return -1 and the places of all commas and line feeds: field i stands between marks i and i + 1."""
    feeds = content == FEED
    marks, lines = np.flatnonzero(feeds | (content == COMMA)), np.flatnonzero(feeds)
    if not np.array_equal(marks[width - 1 :: width], lines):
        widths = np.diff(np.searchsorted(marks, lines), prepend=-1)
        at = int((widths != width).argmax())
        raise TableError(
            f"dataset.source: row {row + at + 1} has {counted(int(widths[at]), 'field')}, and the header has {width}",
            hint="Give comma-separated rows with as many fields as the header has.",
        )
    return np.concatenate(([-1], marks))


def _rearranged(content: Bytes, marks: Places, runs: Runs, width: int, order: Places) -> tuple[Bytes, Places]:
    """Return the lines put in `order` with their fields in that of `runs`, and the places where a line begins or ends.

    All is one gathering of bytes: each piece, a run of fields with the mark behind it, is as far from its place in the
    chunk as its first byte is.
    """
    starts = np.stack([marks[first:-1:width] + 1 for first, _ in runs], axis=1)[order]
    stops = np.stack([marks[last + 1 :: width] + 1 for _, last in runs], axis=1)[order]
    lengths = (stops - starts).ravel()
    ends = lengths.cumsum()
    places = np.repeat(starts.ravel() - (ends - lengths), lengths)
    places += np.arange(len(places))
    lines = content.take(places, mode="clip")  # none is clipped: this is numpy's way without a buffer
    lines[ends - 1] = COMMA
    ends = ends[len(runs) - 1 :: len(runs)]
    lines[ends - 1] = FEED
    return lines, np.concatenate(([0], ends))

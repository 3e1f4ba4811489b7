"""Moving lines of a CSV file into its parts: fields are put in a new order and never written anew."""

import csv
import io
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from specimen_components.tables.errors import TableError, counted
from specimen_components.tables.reading import records

CHUNK = 2**18  # bytes that are moved at a time, few enough for the processor's cache
_COMMA, _FEED = b",\n"
Runs = tuple[tuple[int, int], ...]  # neighbouring fields that stay neighbours, as (first, last)
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]  # of bytes in a chunk


def move(
    source: Path, order: Sequence[int], width: int, parts: npt.NDArray[np.int8], targets: Sequence[BinaryIO]
) -> None:
    """Write row i of `source` (header left out) to ``targets[parts[i]]``, with the fields in `order`.

    `width` is the number of fields of a row; blank lines are passed over. Fields are copied as they stand, so that
    an integer stays an integer and a number keeps all its digits.

    Raises:
        TableError: a row has fewer or more fields than the header, or there are not as many rows as `parts` has.
    """
    runs, row = _runs(order), 0
    for chunk in _chunks(source):
        content = np.frombuffer(chunk, dtype=np.uint8)
        marks = _marks(content, width, row)
        chosen = parts[row : row + len(marks) // width]
        row += len(marks) // width
        if row > len(parts):
            break
        lines, ends = _rearranged(content, marks, runs, width, np.argsort(chosen, kind="stable"))
        cuts = ends[np.bincount(chosen, minlength=len(targets)).cumsum()]
        for target, own in zip(targets, np.split(lines, cuts[:-1]), strict=True):
            target.write(own.data)
    if row != len(parts):
        raise TableError(
            f"dataset.source: the table's {counted(len(parts), 'row')} cannot be told apart line by line",
            hint="Write the table anew: one line a row, and no line without a value.",
        )


def add_header(source: Path, columns: Sequence[str], target: Path) -> None:
    """Copy a file of rows with a header line before them."""
    with source.open("rb") as rows, target.open("wb") as file:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(columns)
        file.write(line.getvalue().encode())
        shutil.copyfileobj(rows, file)


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
        unread = 0
        if _is_one_line(file.readline()):
            unread = file.tell()
            while chunk := file.read(CHUNK):
                chunk += file.readline()
                if b"\r" in chunk:
                    chunk = chunk.replace(b"\r\n", b"\n")
                if not _is_plain(chunk):
                    break
                unread = file.tell()
                yield chunk if chunk.endswith(b"\n") else chunk + b"\n"
        file.seek(unread)
        rows = records(io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline=""))
        if unread == 0:
            next(rows)
        yield from _plain_chunks(rows)


def _is_one_line(header: bytes) -> bool:
    """Say whether the file's first line is all of its header, and no more."""
    return header.count(b'"') % 2 == 0 and b"\r" not in header.removesuffix(b"\r\n")


def _is_plain(chunk: bytes) -> bool:
    """Say whether splitting at commas and line feeds is enough to read the rows."""
    feeds = np.frombuffer(chunk, dtype=np.uint8) == _FEED
    blank = feeds[0] or (feeds[1:] & feeds[:-1]).any()
    return not (blank or b'"' in chunk or b"\r" in chunk)


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


def _marks(content: Bytes, width: int, row: int) -> Places:
    """Return -1 and the places of all commas and line feeds: field i stands between marks i and i + 1."""
    feeds = content == _FEED
    marks, lines = np.flatnonzero(feeds | (content == _COMMA)), np.flatnonzero(feeds)
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
    lines[ends - 1] = _COMMA
    ends = ends[len(runs) - 1 :: len(runs)]
    lines[ends - 1] = _FEED
    return lines, np.concatenate(([0], ends))

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

CHUNK = 8 * 2**20  # bytes; what is held at a time
Runs = tuple[tuple[int, int], ...]  # neighbouring fields that stay neighbours, as (first, last)


def move(
    source: Path, order: Sequence[int], width: int, parts: npt.NDArray[np.int8], targets: Sequence[BinaryIO]
) -> None:
    """Write row i of `source` (header left out) to ``targets[parts[i]]``, with the fields in `order`.

    `width` is the number of fields of a row; blank lines are passed over. Fields are copied as they stand, so that
    an integer stays an integer and a number keeps all its digits.

    Raises:
        TableError: a row has fewer or more fields than the header.
    """
    runs, row = _runs(order), 0
    for chunk in _chunks(source):
        lines = _rearranged(chunk, runs, width, row)
        chosen = parts[row : row + len(lines)].tolist()
        for index, target in enumerate(targets):
            target.write(b"".join([line for line, part in zip(lines, chosen, strict=True) if part == index]))
        row += len(lines)


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
    """Yield whole plain lines, the header left out; quotes, carriage returns and blank lines are gone."""
    with source.open("rb") as file:
        if _is_plain(file):
            file.readline()
            while block := file.read(CHUNK):
                yield block + file.readline()
            return
    with source.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        yield from _plain_chunks(text)


def _is_plain(file: BinaryIO) -> bool:
    """Say whether splitting at commas and line feeds is enough to read the rows."""
    file.readline()
    blank = False
    while block := file.read(CHUNK):
        blank = b'"' in block or b"\r" in block or b"\n\n" in block or block.startswith(b"\n")
        if blank:
            break
    file.seek(0)
    return not blank


def _plain_chunks(text: io.TextIOBase) -> Iterator[bytes]:
    rows = csv.reader(text)
    next(rows)
    buffer = io.StringIO()
    for fields in rows:
        if fields:
            # Only a field of a dropped column can hold a comma or a line end: all others are numbers by now.
            buffer.write(",".join("" if "," in field or "\n" in field else field for field in fields) + "\n")
        if buffer.tell() > CHUNK:
            yield buffer.getvalue().encode()
            buffer = io.StringIO()
    yield buffer.getvalue().encode()


def _rearranged(chunk: bytes, runs: Runs, width: int, row: int) -> list[bytes]:
    """Return the chunk's lines with their fields in the order of `runs`, each ending in a line feed."""
    if chunk and not chunk.endswith(b"\n"):
        chunk += b"\n"
    marks = np.frombuffer(chunk, dtype=np.uint8)
    ends = np.flatnonzero((marks == ord(",")) | (marks == ord("\n")))
    _check_width(marks, ends, width, row)
    starts = np.concatenate(([0], ends[:-1] + 1))
    pieces = [
        [chunk[start:end] for start, end in zip(starts[a::width].tolist(), ends[b::width].tolist(), strict=True)]
        for a, b in runs
    ]
    return [b",".join(fields) + b"\n" for fields in zip(*pieces, strict=True)]


def _check_width(marks: npt.NDArray[np.uint8], ends: npt.NDArray[np.intp], width: int, row: int) -> None:
    feeds = np.flatnonzero(marks[ends] == ord("\n"))
    widths = np.diff(feeds, prepend=-1)
    if (wrong := widths != width).any():
        at = int(wrong.argmax())
        raise TableError(
            f"dataset.source: row {row + at + 1} has {counted(int(widths[at]), 'field')}, and the header has {width}",
            hint="Give comma-separated rows with as many fields as the header has.",
        )

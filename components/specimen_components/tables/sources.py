"""The source in any of its formats, as one frame: one table, or one for each part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.tables import libsvm, npz, parquet, reading
from specimen_components.tables.categories import as_text
from specimen_components.tables.errors import TableError, counted, located, shown
from specimen_components.tables.request import CSV, LIBSVM, NPZ, PARQUET, PARTS, Request


@dataclass(frozen=True)
class Source:
    """A file of the source: the spec key that names it, what errors call it, and where it is."""

    key: str
    name: str
    path: Path


@dataclass(frozen=True)
class Text:
    """Rows of the frame as they stand in a CSV file, whose fields can be moved."""

    path: Path
    header: Sequence[str]
    rows: int


@dataclass(frozen=True)
class Table:
    """All rows; the part of each where the source brings its parts; and the same rows as CSV, if they are there."""

    frame: pd.DataFrame
    given: npt.NDArray[np.int8] | None
    texts: tuple[Text, ...]
    columns: tuple[str, ...]  # of the source, dropped ones too


def read(sources: Sequence[Source], request: Request, folder: Path) -> Table:
    """Read the source: one file, or one for each of the parts in their order.

    Raises:
        TableError: a file does not hold what the spec says, or the parts have other columns than the first.
    """
    if request.format == NPZ:
        return _arrays(sources, request)
    if request.fractions is None and len(sources) == 1:
        raise TableError(
            f"dataset.split: {shown(sources[0].name)} is one table, and nothing says how to divide it",
            hint=f"Set dataset.split, or give each part: source: {{{', '.join(f'{part}: …' for part in PARTS)}}}.",
        )
    return _read(sources, request, folder)


def _arrays(sources: Sequence[Source], request: Request) -> Table:
    frame, given = npz.read([(source.key, source.path) for source in sources], request)
    columns = tuple(map(str, frame.columns))
    reading.check_columns(columns, request)
    frame = frame.drop(columns=list(request.drop)) if request.drop else frame
    if frame[request.label].dtype.kind not in "biuf" and request.label not in request.encode:
        frame[request.label] = reading.as_numbers(frame[request.label])
    for column in frame:
        if frame[column].dtype.kind == "f":
            reading.refuse_infinite(str(column), frame[column].to_numpy())
    return Table(frame, given, (), columns)


def _read(sources: Sequence[Source], request: Request, folder: Path) -> Table:
    frames, texts, columns = [], [], tuple[str, ...]()
    for number, source in enumerate(sources):
        with located(source.key):
            path, header = _opened(source, request, folder / f"source-{number}.csv")
            columns = columns or tuple(header)
            _refuse_other_columns(header, columns, sources[0].key)
            reading.check_columns(header, request)
            frames.append(_frame(path, header, request))
        texts.append(Text(path, header, len(frames[-1])))
    if request.format == CSV:
        _read_as_text(frames, texts, request.encode)
    given = np.repeat(np.arange(len(frames), dtype=np.int8), [text.rows for text in texts]) if len(frames) > 1 else None
    return Table(_stacked(frames), given, tuple(texts) if request.moves_text() else (), columns)


def _read_as_text(frames: Sequence[pd.DataFrame], texts: Sequence[Text], encode: Iterable[str]) -> None:
    """Take a column for text in every part where it is text in one: as numbers, 01 would be 1 in the others."""
    for column in encode:
        numbers = [frame[column].dtype.kind != "O" for frame in frames]
        for frame, text, number in zip(frames, texts, numbers, strict=True):
            if number and not all(numbers):
                frame[column] = reading.read_text(text.path, column)


def _opened(source: Source, request: Request, target: Path) -> tuple[Path, list[str]]:
    """Give a table's path, as CSV if its format is text, and its columns."""
    if request.format == PARQUET:
        return source.path, parquet.read_header(source.path)
    if request.format not in (CSV, LIBSVM):
        raise TableError(
            f"dataset.format: {shown(request.format)} is not read", hint="Take csv, libsvm, npz or parquet."
        )
    path = source.path
    if request.format == LIBSVM:
        path = libsvm.as_csv(path, source.name, (request.label, *(request.features or ())), target)
    return path, reading.read_header(path)


def _frame(path: Path, header: list[str], request: Request) -> pd.DataFrame:
    if request.format == PARQUET:
        return parquet.read_columns(path, header, request.drop, request.encode)
    return reading.read_numbers(path, header, request.drop, request.encode)


def _refuse_other_columns(header: Sequence[str], columns: Sequence[str], first: str) -> None:
    """Refuse a part whose columns are not those of the first; their order may be another."""
    lacking, more = set(columns) - set(header), set(header) - set(columns)
    if lacking or more:
        said = [f"it has no column {', '.join(map(shown, sorted(lacking)))}"] if lacking else []
        said += [f"it has {', '.join(map(shown, sorted(more)))} besides"] if more else []
        raise TableError(
            f"dataset.source: {' and '.join(said)}; {first} has {counted(len(columns), 'column')}",
            hint="Give all parts the same columns, by the same names.",
        )


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Put tables below each other, a column at a time, so that they are not twice in memory."""
    if len(frames) == 1:
        return frames[0]
    columns = list(map(str, frames[0]))
    return pd.DataFrame({name: _joined([frame.pop(name) for frame in frames]) for name in columns}, copy=False)


def _joined(columns: "list[pd.Series[float]]") -> npt.NDArray[np.generic]:
    """Join a column's pieces; where one of them is text, all of them are."""
    if any(column.dtype.kind == "O" for column in columns):
        return np.concatenate([as_text(column.to_numpy()) for column in columns])
    return np.concatenate([column.to_numpy() for column in columns])

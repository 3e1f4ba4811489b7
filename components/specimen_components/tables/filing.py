"""The files of all parts: the training part's shards, validation, test, and training with a header for bias."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.tables import values, writing
from specimen_components.tables.dealing import Rows, Targets, dealt, pack, write_lines, write_parquet
from specimen_components.tables.lines import Form
from specimen_components.tables.request import CSV, LIBSVM, PARQUET, PARTS, Request
from specimen_components.tables.sources import Text
from specimen_components.tables.workers import ordered

WITH_HEADER = "train_with_header"
SUFFIXES = {CSV: ".csv", LIBSVM: ".libsvm", PARQUET: ".parquet"}
Files = dict[str, list[Path]]  # of each part; several of the training part where it is sharded


@dataclass(frozen=True)
class Made:
    """All rows with the label first, the part of each, rows added to the training part, and the same rows as CSV."""

    frame: pd.DataFrame
    parts: npt.NDArray[np.int8]
    added: pd.DataFrame
    texts: Sequence[Text]


def write(made: Made, request: Request, folder: Path) -> Files:
    """Write the parts' files into the folder; those of training and validation in the content type that is asked for.

    Raises:
        TableError: there are more shards than rows, or the rows of a CSV file cannot be told apart.
    """
    files = _named(request, folder)
    rows = [Rows(made.frame, _targets(made, request))]
    if len(made.added):
        rows.append(Rows(made.added, np.arange(len(made.added)) % request.shards))
    paths = [path for own in files.values() for path in own]
    if made.texts:
        _move(made, rows, paths, _pointed(made.frame, request))
    elif request.content_type == PARQUET:
        write_parquet([_kept(table, request.shards) for table in rows], paths[:-1])
        write_lines([_only(table, request.shards + 1) for table in rows], paths[-1:], Form.CSV, request.bounded())
    else:
        form = Form(request.content_type)
        write_lines(rows, paths, form, request.bounded() if form is Form.CSV else ())
    if request.with_header():
        files[WITH_HEADER] = [_with_header(rows, files["train"], request, folder / f"{WITH_HEADER}.csv")]
    if request.compression:
        packed = iter(ordered(pack, paths[:-1]))
        files = {part: [next(packed) for _ in own] if part in PARTS[:2] else own for part, own in files.items()}
    return files


def _named(request: Request, folder: Path) -> Files:
    suffix = SUFFIXES[request.content_type]
    shards = [folder / f"train-{shard}{suffix}" for shard in range(1, request.shards + 1)]
    test = LIBSVM if request.content_type == LIBSVM else CSV
    return {"train": shards, "validation": [folder / f"validation{suffix}"], "test": [folder / f"test{SUFFIXES[test]}"]}


def _targets(made: Made, request: Request) -> Targets:
    """Return the number of each row's file: first the shards, then validation and test."""
    targets = made.parts.astype(np.int32) + (request.shards - 1)
    training = made.parts == 0
    if request.shards > 1:
        targets[training] = dealt(made.frame[request.label].to_numpy()[training], request.shards, request.seed)
    return targets


def _kept(table: Rows, last: int) -> Rows:
    """Return the rows of the files up to this one."""
    return Rows(table.frame, np.where(table.targets <= last, table.targets, -1))


def _only(table: Rows, target: int) -> Rows:
    """Return the rows of one file, which is then the only one."""
    return Rows(table.frame, np.where(table.targets == target, 0, -1))


def _pointed(frame: pd.DataFrame, request: Request) -> list[int]:
    """Return the places of integer columns that are to hold a point: Clarify takes few integers for categories."""
    columns = list(frame.columns)
    return [columns.index(column) for column in request.bounded() if frame[column].dtype.kind in "iu"]


def _move(made: Made, rows: Sequence[Rows], paths: Sequence[Path], pointed: Sequence[int]) -> None:
    """Move fields as they stand; rows that were made are written behind those that were there."""
    columns = list(made.frame.columns)
    targets, end = rows[0].targets.astype(np.min_scalar_type(-len(paths))), 0
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in paths]
        for text in made.texts:
            order = [text.header.index(column) for column in columns]
            writing.move(text.path, order, len(text.header), targets[end : end + text.rows], files, pointed)
            end += text.rows
    for added in rows[1:]:
        for shard in np.unique(added.targets):
            values.append(added.frame[added.targets == shard], columns, paths[shard])


def _with_header(rows: Sequence[Rows], train: Sequence[Path], request: Request, target: Path) -> Path:
    columns = list(map(str, rows[0].frame.columns))
    if request.content_type == CSV:
        writing.add_header(train, columns, target)
    else:
        target.write_bytes(writing.header_line(columns))
        training = [Rows(table.frame, np.where(table.targets < request.shards, 0, -1)) for table in rows]
        write_lines(training, [target], Form.CSV, request.bounded())
    return target

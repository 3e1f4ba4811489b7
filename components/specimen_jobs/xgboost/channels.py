"""A training channel's files or pipe as one table: label first in CSV and Parquet, no header; libsvm has its labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from specimen_jobs.container import JobError
from specimen_jobs.xgboost import libsvm, parquet, tables, threads
from specimen_jobs.xgboost.matrices import Table, check_labels

CONTENT_TYPES: Final = {
    "csv": "csv",
    "text/csv": "csv",
    "libsvm": "libsvm",
    "text/libsvm": "libsvm",
    "text/x-libsvm": "libsvm",
}
TRAINED: Final = {**CONTENT_TYPES, "parquet": "parquet", "application/x-parquet": "parquet"}  # of channels
PIECE: Final = 32 * 1024 * 1024  # bytes of a file that are in memory as text at a time


def content_type(stated: str | None, accepted: Mapping[str, str] = CONTENT_TYPES) -> str:
    """Return which of the accepted types a channel or a request states; libsvm when it states none."""
    if not stated:
        return "libsvm"
    name, *parameters = (part.strip() for part in stated.lower().split(";"))
    if name not in accepted:
        raise JobError(f"{stated} is not an accepted ContentType: {', '.join(accepted)}.")
    sizes = [part for part in parameters if part.startswith("label_size=") and part != "label_size=1"]
    if sizes:
        raise JobError(f"{stated} is not an accepted csv ContentType. Optional parameter label_size must be equal to 1")
    return accepted[name]


def check_channels(channels: Mapping[str, Any]) -> None:
    """Raise JobError unless the channels are those that the algorithm takes, of types that go with their mode."""
    if "train" not in channels:
        raise JobError("Missing required channel: train")
    for name, channel in channels.items():
        if name not in ("train", "validation"):
            raise JobError(f"Extraneous channel found: {name}")
        kind = content_type(channel.get("ContentType"), TRAINED)
        if piped(channel) and kind != "csv":
            raise JobError(f"Channel {name}: Pipe mode is not supported for {kind}. Please use File mode.")


def piped(channel: Mapping[str, Any]) -> bool:
    """Tell whether a channel's data comes through a pipe."""
    return bool(channel.get("TrainingInputMode", "File") == "Pipe")


def read_channel(folder: Path, channel: Mapping[str, Any], weights: bool = False) -> Table | None:
    """Return a channel's data, or None when it has none; with `weights` the second CSV column holds instance weights.

    Raises:
        JobError: a value is not a finite number, or a row has no label.
    """
    name = folder.name
    if piped(channel):
        return _csv_table([(folder.with_name(f"{name}_0"), name)], name, weights)
    files = [(path, f"{name}/{path.name}") for path in _files(folder)]
    if not files:
        return None
    match content_type(channel.get("ContentType"), TRAINED):
        case "csv":
            return _csv_table(files, name, weights)
        case "parquet":
            return _dense(parquet.read(files), name, weights=False)
        case _:
            return _libsvm_table(files, name)


def _files(folder: Path) -> list[Path]:
    """Return the channel's files in a stable order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if any(path.name.startswith(".") for path in files):
        raise JobError("Hidden file found in the data path! Remove that before training.")
    return [path for path in files if not path.name.startswith("_") and path.stat().st_size]


Named = Sequence[tuple[Path, str]]  # files and what errors call them
Part = tuple[str, tables.Floats]  # rows and what errors call where they are from


def _csv_table(files: Named, channel: str, weights: bool) -> Table | None:
    return _dense(_csv_parts(files), channel, weights)


def _csv_parts(files: Named) -> Iterator[Part]:
    for path, name in files:
        with path.open("rb") as file:
            yield from ((name, rows) for rows in _csv_rows(file, name))


def _csv_rows(file: BinaryIO, name: str) -> Iterator[tables.Floats]:
    delimiter = None
    for block in tables.blocks(iter(partial(file.read, PIECE), b"")):
        delimiter = delimiter or tables.delimiter_of(block.text.partition(b"\n")[0])
        yield tables.parse(block, delimiter, name)


def _dense(found: Iterable[Part], channel: str, weights: bool) -> Table | None:
    """Return rows as one table, the label and then perhaps the weight first; None if there are none."""
    parts: list[tables.Floats] = []
    leading = 2 if weights else 1
    for name, rows in found:
        if parts and rows.shape[1] != parts[0].shape[1]:
            raise JobError(f"{name} has {rows.shape[1]} columns where the first rows have {parts[0].shape[1]}")
        if rows.shape[1] <= leading:
            raise JobError(f"{name} has {rows.shape[1]} column; a label and features are needed")
        parts.append(rows)
    if not parts:
        return None
    table = parts[0] if len(parts) == 1 else np.concatenate(parts)
    check_labels(table[:, 0], channel)
    return Table(table[:, leading:], table[:, 0], table[:, 1] if weights else None)


def _libsvm_table(files: Named, channel: str) -> Table | None:
    rows = libsvm.joined(part for path, name in files for part in _libsvm_parts(path, name))
    check_labels(rows.labels, channel)
    return Table(rows.features, rows.labels, rows.weights) if len(rows.labels) else None


def _libsvm_parts(path: Path, name: str) -> Iterator[libsvm.Rows]:
    with path.open("rb") as file:
        yield from libsvm.read(file, name, threads=threads.own())

"""A training channel's files as one XGBoost matrix: label first in CSV, no header; libsvm with its own labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from specimen_jobs.container import JobError
from specimen_jobs.xgboost import libsvm, tables

if TYPE_CHECKING:
    import xgboost

CONTENT_TYPES: Final = {
    "csv": "csv",
    "text/csv": "csv",
    "libsvm": "libsvm",
    "text/libsvm": "libsvm",
    "text/x-libsvm": "libsvm",
}
PIECE: Final = 32 * 1024 * 1024  # bytes of a file that are in memory as text at a time


def content_type(stated: str | None) -> str:
    """Return "csv" or "libsvm" for a content type as a channel or a request states it; libsvm when it states none."""
    if not stated:
        return "libsvm"
    name, *parameters = (part.strip() for part in stated.lower().split(";"))
    if name not in CONTENT_TYPES:
        raise JobError(f"{stated} is not an accepted ContentType: {', '.join(CONTENT_TYPES)}.")
    sizes = [part for part in parameters if part.startswith("label_size=") and part != "label_size=1"]
    if sizes:
        raise JobError(f"{stated} is not an accepted csv ContentType. Optional parameter label_size must be equal to 1")
    return CONTENT_TYPES[name]


def check_channels(channels: Mapping[str, Any]) -> None:
    """Raise JobError unless the channels are those that the algorithm takes, in file mode."""
    if "train" not in channels:
        raise JobError("Missing required channel: train")
    for name, channel in channels.items():
        if name not in ("train", "validation"):
            raise JobError(f"Extraneous channel found: {name}")
        if channel.get("TrainingInputMode", "File") == "Pipe":
            raise JobError(f"Channel {name}: Pipe mode is not supported. Please use File mode.")


def read_channel(folder: Path, stated: str | None, weights: bool = False) -> xgboost.DMatrix:
    """Return a channel's data; with `weights` the second CSV column holds instance weights.

    Raises:
        JobError: there is no data, a value is not a finite number, or a row has no label.
    """
    files = _files(folder)
    if content_type(stated) == "csv":
        return _csv_matrix(files, folder.name, weights)
    return _libsvm_matrix(files, folder.name)


def _files(folder: Path) -> list[Path]:
    """Return the channel's files in a stable order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if any(path.name.startswith(".") for path in files):
        raise JobError("Hidden file found in the data path! Remove that before training.")
    used = [path for path in files if not path.name.startswith("_") and path.stat().st_size]
    if not used:
        raise JobError(f"No data in {folder.name} channel path {folder}")
    return used


def _csv_matrix(files: list[Path], channel: str, weights: bool) -> xgboost.DMatrix:
    import xgboost

    parts: list[tables.Floats] = []
    for path in files:
        name = f"{channel}/{path.name}"
        for rows in _csv_parts(path, name):
            if parts and rows.shape[1] != parts[0].shape[1]:
                raise JobError(f"{name} has {rows.shape[1]} columns where the first rows have {parts[0].shape[1]}")
            parts.append(rows)
    if not parts:
        raise JobError(f"No data in {channel} channel: its files hold blank lines only")
    table = parts[0] if len(parts) == 1 else np.concatenate(parts)
    leading = 2 if weights else 1
    if table.shape[1] <= leading:
        raise JobError(f"{channel}/{files[0].name} has {table.shape[1]} column; a label and features are needed")
    _check_labels(table[:, 0], channel)
    return xgboost.DMatrix(table[:, leading:], label=table[:, 0], weight=table[:, 1] if weights else None)


def _csv_parts(path: Path, name: str) -> Iterator[tables.Floats]:
    delimiter = None
    with path.open("rb") as file:
        for block in tables.blocks(iter(partial(file.read, PIECE), b"")):
            delimiter = delimiter or tables.delimiter_of(block.text.partition(b"\n")[0])
            yield tables.parse(block, delimiter, name)


def _libsvm_matrix(files: list[Path], channel: str) -> xgboost.DMatrix:
    import xgboost

    rows = libsvm.joined(part for path in files for part in _libsvm_parts(path, f"{channel}/{path.name}"))
    _check_labels(rows.labels, channel)
    return xgboost.DMatrix(rows.features, label=rows.labels, weight=rows.weights)


def _libsvm_parts(path: Path, name: str) -> Iterator[libsvm.Rows]:
    with path.open("rb") as file:
        yield from libsvm.read(file, name)


def _check_labels(labels: tables.Floats, channel: str) -> None:
    missing = np.flatnonzero(np.isnan(labels))
    if missing.size:
        raise JobError(
            f"{channel}: {missing.size} rows have no label (NaN or empty), the first is row {missing[0] + 1}"
        )

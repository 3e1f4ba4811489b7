"""A table in NumPy's npz: arrays of features and labels, read straight into one matrix and never as a pickle.

A pickle is a program: reading one runs whatever it says, with the rights of whoever reads. So an array of Python
objects, which NumPy stores as a pickle, is refused by its header, before anything of it is read.
"""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from numpy.lib import format as npy

from specimen_components.tables.errors import TableError, counted, shown
from specimen_components.tables.reading import check_names
from specimen_components.tables.request import PARTS, Request, numbered

_PIECE = 2**20  # bytes that are unpacked at a time
_SAVE = "Save plain arrays by numpy.savez_compressed"
_ONE = f"{_SAVE}(file, x=…, y=…): x of rows × features, y of one label a row."
_GIVEN = f"{_SAVE}(file, train_x=…, train_y=…, validation_x=…, validation_y=…, test_x=…, test_y=…)."
_PICKLE = "A pickle is a program that runs when it is read, and is never read here."
_READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


@dataclass(frozen=True)
class Member:
    """One array of a file, described by its header: nothing else of it has been read."""

    path: Path
    key: str
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool

    @property
    def width(self) -> int:
        """How many numbers a row has: what has more dimensions is flattened row by row."""
        return int(np.prod(self.shape[1:], dtype=np.int64))

    def fail(self, what: str, hint: str) -> TableError:
        """Give the error that says this of the array."""
        return TableError(f"{self.key}: array {self.name}: {what}", hint=hint)


def read(files: Sequence[tuple[str, Path]], request: Request) -> tuple[pd.DataFrame, npt.NDArray[np.int8] | None]:
    """Return the label and the features of one file, or of one a part; and each row's part where they bring parts.

    A file is given as (spec key, path). Raises `TableError`: it is no npz, or its arrays are not such as are asked for.
    """
    pairs = [pair for key, path in files for pair in _pairs(key, path, request, alone=len(files) == 1)]
    names = _names(pairs[0][0], request)
    check_names([request.label, *names])
    for x, y in pairs:
        _check(x, y, pairs[0][0])
    rows = [x.shape[0] for x, _ in pairs]
    kind = np.result_type(*(_narrowest(x.dtype) for x, _ in pairs))
    matrix = np.empty((sum(rows), len(names)), dtype=kind)
    labels, end = [], 0
    for (x, y), count in zip(pairs, rows, strict=True):
        _fill(x, matrix[end : end + count])
        labels.append(_label(y))
        end += count
    frame = pd.DataFrame(matrix, columns=list(names), copy=False)
    frame.insert(0, request.label, np.concatenate(labels))
    given = np.repeat(np.arange(len(pairs), dtype=np.int8), rows) if len(pairs) > 1 else None
    return frame, given


def _pairs(key: str, path: Path, request: Request, *, alone: bool) -> Iterator[tuple[Member, Member]]:
    """Yield the arrays of features and of labels, part by part."""
    given = alone and request.fractions is None
    hint = _GIVEN if given else _ONE
    found = {member.name: member for member in _members(key, path, hint)}
    wanted = [(f"{part}_x", f"{part}_y") for part in PARTS] if given else [("x", "y")]
    if missing := [name for pair in wanted for name in pair if name not in found]:
        there = ", ".join(map(shown, found)) or "none"
        other = " With dataset.split one x and one y are split into the parts." if given and "x" in found else ""
        raise TableError(f"{key}: there is no array {', '.join(missing)} among {there}", hint=hint + other)
    yield from ((found[x], found[y]) for x, y in wanted)


def _members(key: str, path: Path, hint: str) -> Iterator[Member]:
    _refuse_others(key, path, hint)
    with _opened(key, path, hint) as archive:
        for entry in archive.infolist():
            with archive.open(entry) as file:
                yield _described(key, path, entry.filename.removesuffix(".npy"), file, entry.file_size, hint)


def _refuse_others(key: str, path: Path, hint: str) -> None:
    with path.open("rb") as file:
        start = file.read(len(npy.MAGIC_PREFIX))
    if start == npy.MAGIC_PREFIX:
        raise TableError(f"{key}: this is a single array (.npy) and not an npz", hint=hint)
    if start[:1] == b"\x80":
        raise TableError(f"{key}: this is a pickle and not an npz. {_PICKLE}", hint=hint)
    if not zipfile.is_zipfile(path):
        raise TableError(f"{key}: this is not an npz, which is a zip archive of arrays", hint=hint)


@contextmanager
def _opened(key: str, path: Path, hint: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise TableError(f"{key}: the npz is damaged: {error}", hint=hint) from error


def _described(key: str, path: Path, name: str, file: IO[bytes], size: int, hint: str) -> Member:
    version = npy.read_magic(file)
    if version not in _READERS:
        raise TableError(f"{key}: array {shown(name)} has records, whose fields are no columns here", hint=hint)
    shape, fortran, dtype = _READERS[version](file)
    member = Member(path, key, name, shape, dtype, fortran)
    if dtype.hasobject:
        raise member.fail(f"it holds Python objects, stored as a pickle. {_PICKLE}", hint)
    held = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if held != size - file.tell():
        raise member.fail(f"its header speaks of {counted(held, 'byte')}, and there are {size - file.tell():,}", hint)
    return member


def _names(x: Member, request: Request) -> tuple[str, ...]:
    names = request.features or numbered(x.width)
    if len(names) != x.width:
        raise x.fail(
            f"a row has {counted(x.width, 'number')}, and dataset.features declares {counted(len(names), 'feature')}",
            "Declare one name a number, or their count, or leave dataset.features out.",
        )
    return names


def _check(x: Member, y: Member, first: Member) -> None:
    """Refuse arrays that are no table together, or have another width than the first."""
    rows = x.shape[0] if x.shape else 0
    if len(x.shape) < 2 or x.width == 0:
        raise x.fail(f"its shape is {x.shape}, which is not rows × features", _ONE)
    if rows == 0:
        raise x.fail("it has no rows", "Give every part rows.")
    if x.dtype.kind not in "biuf":
        raise x.fail(f"it holds {x.dtype}, and features are numbers", _ONE)
    if y.shape not in ((rows,), (rows, 1)):
        raise y.fail(
            f"its shape is {y.shape}, and {x.name} has {counted(rows, 'row')}: one label a row is needed", _ONE
        )
    if y.dtype.kind not in "biufUS":
        raise y.fail(f"it holds {y.dtype}, and a label is a number or a text", _ONE)
    if x.width != first.width:
        raise x.fail(
            f"a row has {counted(x.width, 'number')}, and one of {first.name} has {first.width:,}",
            "Give all parts the same features.",
        )


def _narrowest(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type that numbers are kept in: of this machine's byte order, and one that pandas can compute with."""
    match dtype.kind:
        case "b":
            return np.dtype(np.uint8)
        case "f" if dtype.itemsize < 4:
            return np.dtype(np.float32)
        case "f" if dtype.itemsize > 8:
            return np.dtype(np.float64)
    return dtype.newbyteorder("=")


def _fill(x: Member, target: npt.NDArray[Any]) -> None:
    """Unpack an array into rows of the matrix, a piece at a time."""
    if x.fortran:
        target[...] = _whole(x).reshape(len(target), -1)
        return
    with _reader(x) as file:
        step = max(1, _PIECE // max(1, x.width * x.dtype.itemsize))
        for row in range(0, len(target), step):
            rows = target[row : row + step]
            rows[...] = _values(file, rows.size, x.dtype).reshape(rows.shape)


def _whole(member: Member) -> npt.NDArray[Any]:
    with _reader(member) as file:
        values = _values(file, int(np.prod(member.shape, dtype=np.int64)), member.dtype)
    return values.reshape(member.shape, order="F" if member.fortran else "C")


@contextmanager
def _reader(member: Member) -> Iterator[IO[bytes]]:
    """Give what follows an array's header; a shape's axes may also be stored last first."""
    with _opened(member.key, member.path, _ONE) as archive, archive.open(f"{member.name}.npy") as file:
        _READERS[npy.read_magic(file)](file)
        yield file


def _values(file: IO[bytes], count: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    return np.frombuffer(file.read(count * dtype.itemsize), dtype=dtype, count=count)


def _label(y: Member) -> npt.NDArray[Any]:
    values = _whole(y).ravel()
    match y.dtype.kind:
        case "S":
            return np.char.decode(values, "utf-8", "replace").astype(object)
        case "U":
            return values.astype(object)
    return values.astype(_narrowest(y.dtype))

"""Files to documents and headers: the only place of `specimen.spec` that opens anything."""

import ast
import csv
import gzip
import io
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from specimen.errors import UsageError
from specimen.spec import npz, parquet
from specimen.spec.document import Document, Mark
from specimen.spec.parse import parse

CSV, LIBSVM, NPZ, PARQUET = "csv", "libsvm", "npz", "parquet"
LARGEST = 1_000_000  # bytes of a document, and of a table's header
ENOUGH = 16_384  # bytes of a table that hold its header as a rule
ARRAY, MOST_ARRAYS = ".npy", 1_000  # how an array's name ends in an npz, and how many are looked at
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass(frozen=True)
class Header:
    """What a table begins with, or why it cannot be read: its columns' names, or what it has in their place."""

    columns: tuple[str, ...] = ()
    line: str | None = None  # of libsvm, the first one
    arrays: Mapping[str, npz.Array] = field(default_factory=dict)  # of npz
    absent: bool = False
    problem: str | None = None


@dataclass(frozen=True)
class Code:
    """The classes of a Python file, or why it cannot be read."""

    classes: tuple[str, ...] = ()
    problem: str | None = None


def load(path: Path) -> Document:
    """Read a document; what is wrong inside the file stands in the document's findings.

    Raises:
        UsageError: there is no such file, or it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file", hint="check the path") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder", hint="name a YAML file in it") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL in it
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{path} cannot be read: {reason}") from error
    return document(content, str(path))


def document(content: bytes, file: str) -> Document:
    """The document that a file's bytes hold."""
    if len(content) > LARGEST:
        return _refused(file, "file-too-large", "the file is larger than 1 MB", "an experiment fits on a screen")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        line = before.count("\n") + 1
        return _refused(file, "file-encoding", "the file is not UTF-8 text", "save it as UTF-8", line)
    return parse(text, file)


def _refused(file: str, rule: str, message: str, hint: str, line: int = 1) -> Document:
    blank = Document(file, ("",) * line)
    return Document(file, (), findings=(blank.finding_at(rule, Mark(line, 1), message, hint=hint),))


def read_header(path: Path, format: str = CSV) -> Header:
    """What a table of this format begins with; CSV and libsvm may be gzipped, and parquet says it at its end."""
    try:
        with path.open("rb") as raw:
            if format == NPZ:
                return Header(arrays=_arrays(raw))
            if format == PARQUET:
                return Header(_parquet(raw))
            stream = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
            return _first_line(stream) if format == LIBSVM else _header(_first_row(stream))
    except FileNotFoundError:
        return Header(absent=True)
    except (OSError, ValueError, EOFError, zlib.error, csv.Error) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return Header(problem=f"cannot be read: {reason}")


def _arrays(stream: BinaryIO) -> dict[str, npz.Array]:
    """The arrays of an npz: its directory and their headers are read."""
    from zipfile import BadZipFile, ZipFile  # slow to import, and few tables are npz

    try:
        with ZipFile(stream) as archive:
            names = [name for name in archive.namelist() if name.endswith(ARRAY)][:MOST_ARRAYS]
            found = {}
            for name in names:
                with archive.open(name) as member:
                    found[name.removesuffix(ARRAY)] = npz.array(member.read(npz.LARGEST), name)
            return found
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:  # RuntimeError: a password
        raise ValueError(f"it is no npz: {str(error).rstrip('.').lower()}") from error


def _parquet(stream: BinaryIO) -> tuple[str, ...]:
    """The columns that a Parquet file's footer names; none where that is longer than need be read."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - parquet.END))
    length = parquet.footer(stream.read(parquet.END))
    if length > LARGEST:
        return ()
    stream.seek(max(0, size - parquet.END - length))
    return parquet.columns(stream.read(length))


def _first_line(stream: BinaryIO | gzip.GzipFile) -> Header:
    """The first line that is no remark; of a line that goes on for long, the pairs that are read whole."""
    content = stream.read(ENOUGH).decode("utf-8-sig", errors="replace")
    for line in content.splitlines(keepends=True):
        if line.partition("#")[0].strip():
            whole = line.endswith("\n") or len(content) < ENOUGH
            return Header(line=line.rstrip("\r\n") if whole else line.rpartition(" ")[0])
    return Header(problem="is empty")


def _first_row(stream: BinaryIO | gzip.GzipFile) -> list[str]:
    """The fields of a table's first row; of a long table hardly more is read."""
    content = stream.read(ENOUGH)
    columns, followed = _row(content)
    if followed or len(content) < ENOUGH:
        return columns
    content += stream.read(LARGEST - ENOUGH)
    columns, followed = _row(content)
    if not followed and len(content) == LARGEST:
        raise ValueError("its first row is longer than 1 MB")
    return columns


def _row(content: bytes) -> tuple[list[str], bool]:
    """The first row in a piece of a table, and whether something follows it there."""
    text = io.StringIO(content.decode("utf-8-sig", errors="replace"), newline="")
    return next(csv.reader(text), []), bool(text.read(1))


def _header(columns: list[str]) -> Header:
    if not any(columns):
        return Header(problem="is empty")
    if any("\ufffd" in column for column in columns):
        return Header(problem="is not UTF-8 text")
    if len(columns) == 1 and (separator := next((mark for mark in OTHER_SEPARATORS if mark in columns[0]), None)):
        return Header(problem=f"is separated by {OTHER_SEPARATORS[separator]}, not by commas")
    return Header(tuple(columns))


def read_code(path: Path) -> Code:
    """The classes that a Python file defines at its top; nothing of it is run."""
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except FileNotFoundError:
        return Code(problem="is not there")
    except (OSError, ValueError) as error:
        return Code(problem=f"cannot be read: {(error.strerror if isinstance(error, OSError) else None) or error}")
    if len(content) > LARGEST:
        return Code(problem="is larger than 1 MB")
    try:
        tree = ast.parse(content)
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""  # a NUL has no line in some releases of Python
        return Code(problem=f"is no Python: {where}{error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:  # a NUL in others, or brackets without end
        return Code(problem=f"is no Python: {error}")
    return Code(tuple(node.name for node in tree.body if isinstance(node, ast.ClassDef)))

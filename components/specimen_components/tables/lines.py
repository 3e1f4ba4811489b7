"""Rows of numbers as lines of text, in CSV or libsvm: made by NumPy for a whole block, and never field by field.

A field's text and the mark before it are its token, filled up with NULs so that all tokens of a column are as long. Few
whole numbers have theirs in a table; other numbers get them from Arrow. At last the NULs go out of the joined tokens.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from specimen_components.tables.values import is_whole

_FEW = 2**12  # whole numbers, from the least to the largest of a column, whose tokens stand in a table
_SMALL = 2**31
_POINT = b".0"
Places = npt.NDArray[np.intp]
Tokens = npt.NDArray[np.uint8]  # a row each
Values = npt.NDArray[Any]


class Form(Enum):
    """How lines are written; the first column is the label.

    Each line of libsvm also names two features that are always 0: the one before the first, whose index is 0, and the
    one behind the last. From 3.2-0 on, SageMaker's container counts the indices of a request from 1 unless one of them
    is 0, and those of a training from 0 always; and a part whose rows all end in zeros would have fewer features than
    another. Source: aws/sagemaker-xgboost-container, algorithm_mode/serve_utils.py and data_utils.py.
    """

    CSV = "csv"
    LIBSVM = "libsvm"

    def mark(self, index: int) -> bytes:
        """Return what stands before a field: the label's index is 0, and it has nothing before it."""
        if index == 0:
            return b""
        return b"," if self is Form.CSV else b" %d:" % index

    def behind(self, index: int) -> bytes:
        """Return what stands behind a field."""
        return b" 0:0" if self is Form.LIBSVM and index == 0 else b""

    def end(self, width: int) -> bytes:
        """Return what ends a line of so many features."""
        return b"\n" if self is Form.CSV else b" %d:0\n" % (width + 1)

    def leaves_out(self, index: int) -> bool:
        """Say whether fields that are zero or missing are left out, with their marks."""
        return self is Form.LIBSVM and index > 0


@dataclass(frozen=True)
class Column:
    """How a column's numbers become tokens."""

    mark: bytes
    sparse: bool  # zeros and missing values have no token
    behind: bytes  # each number
    whole: bool  # all numbers are
    least: int
    table: Tokens | None  # of the whole numbers from the least on, and at last of a missing one

    def tokens(self, values: Values) -> Tokens:
        """Return a token of each value."""
        known = ~np.isnan(values) if values.dtype.kind == "f" else np.ones(len(values), dtype=np.bool_)
        numbers = values if known.all() else np.where(known, values, 0)
        if self.table is not None:
            places = numbers.astype(np.int64) - self.least
            return self.table.take(np.where(known, places, len(self.table) - 1), axis=0)
        return self._made(numbers.astype(np.int64) if self.whole and values.dtype.kind == "f" else numbers, known)

    def _made(self, numbers: Values, known: npt.NDArray[np.bool_]) -> Tokens:
        written = np.concatenate([texts(numbers), _repeated(self.behind, len(numbers))], axis=1)
        there = known & (numbers != 0) if self.sparse else known
        written[~there] = 0
        marks = _repeated(self.mark, len(numbers))
        if self.sparse:
            marks[~there] = 0
        return np.concatenate([marks, written], axis=1)


def column(values: Values, form: Form, index: int, *, pointed: bool = False) -> Column:
    """Say how a column is written; its whole numbers, if it holds no others, get a point only where `pointed`."""
    known = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    whole = is_whole(known)
    behind = (_POINT if pointed and whole else b"") + form.behind(index)
    found = Column(form.mark(index), form.leaves_out(index), behind, whole, 0, None)
    least, most = (int(known.min()), int(known.max())) if whole and len(known) else (0, _FEW)
    if most - least >= _FEW or max(-least, most) > _SMALL:
        return found
    numbers = np.arange(least, most + 2)  # with the missing one at their end
    table = found._made(numbers, np.arange(len(numbers)) < len(numbers) - 1)
    return Column(found.mark, found.sparse, behind, whole, least, table)


class Writer:
    """Writes rows of a frame, whose first column is the label."""

    def __init__(self, frame: pd.DataFrame, form: Form, pointed: Collection[str] = ()) -> None:
        self._values = [frame.iloc[:, index].to_numpy() for index in range(frame.shape[1])]
        self._columns = [
            column(values, form, index, pointed=name in pointed)
            for index, (name, values) in enumerate(zip(frame.columns, self._values, strict=True))
        ]
        self._end = form.end(frame.shape[1] - 1)

    def text(self, rows: Places) -> bytes:
        """Return the lines of some rows, each with a line feed at its end."""
        tokens = [own.tokens(values[rows]) for own, values in zip(self._columns, self._values, strict=True)]
        return joined([*tokens, _repeated(self._end, len(rows))])


def joined(tokens: list[Tokens]) -> bytes:
    """Put tokens of the same rows one behind the other, without what they were filled up with."""
    return np.concatenate(tokens, axis=1).tobytes().translate(None, b"\0")


def _repeated(text: bytes, rows: int) -> Tokens:
    return np.tile(np.frombuffer(text, dtype=np.uint8), (rows, 1))


def texts(numbers: Values) -> Tokens:
    """Return the shortest texts that are read as these very numbers again; none may be missing."""
    written = pc.cast(pa.array(numbers), pa.string())
    _, places, content = written.buffers()
    ends = np.frombuffer(places, dtype=np.int32, count=len(written) + 1)
    lengths = np.diff(ends)
    tokens = np.zeros((len(written), int(lengths.max(initial=0))), dtype=np.uint8)
    tokens[np.arange(tokens.shape[1]) < lengths[:, None]] = np.frombuffer(content, dtype=np.uint8, count=int(ends[-1]))
    return tokens

"""Lines of a table whose features are all few whole numbers, such as an image's pixels: the quick way to write them.

The tokens of all features stand in one table, and each is one word for NumPy. For libsvm only those of what is not zero
are taken. Each line begins with the line feed of the one before.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.tables.lines import Column, Form, Places, column

_WORDS: tuple[type[np.generic], ...] = (np.uint32, np.uint64, np.complex128)  # that NumPy copies at once
_MOST = 2**22  # tokens


@dataclass(frozen=True)
class Pixels:
    """Writes rows of a matrix, with a label each."""

    matrix: npt.NDArray[Any]
    heads: npt.NDArray[np.int32]  # the word of each row's label
    firsts: npt.NDArray[np.int32]  # where the word of each feature's 0 is, or would be
    words: npt.NDArray[Any]  # the last one ends each line
    form: Form

    def text(self, rows: Places) -> bytes:
        """Return the lines of some rows, each with a line feed at its end."""
        block = self.matrix[rows]
        places = np.empty((len(block), block.shape[1] + 2), dtype=np.int32)
        places[:, 0] = self.heads[rows]
        np.add(block, self.firsts, out=places[:, 1:-1], casting="unsafe")
        places[:, -1] = len(self.words) - 1
        if self.form is Form.LIBSVM:
            there = np.ones(places.shape, dtype=np.bool_)
            np.not_equal(block, 0, out=there[:, 1:-1])
            places = places.ravel().take(np.flatnonzero(there))
        return self.words.take(places).tobytes().translate(None, b"\0")[1:] + b"\n"


def pixels(frame: pd.DataFrame, form: Form) -> Pixels | None:
    """Return the quick writer of a frame with the label first, or nothing where the frame is not such a table."""
    matrix = _matrix(frame)
    if matrix is None:
        return None
    least, most, width = int(matrix.min()), int(matrix.max()), matrix.shape[1]
    span, label = most - least + 1, frame.iloc[:, 0].to_numpy()
    head = column(label, form, 0)
    if span * width > _MOST or head.table is None:
        return None
    end = np.array([form.end(width).rstrip(b"\n")])
    words = _words(np.concatenate([_features(form, least, most, width), _labels(head), end]))
    if words is None:
        return None
    heads = label.astype(np.int64) - head.least + span * width
    firsts = np.arange(width) * span - least
    return Pixels(matrix, heads.astype(np.int32), firsts.astype(np.int32), words, form)


def _matrix(frame: pd.DataFrame) -> npt.NDArray[Any] | None:
    """Return the features, if they lie in memory as one matrix of whole numbers: nothing is copied."""
    kinds = {dtype.kind for dtype in frame.dtypes.iloc[1:]}
    if not len(frame) or not kinds or kinds - {"i", "u"}:
        return None
    row = frame.iloc[:1, 1:]
    if not np.shares_memory(row.to_numpy(), row.iloc[:, 0].to_numpy()):
        return None
    return np.asarray(frame.iloc[:, 1:].to_numpy())


def _features(form: Form, least: int, most: int, width: int) -> npt.NDArray[np.bytes_]:
    """Return the tokens of all numbers of each feature, a feature's behind the other's."""
    numbers = [b"%d" % number for number in range(least, most + 1)]
    marks = [form.mark(index) for index in range(1, width + 1)]
    return np.array([mark + number for mark in marks for number in numbers])


def _labels(head: Column) -> npt.NDArray[np.bytes_]:
    """Return the tokens of all labels, each behind the end of the line before."""
    texts = [] if head.table is None else [bytes(token).replace(b"\0", b"") for token in head.table]
    return np.array([b"\n" + text for text in texts])


def _words(tokens: npt.NDArray[np.bytes_]) -> npt.NDArray[Any] | None:
    """Return tokens as words of the shortest kind that holds them, filled up with NULs."""
    for word in map(np.dtype, _WORDS):
        if word.itemsize >= tokens.dtype.itemsize:
            return tokens.astype(f"S{word.itemsize}").view(word)
    return None

"""Lines of a table whose features are all few whole numbers, such as an image's pixels: the quick way to write them.

The tokens of all features stand in one table, and each is one word for NumPy. For libsvm only what is not zero is
looked at.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.tables.lines import Column, Form, Places, Tokens, column

_WORDS: tuple[type[np.generic], ...] = (np.uint32, np.uint64, np.complex128)  # that NumPy copies at once
_MOST = 2**22  # tokens


@dataclass(frozen=True)
class Pixels:
    """Writes rows of a matrix, with a label each."""

    label: npt.NDArray[Any]
    head: Column
    matrix: npt.NDArray[Any]
    least: int
    span: int  # how many numbers, from the least on, each feature has tokens of
    words: npt.NDArray[Any]  # a feature's behind the other's
    form: Form

    def text(self, rows: Places) -> bytes:
        """Return the lines of some rows, each with a line feed at its end."""
        block = self.matrix[rows]
        heads = _words(_lead(self.head.tokens(self.label[rows])), self.words.dtype)
        found = self._all(block, heads) if self.form is Form.CSV else self._others_than_zero(block, heads)
        return found.tobytes().translate(None, b"\0")[1:] + b"\n"  # each line begins with the end of the one before

    def _all(self, block: npt.NDArray[Any], heads: npt.NDArray[Any]) -> npt.NDArray[Any]:
        words = np.empty((len(block), block.shape[1] + 1), dtype=self.words.dtype)
        words[:, 0] = heads
        firsts = np.arange(block.shape[1]) * self.span - self.least
        words[:, 1:] = self.words.take(block + firsts)
        return words

    def _others_than_zero(self, block: npt.NDArray[Any], heads: npt.NDArray[Any]) -> npt.NDArray[Any]:
        numbers = block.ravel()
        places = np.flatnonzero(numbers)
        rows, features = np.divmod(places, block.shape[1])
        words = np.empty(len(places) + len(block), dtype=self.words.dtype)
        before = np.concatenate(([0], np.bincount(rows, minlength=len(block)).cumsum()[:-1]))
        words[before + np.arange(len(block))] = heads
        codes = features * self.span + (numbers[places].astype(np.intp) - self.least)
        words[np.arange(len(places)) + rows + 1] = self.words.take(codes)
        return words


def pixels(frame: pd.DataFrame, form: Form) -> Pixels | None:
    """Return the quick writer of a frame with the label first, or nothing where the frame is not such a table."""
    matrix = _matrix(frame)
    if matrix is None:
        return None
    least, most = int(matrix.min()), int(matrix.max())
    span, width = most - least + 1, matrix.shape[1]
    label = frame.iloc[:, 0].to_numpy()
    head = column(label, form, 0)
    if span * width > _MOST or head.table is None:
        return None
    tokens = _tokens(form, least, most, width)
    wide = max(tokens.dtype.itemsize, head.table.shape[1] + 1)
    word = next((word for word in _WORDS if np.dtype(word).itemsize >= wide), None)
    if word is None:
        return None
    words = _words(tokens.view(np.uint8).reshape(len(tokens), -1), np.dtype(word))
    return Pixels(label, head, matrix, least, span, words, form)


def _matrix(frame: pd.DataFrame) -> npt.NDArray[Any] | None:
    """Return the features, if they lie in memory as one matrix of whole numbers: nothing is copied."""
    kinds = {dtype.kind for dtype in frame.dtypes.iloc[1:]}
    if not len(frame) or not kinds or kinds - {"i", "u"}:
        return None
    row = frame.iloc[:1, 1:]
    if not np.shares_memory(row.to_numpy(), row.iloc[:, 0].to_numpy()):
        return None
    return np.asarray(frame.iloc[:, 1:].to_numpy())


def _tokens(form: Form, least: int, most: int, width: int) -> npt.NDArray[np.bytes_]:
    numbers = [b"%d" % number for number in range(least, most + 1)]
    if form is Form.LIBSVM and least <= 0 <= most:
        numbers[-least] = b""  # is never looked up
    marks = [form.mark(index) for index in range(1, width + 1)]
    return np.array([mark + number for mark in marks for number in numbers])


def _lead(tokens: Tokens) -> Tokens:
    return np.concatenate([np.full((len(tokens), 1), ord("\n"), dtype=np.uint8), tokens], axis=1)


def _words(tokens: Tokens, word: np.dtype[Any]) -> npt.NDArray[Any]:
    """Return tokens as words, filled up with NULs."""
    padded = np.zeros((len(tokens), word.itemsize), dtype=np.uint8)
    padded[:, : tokens.shape[1]] = tokens
    return padded.view(word).ravel()

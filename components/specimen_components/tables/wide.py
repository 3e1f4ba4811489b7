"""libsvm of a table of many columns: a block's fields are written at once, and not a column at a time.

Only what is neither zero nor missing is written. Each line begins with the end of the one before, a line feed and what
stands before it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.tables.lines import Column, Form, Places, Tokens, column, texts

LEAST = 64  # columns from which this is the quicker way
_EXACT = 2.0**53  # whole numbers below are exact in floating point


@dataclass(frozen=True)
class Wide:
    """Writes rows of many features, with a label each."""

    label: npt.NDArray[Any]
    head: Column
    features: tuple[npt.NDArray[Any], ...]
    kind: np.dtype[Any]  # that all features are numbers of
    marks: Tokens

    def text(self, rows: Places) -> bytes:
        """Return the lines of some rows, each with a line feed at its end."""
        block = np.empty((len(rows), len(self.features)), dtype=self.kind)
        for index, values in enumerate(self.features):
            block[:, index] = values[rows]
        if self.kind.kind == "f":
            block[np.isnan(block)] = 0
        lines, columns = np.nonzero(block)
        tokens = np.concatenate([self.marks.take(columns, axis=0), texts(block[lines, columns])], axis=1)
        return _joined(self.head.tokens(self.label[rows]), tokens, lines, Form.LIBSVM.end(len(self.features)))


def wide(frame: pd.DataFrame) -> Wide | None:
    """Return the quick writer of a frame with the label first, or nothing where another way is quicker or exact."""
    features = tuple(frame.iloc[:, index].to_numpy() for index in range(1, frame.shape[1]))
    if len(features) < LEAST:
        return None
    kind = np.result_type(*(values.dtype for values in features))
    if kind.kind == "f" and any(values.dtype.kind in "iu" and _is_large(values) for values in features):
        return None
    label = frame.iloc[:, 0].to_numpy()
    marks = np.array([Form.LIBSVM.mark(index) for index in range(1, len(features) + 1)])
    return Wide(label, column(label, Form.LIBSVM, 0), features, kind, marks.view(np.uint8).reshape(len(features), -1))


def _is_large(values: npt.NDArray[Any]) -> bool:
    return values.dtype.itemsize == 8 and bool(len(values)) and max(-int(values.min()), int(values.max())) > _EXACT


def _joined(heads: Tokens, tokens: Tokens, lines: npt.NDArray[np.intp], end: bytes) -> bytes:
    """Return lines of a head, the tokens that are theirs, which are in the order of the lines, and an end."""
    first = len(end)
    words = np.zeros((len(heads) + len(tokens), max(first + heads.shape[1], tokens.shape[1])), dtype=np.uint8)
    firsts = np.searchsorted(lines, np.arange(len(heads))) + np.arange(len(heads))
    words[firsts, :first] = np.frombuffer(end, dtype=np.uint8)
    words[firsts, first : first + heads.shape[1]] = heads
    words[np.arange(len(tokens)) + lines + 1, : tokens.shape[1]] = tokens
    return words.tobytes().translate(None, b"\0")[first:] + end

"""The rows of a matrix as sets: which of them have a smaller value of a feature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint64]  # sets of rows, a bit a row
WORD: Final = 64
BLOCK: Final = 1 << 18  # rows whose sets are worked on at once, for them to stay in the processor's cache


class Rows:
    """A matrix by columns; what it holds no entry for is missing, as for XGBoost. Empty rows fill up the last word."""

    def __init__(self, matrix: csr_matrix) -> None:
        self.count, self.features = matrix.shape
        self._padded = -(-self.count // WORD) * WORD
        self._sparse: Any = None
        self._whole: Floats | None = None
        if matrix.nnz == self.count * self.features:
            self._whole = np.full((self.features, self._padded), np.nan, dtype=np.float32)
            self._whole[:, : self.count] = matrix.data.reshape(matrix.shape).T
        else:
            self._sparse = matrix.tocsc()

    def blocks(self) -> Iterator[Block]:
        for start in range(0, self._padded, BLOCK):
            yield Block(self, slice(start, min(start + BLOCK, self._padded)))

    def column(self, feature: int) -> tuple[Floats, bool]:
        """Return a feature's values, NaN where missing, and whether any of a row is."""
        if self._whole is not None:
            return self._whole[feature], False
        entries = slice(*self._sparse.indptr[feature : feature + 2].tolist())
        values = np.full(self._padded, np.nan, dtype=np.float32)
        values[self._sparse.indices[entries]] = self._sparse.data[entries]
        return values, entries.stop - entries.start < self.count


class Block:
    """Some rows of a matrix."""

    def __init__(self, rows: Rows, part: slice) -> None:
        self._rows = rows
        self._part = part
        self.everyone = packed(np.arange(part.start, part.stop) < rows.count)

    def smaller(self, feature: int, threshold: np.float32, missing: int) -> Words:
        """Return the set of the rows with a smaller value, those without any among them if so asked."""
        column, gaps = self._rows.column(feature)
        values = column[self._part]
        flags = values < threshold
        if gaps and missing:
            flags |= np.isnan(values)
        return packed(flags)


def packed(flags: npt.NDArray[np.bool_]) -> Words:
    """Return flags, whose number is one of whole words, as bits."""
    return np.packbits(flags, bitorder="little").view(np.uint64)


def sizes(sets: Words) -> npt.NDArray[np.uint32]:
    """Return how many rows each set has; the last axis is the words of a set."""
    return np.asarray(np.add.reduce(np.bitwise_count(sets), axis=-1, dtype=np.uint32))

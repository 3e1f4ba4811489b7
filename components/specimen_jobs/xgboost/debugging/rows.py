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
BLOCK: Final = 1 << 18  # rows whose sets are worked on at once, for them to stay in the processor's cache


class Rows:
    """A matrix by columns; what it holds no entry for is missing, as for XGBoost."""

    def __init__(self, matrix: csr_matrix) -> None:
        self.count, self.features = matrix.shape
        self._whole: Floats | None = None
        self._sparse: Any = None
        if matrix.nnz == self.count * self.features:
            self._whole = np.ascontiguousarray(matrix.data.reshape(matrix.shape).T)
        else:
            self._sparse = matrix.tocsc()

    def blocks(self) -> Iterator[Block]:
        for start in range(0, self.count, BLOCK):
            yield Block(self, slice(start, min(start + BLOCK, self.count)))

    def column(self, feature: int) -> tuple[Floats, bool]:
        """Return a feature's values, NaN where missing, and whether any is."""
        if self._whole is not None:
            return self._whole[feature], False
        entries = slice(*self._sparse.indptr[feature : feature + 2].tolist())
        values = np.full(self.count, np.nan, dtype=np.float32)
        values[self._sparse.indices[entries]] = self._sparse.data[entries]
        return values, entries.stop - entries.start < self.count


class Block:
    """Some rows of a matrix."""

    def __init__(self, rows: Rows, part: slice) -> None:
        self._rows = rows
        self._part = part
        self.everyone = packed(np.ones(part.stop - part.start, dtype=np.bool_))

    def smaller(self, feature: int, threshold: np.float32, missing: bool) -> Words:
        """Return the set of the rows with a smaller value, those without any among them if so asked."""
        column, gaps = self._rows.column(feature)
        values = column[self._part]
        flags = values < threshold
        if gaps and missing:
            flags |= np.isnan(values)
        return packed(flags)


def packed(flags: npt.NDArray[np.bool_]) -> Words:
    """Return flags as bits of whole words; the bits that are left over are zero."""
    content = np.zeros(-(-flags.size // 64) * 8, dtype=np.uint8)
    bits = np.packbits(flags, bitorder="little")
    content[: bits.size] = bits
    return content.view(np.uint64)


def sizes(sets: Words) -> npt.NDArray[np.int64]:
    """Return how many rows each set has; the last axis is the words of a set."""
    return np.asarray(np.bitwise_count(sets).sum(axis=-1, dtype=np.int64))

"""Sparse rows from libsvm text: `<label>[:<weight>] <index>:<value> …`.

Indices are taken as they stand, in training and in serving, as XGBoost itself takes them. What a row does not name is
missing, not zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from specimen_jobs.container import JobError

if TYPE_CHECKING:
    import scipy.sparse

Floats = npt.NDArray[np.float32]
SHOWN: Final = 40
WIDEST: Final = 2**31 - 1


@dataclass(frozen=True)
class Sparse:
    """Rows of libsvm text; labels are empty when the text has none, weights None when no row has one."""

    features: scipy.sparse.csr_matrix
    labels: Floats
    weights: Floats | None


def parse(text: str, name: str, labelled: bool = True) -> Sparse:
    """Return the rows of a libsvm text; `name` is what errors call it.

    With `labelled` a row starts with its label; without, a label may stand there and is passed over.

    Raises:
        JobError: a line does not have the format, or holds an infinite value.
    """
    from scipy.sparse import csr_matrix

    lines = [line.partition("#")[0].split() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    heads = [int(labelled or (bool(tokens) and ":" not in tokens[0])) for tokens in lines]
    pairs = [tokens[head:] for tokens, head in zip(lines, heads, strict=True)]
    try:
        indices, values = _pairs(pairs)
        labels, weights = _labels([tokens[0] if tokens else "" for tokens in lines] if labelled else [])
    except ValueError:
        raise JobError(_explain(lines, heads, name)) from None
    starts = np.concatenate([[0], np.cumsum([len(row) for row in pairs])])
    width = int(indices.max(initial=-1)) + 1
    return Sparse(csr_matrix((values, indices, starts), shape=(len(lines), width)), labels, weights)


def widen(features: scipy.sparse.csr_matrix, width: int) -> scipy.sparse.csr_matrix:
    """Return the same rows with `width` columns, the added ones missing everywhere."""
    from scipy.sparse import csr_matrix

    return csr_matrix((features.data, features.indices, features.indptr), shape=(features.shape[0], width))


def _pairs(rows: Sequence[Sequence[str]]) -> tuple[npt.NDArray[np.int32], Floats]:
    tokens = " ".join(token for row in rows for token in row)
    numbers = np.array(tokens.replace(":", " ").split(), dtype=np.float64)
    if numbers.size != 2 * sum(map(len, rows)):
        raise ValueError("a token is not index:value")
    indices, values = numbers[0::2], numbers[1::2].astype(np.float32)
    if np.any((indices < 0) | (indices > WIDEST) | (indices % 1 != 0)) or np.isinf(values).any():
        raise ValueError("an index is not a whole number, or a value is infinite")
    return indices.astype(np.int32), values


def _labels(heads: Sequence[str]) -> tuple[Floats, Floats | None]:
    parts = [head.split(":") for head in heads]
    labels = np.array([part[0] for part in parts], dtype=np.float64).astype(np.float32)
    if all(len(part) == 1 for part in parts):
        return labels, None
    return labels, np.array([part[1] if len(part) > 1 else "1" for part in parts], dtype=np.float64).astype(np.float32)


def _explain(lines: Sequence[Sequence[str]], heads: Sequence[int], name: str) -> str:
    for row, (tokens, head) in enumerate(zip(lines, heads, strict=True), 1):
        if len(tokens) < head:
            return f"{name}, row {row} is empty; text/libsvm is <label> <index>:<value> …"
        for place, token in enumerate(tokens):
            if not _sound(token, first=place < head):
                wanted = "<label>" if place < head else "<index>:<value>"
                return f"{name}, row {row}: {token[:SHOWN]!r} is not {wanted}; text/libsvm is <label> <index>:<value> …"
    return f"{name} is not in the libsvm format"


def _sound(token: str, first: bool) -> bool:
    parts = token.split(":")
    if len(parts) > 2 or (len(parts) == 1 and not first):
        return False
    try:
        numbers = np.array(parts, dtype=np.float64)
    except ValueError:
        return False
    return bool(np.isfinite(numbers.astype(np.float32)).all()) and (
        first or (numbers[0] >= 0 and numbers[0] <= WIDEST and numbers[0] % 1 == 0)
    )

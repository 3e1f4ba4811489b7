"""Sparse rows from libsvm text: `<label>[:<weight>] <index>:<value> …`.

Indices are taken as they stand, in training and in serving, as XGBoost itself takes them. What a row does not name is
missing, not zero.
"""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from specimen_jobs.container import JobError
from specimen_jobs.xgboost import numerals
from specimen_jobs.xgboost.numerals import COLON, FEED

if TYPE_CHECKING:
    import scipy.sparse

Floats = npt.NDArray[np.float32]
Block = tuple[bytes, int]  # whole lines, and the number of the first
SHOWN: Final = 40
WIDEST: Final = 2**31 - 1
BLOCK: Final = 2**18  # bytes that are parsed at a time: what is made of them stays in the processor's cache
_REMARK: Final = re.compile(rb"#[^\n]*+")


@dataclass(frozen=True)
class Sparse:
    """Rows of libsvm text; labels are empty when the text has none, weights None when no row has one."""

    features: scipy.sparse.csr_matrix
    labels: Floats
    weights: Floats | None


@dataclass(frozen=True)
class Rows:
    """Some rows: how many features each names, and these one after the other; labels and weights as of `Sparse`."""

    counts: npt.NDArray[np.intp]
    indices: npt.NDArray[np.int32]
    values: Floats
    labels: Floats
    weights: Floats | None


def parse(text: bytes, name: str, labelled: bool = True) -> Sparse:
    """Return the rows of a libsvm text; `name` is what errors call it.

    With `labelled` a row starts with its label; without, a label may stand there and is passed over.

    Raises:
        JobError: a line does not have the format, or holds an infinite value.
    """
    return joined(read(io.BytesIO(text), name, labelled))


def read(file: BinaryIO, name: str, labelled: bool = True, threads: int = 1) -> Iterator[Rows]:
    """Yield the rows of a libsvm file, some at a time and in order; arguments and errors are those of `parse`.

    Several threads work on as many blocks at once, since NumPy lets others go on meanwhile.
    """

    def work(block: Block) -> Rows:
        text, first = block
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # what does not fit is looked for in what comes out
                return _rows(numerals.read(text), labelled)
        except ValueError:
            raise JobError(_explain(text, first, name, labelled)) from None

    return map(work, _blocks(file)) if threads == 1 else _ahead(work, _blocks(file), threads)


def _ahead(work: Callable[[Block], Rows], blocks: Iterable[Block], threads: int) -> Iterator[Rows]:
    """Yield what becomes of blocks, of which a few are in memory at a time."""
    with ThreadPoolExecutor(threads) as pool:
        begun: deque[Future[Rows]] = deque()
        for block in blocks:
            begun.append(pool.submit(work, block))
            if len(begun) > 2 * threads:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


def joined(parts: Iterable[Rows]) -> Sparse:
    """Return rows as one matrix, as wide as the largest index asks."""
    from scipy.sparse import csr_matrix

    rows = list(parts) or [_NONE]
    indices = _together([part.indices for part in rows])
    starts = np.concatenate([[0], np.cumsum(_together([part.counts for part in rows]))])
    values = _together([part.values for part in rows])
    if len(indices) <= WIDEST:
        starts = starts.astype(np.int32)
    features = csr_matrix((values, indices, starts), shape=(len(starts) - 1, int(indices.max(initial=-1)) + 1))
    weights = None
    if any(part.weights is not None for part in rows):
        weights = np.concatenate([np.ones_like(part.labels) if part.weights is None else part.weights for part in rows])
    return Sparse(features, _together([part.labels for part in rows]), weights)


def _together(arrays: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def widen(features: scipy.sparse.csr_matrix, width: int) -> scipy.sparse.csr_matrix:
    """Return the same rows with `width` columns, the added ones missing everywhere."""
    from scipy.sparse import csr_matrix

    return csr_matrix((features.data, features.indices, features.indptr), shape=(features.shape[0], width))


_NO_FLOATS: Final = np.empty(0, dtype=np.float32)
_NONE: Final = Rows(np.empty(0, dtype=np.intp), np.empty(0, dtype=np.int32), _NO_FLOATS, _NO_FLOATS, None)


def _blocks(file: BinaryIO) -> Iterator[Block]:
    """Yield whole lines without remarks, and the number of the first; lines of nothing at the end are dropped."""
    first, held = 1, [b""]
    while piece := file.read(BLOCK):
        lines = piece + file.readline()
        if not lines.endswith(b"\n"):
            lines += b"\n"
        if b"#" in lines:
            lines = _REMARK.sub(b"", lines)
        full = len(lines.rstrip())
        if full:
            full = lines.index(b"\n", full) + 1
            text = b"".join((*held, lines[:full]))
            yield text, first
            first += text.count(b"\n")
            held.clear()
        held.append(lines[full:])  # they are held back: if text follows, each is a row


def _rows(fields: numerals.Fields, labelled: bool) -> Rows:
    """Return the rows that fields make; raise ValueError when they make none."""
    return _regular(fields, labelled) or _irregular(fields, labelled)


def _regular(fields: numerals.Fields, labelled: bool) -> Rows | None:
    """Return the rows of fields that are a label and pairs in each, or pairs alone, one blank between; else nothing.

    Nearly all text is such, and little has to be looked at: where colons stand, and how many in each row. If no two
    follow each other, and as many fields have none, each has one of these behind it.
    """
    colons, lasts = np.flatnonzero(fields.ends == COLON), np.flatnonzero(fields.ends == FEED)
    firsts = np.concatenate([[0], lasts[:-1] + 1])
    counts = np.diff(np.searchsorted(colons, lasts), prepend=0)
    headed = bool(fields.ends[0] != COLON)
    heads = fields.ends[firsts] != COLON
    if (heads != headed).any() or headed < labelled or (2 * counts + headed != lasts - firsts + 1).any():
        return None
    if (np.diff(colons) == 1).any() or not fields.lengths.all():
        return None
    labels = _floats(fields.numbers[firsts]) if labelled else _NO_FLOATS
    return Rows(counts, _indices(fields.numbers[colons]), _floats(fields.numbers[colons + 1]), labels, None)


def _irregular(fields: numerals.Fields, labelled: bool) -> Rows:
    colons, feeds = fields.ends == COLON, fields.ends == FEED
    count = int(np.count_nonzero(feeds))
    own = feeds.cumsum() - feeds  # the row of each field
    seconds = np.concatenate([[False], colons[:-1]])
    numbers, empty = fields.numbers, fields.lengths == 0
    if empty.any():
        _require(not (empty & (colons | seconds)).any())
        numbers, colons, own, seconds = numbers[~empty], colons[~empty], own[~empty], seconds[~empty]
    _require(not (seconds & colons).any())
    heads = np.diff(own, prepend=-1) != 0
    if not labelled:
        heads &= ~colons
    pairs = ~(seconds | heads)
    _require(bool(colons[pairs].all()))
    labels, weights = _NO_FLOATS, None
    if labelled:
        _require(int(np.count_nonzero(heads)) == count)
        labels, weighted = _floats(numbers[heads]), np.flatnonzero(heads & colons)
        if weighted.size:
            seconds[weighted + 1] = False
            weights = np.ones_like(labels)
            weights[own[weighted]] = _floats(numbers[weighted + 1])
    counts = np.bincount(own[pairs], minlength=count)
    return Rows(counts, _indices(numbers[pairs]), _floats(numbers[seconds]), labels, weights)


def _indices(numbers: numerals.Numbers) -> npt.NDArray[np.int32]:
    indices = numbers.astype(np.int32)
    _require(bool((indices == numbers).all()) and int(indices.min(initial=0)) >= 0)
    return indices


def _floats(numbers: numerals.Numbers) -> Floats:
    values = numbers.astype(np.float32)
    _require(not np.isinf(values).any())
    return values


def _require(sound: bool) -> None:
    if not sound:
        raise ValueError("the text is not libsvm")


def _explain(text: bytes, first: int, name: str, labelled: bool) -> str:
    """Return the sentence about the first line that is not right; `first` is the number of the text's first row."""
    try:
        lines = text.decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError as error:
        return f"{name} is no utf-8 text: {error}"
    for row, line in enumerate(lines, first):
        tokens = line.split()
        head = int(labelled or (bool(tokens) and ":" not in tokens[0]))
        if len(tokens) < head:
            return f"{name}, row {row} is empty; text/libsvm is <label> <index>:<value> …"
        for place, token in enumerate(tokens):
            if not _sound(token, first=place < head):
                wanted = "<label>" if place < head else "<index>:<value>"
                return f"{name}, row {row}: {token[:SHOWN]!r} is not {wanted}; text/libsvm is <label> <index>:<value> …"
    return f"{name} is not in the libsvm format"


def _sound(token: str, first: bool) -> bool:
    """Return whether a token is a pair, or at the `first` place a label that a weight may follow."""
    parts = token.split(":")
    if len(parts) > 2 or (len(parts) == 1 and not first) or "_" in token:
        return False
    try:
        numbers = np.array(parts, dtype=np.float64)
    except ValueError:
        return False
    with np.errstate(over="ignore"):
        finite = not np.isinf(numbers.astype(np.float32)).any()
    return finite and (first or (numbers[0] >= 0 and numbers[0] <= WIDEST and numbers[0] % 1 == 0))

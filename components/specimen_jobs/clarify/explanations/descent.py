"""Rows on their way down a forest, those together that take the same turns.

A tree of depth five has few ways down. Rows that take the same turns in a tree are one class there; whatever is asked
of a tree is worked out once a class, and a row gets the sum over its classes. On 30,000 rows a tree has some hundreds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from specimen_jobs.clarify.explanations.forest import Bools, Floats, Forest, Integers

if TYPE_CHECKING:
    from scipy.sparse import csr_array

WORD: Final = 32  # turns that are told apart at once
BLOCK: Final = 1024  # classes that are summed at once
Words = npt.NDArray[np.uint64]  # a bit set a row


@dataclass(frozen=True)
class Classes:
    """The classes of all trees, numbered through.

    `of_rows` has a line a tree and a column a row; `left` holds, at `start[node] + class`, whether the class turns left
    at the node.
    """

    of_rows: Integers
    tree: Integers  # of each class
    start: Integers
    left: Bools

    @property
    def count(self) -> int:
        return self.tree.size


@dataclass(frozen=True)
class Arrivals:
    """Where classes end: a leaf's value, the class, and the state with which it came there."""

    value: Floats
    of_class: Integers
    state: tuple[Words, ...]

    def sums(self, count: int, weights: Floats, lines: Callable[[slice], Floats], width: int) -> Floats:
        """Return each class's weighted sum over its arrivals of the lines that a function gives for some of them."""
        from scipy.sparse import csr_array

        found = np.empty((count, width), dtype=np.float32)
        starts = np.searchsorted(self.of_class, np.arange(count + 1))  # every class arrives somewhere
        for first in range(0, count, BLOCK):
            bounds = starts[first : first + BLOCK + 1]
            part = slice(int(bounds[0]), int(bounds[-1]))
            places = np.arange(part.stop - part.start)
            shape = (bounds.size - 1, places.size)
            summing = csr_array((weights[part], places, bounds - bounds[0]), shape=shape)
            found[first : first + BLOCK] = summing @ lines(part)
        return found


Split = Callable[[Integers, Bools, tuple[Words, ...]], tuple[tuple[Words, ...], Bools, tuple[Words, ...], Bools]]


def classify(forest: Forest, rows: Floats, leftwards: Bools, rightwards: Bools) -> Classes:
    """Return the classes of rows (a line a row, a column a feature).

    Args:
        leftwards, rightwards: whether anything goes that way at a node whatever the row; where a row cannot come to a
            node, its turn there does not count.
    """
    columns = [np.ascontiguousarray(column) for column in rows.T]
    gaps = [bool(np.isnan(column).any()) for column in columns]
    nodes = forest.nodes
    ends = np.append(forest.roots[1:], nodes.leaf.size)
    start = np.zeros(nodes.leaf.size, dtype=np.int64)
    of_rows = np.empty((forest.roots.size, len(rows)), dtype=np.int32)
    trees, turns, count, size = [], [], 0, 0
    for tree, (root, end) in enumerate(zip(forest.roots.tolist(), ends.tolist(), strict=True)):
        inner = root + np.flatnonzero(~nodes.leaf[root:end])
        taken = _turns(forest, columns, gaps, inner.tolist(), leftwards, rightwards)
        codes, first = told_apart(taken)
        of_rows[tree] = codes + count
        start[inner] = size - count + np.arange(inner.size) * first.size
        turns.append(taken[:, first].reshape(-1))
        trees.append(np.full(first.size, tree))
        count, size = count + first.size, size + inner.size * first.size
    return Classes(of_rows.astype(np.int64), np.concatenate(trees), start, np.concatenate(turns))


def _turns(
    forest: Forest, columns: list[Floats], gaps: list[bool], inner: list[int], leftwards: Bools, rightwards: Bools
) -> Bools:
    """Return a line an inner node: which rows turn left there; no row does where it cannot come."""
    nodes, rows = forest.nodes, columns[0].size
    taken = np.empty((len(inner), rows), dtype=np.bool_)
    comes: dict[int, Bools | None] = {}  # None: every row
    for line, node in enumerate(inner):
        feature, here, left = nodes.feature[node], comes.pop(node, None), taken[line]
        np.less(columns[feature], nodes.threshold[node], out=left)
        if gaps[feature] and nodes.missing_left[node]:
            left |= np.isnan(columns[feature])
        comes[nodes.left[node]] = here if leftwards[node] else left if here is None else left & here
        if rightwards[node]:
            comes[nodes.right[node]] = here
        else:
            comes[nodes.right[node]] = ~left if here is None else here > left
        if here is not None:
            left &= here
    return taken


def told_apart(flags: Bools) -> tuple[Integers, Integers]:
    """Return for flags, a column a row, each row's class of rows with equal ones, and the first row of each class."""
    import pandas as pd

    rows = flags.shape[1]
    codes = np.zeros(rows, dtype=np.int64)
    for first in range(0, len(flags), WORD):
        numbers = np.zeros(rows, dtype=np.uint32)
        for line in flags[first : first + WORD]:
            numbers <<= np.uint32(1)
            numbers |= line
        codes = pd.factorize(numbers if first == 0 else (codes << WORD) | numbers)[0]
    first_rows = np.empty(int(codes.max(initial=0)) + 1, dtype=np.int64)
    first_rows[codes[::-1]] = np.arange(rows - 1, -1, -1)
    return codes, first_rows


def descend(forest: Forest, classes: Classes, state: tuple[Words, ...], split: Split) -> Arrivals:
    """Let every class down its tree, with a state that `split` divides at each node.

    `split` gets the nodes, whether each class itself turns left, and the states; it gives the states that go left,
    which of them go at all, and the same for the right.
    """
    nodes = forest.nodes
    at, of_class = forest.roots[classes.tree], np.arange(classes.count)
    arrived: list[tuple[Any, ...]] = []
    while at.size:
        done = nodes.leaf[at]
        arrived.append((nodes.value[at[done]], of_class[done], *(part[done] for part in state)))
        at, of_class, state = at[~done], of_class[~done], tuple(part[~done] for part in state)
        left, goes_left, right, goes_right = split(at, classes.left[classes.start[at] + of_class], state)
        state = tuple(
            np.concatenate((one[goes_left], other[goes_right])) for one, other in zip(left, right, strict=True)
        )
        of_class = np.concatenate((of_class[goes_left], of_class[goes_right]))
        at = np.concatenate((nodes.left[at[goes_left]], nodes.right[at[goes_right]]))
    value, where, *parts = (np.concatenate(column) for column in zip(*arrived, strict=True))
    order = np.argsort(where, kind="stable")
    return Arrivals(value[order], where[order], tuple(part[order] for part in parts))


def membership(forest: Forest, classes: Classes, group: int) -> csr_array:
    """Return a matrix that sums the classes of each row over the trees of a group: a line a row, a column a class."""
    from scipy.sparse import csr_array

    of_rows = classes.of_rows[forest.groups == group]
    trees, rows = of_rows.shape
    ones = np.ones(of_rows.size, dtype=np.float32)
    starts = np.arange(rows + 1) * trees
    return csr_array((ones, np.ascontiguousarray(of_rows.T).reshape(-1), starts), shape=(rows, classes.count))


def packed(flags: Bools) -> Words:
    """Return flags, a line a set, as bit sets in whole words."""
    width = -flags.shape[1] % 64
    padded = np.pad(flags, ((0, 0), (0, width)))
    return np.packbits(padded, axis=1, bitorder="little").view(np.uint64)


def occupied(sets: Words) -> Bools:
    """Say of each bit set whether it has a member."""
    found: Bools = np.logical_or.reduce(sets != 0, axis=1)
    return found


def unpacked(sets: Words, width: int) -> Bools:
    """Return bit sets as flags, a line a set."""
    flat = np.ascontiguousarray(sets).view(np.uint8)
    return np.unpackbits(flat, axis=1, count=width, bitorder="little").view(np.bool_)

"""What a forest answers to rows in which some features have other values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from specimen_jobs.clarify.explanations.descent import (
    Classes,
    Words,
    classify,
    descend,
    membership,
    occupied,
    packed,
    unpacked,
)
from specimen_jobs.clarify.explanations.forest import Bools, Floats, Forest, Integers


@dataclass(frozen=True)
class Substitution:
    """Ways to change a row: way w keeps its own value of feature f where `own[w, f]`, and has `other[w, f]` elsewhere.

    `other` may have a single line, for all ways.
    """

    own: Bools
    other: npt.NDArray[np.floating[Any]]

    @property
    def ways(self) -> int:
        return len(self.own)

    def others(self, first: int, end: int) -> npt.NDArray[np.floating[Any]]:
        """Return the lines of `other` for some of the ways."""
        return self.other if len(self.other) == 1 else self.other[first:end]

    def applied(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the changed rows: first index the way, then the row."""
        found: npt.NDArray[np.float64] = np.where(self.own[:, None, :], rows[None], self.other[:, None, :])
        return found


@dataclass(frozen=True)
class _Signs:
    """For each node, the ways that follow the row there, go left, and go right, as bit sets."""

    follow: Words
    left: Words
    right: Words


def answers(forest: Forest, rows: Floats, substitution: Substitution) -> Floats:
    """Return the answers to changed rows; the axes are row, way, answer."""
    signs, leftwards, rightwards = _signs(forest, substitution)
    classes = classify(forest, rows, leftwards, rightwards)
    margins = np.empty((len(rows), substitution.ways, forest.base.size), dtype=np.float32)
    sums = _class_sums(forest, classes, signs, substitution.ways)
    for group, base in enumerate(forest.base):
        margins[:, :, group] = membership(forest, classes, group) @ sums + base
    return forest.answers(margins)


def _signs(forest: Forest, substitution: Substitution) -> tuple[_Signs, Bools, Bools]:
    nodes = forest.nodes
    inner = np.flatnonzero(~nodes.leaf)
    feature = nodes.feature[inner]
    follow = substitution.own[:, feature].T
    other = np.broadcast_to(substitution.other, substitution.own.shape)[:, feature].T
    left = other < nodes.threshold[inner][:, None]
    left |= np.isnan(other) & nodes.missing_left[inner][:, None]
    sets = []
    for flags in (follow, ~follow & left, ~follow & ~left):
        whole = np.zeros((nodes.leaf.size, -(-substitution.ways // 64)), dtype=np.uint64)
        whole[inner] = packed(flags)
        sets.append(whole)
    signs = _Signs(*sets)
    return signs, occupied(signs.left), occupied(signs.right)


def _class_sums(forest: Forest, classes: Classes, signs: _Signs, ways: int) -> Floats:
    """Return each class's margin in its tree, one a way."""

    def split(
        at: Integers, turns_left: Bools, state: tuple[Words, ...]
    ) -> tuple[tuple[Words, ...], Bools, tuple[Words, ...], Bools]:
        (here,) = state
        follow = np.where(turns_left[:, None], signs.follow[at], 0)
        left: Words = here & (signs.left[at] | follow)
        right: Words = here & ~left
        return (left,), occupied(left), (right,), occupied(right)

    all_ways = np.repeat(packed(np.ones((1, ways), dtype=np.bool_)), classes.count, axis=0)
    arrivals = descend(forest, classes, (all_ways,), split)

    def came(part: slice) -> Floats:
        return unpacked(arrivals.state[0][part], ways).astype(np.float32)

    return arrivals.sums(classes.count, arrivals.value, came, ways)

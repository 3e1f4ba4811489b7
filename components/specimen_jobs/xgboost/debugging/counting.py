"""Average SHAP values of a tree over all rows, from counts of rows.

A row's path-dependent SHAP values (TreeSHAP, what XGBoost's `pred_contribs` are) are the Shapley values of a game for
each leaf: a coalition S of the features on the way to the leaf is worth the leaf's value, times 1 or 0 for whether the
row takes all turns of the features in S, times the shares of the others. Shapley values are linear in the game, so that
their mean over rows is the Shapley value of the mean game, and for that one has but to count: how many rows take all
turns of the features in S. The rows that do are a set of bits; sets meet by `and`, and are counted by machine words,
64 rows at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from math import factorial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from specimen_jobs.xgboost.debugging.rows import Block, Rows, Words, sizes
from specimen_jobs.xgboost.debugging.trees import Leaf, Tree

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
WIDEST: Final = 8  # features on one way; for more, XGBoost's own algorithm has less to do


def countable(tree: Tree, ways: Mapping[int, Leaf]) -> bool:
    """Say whether counting is possible and is the shorter way: few features a way, and no node without weight."""
    return min(tree.cover) > 0 and max(len(leaf.features) for leaf in ways.values()) <= WIDEST


def mean_contributions(tree: Tree, ways: Mapping[int, Leaf], rows: Rows) -> Floats:
    """Return the mean over rows of each feature's contribution to the margin; `ways` are the tree's leaves."""
    counts: dict[int, Counts] = {}
    for block in rows.blocks():
        for node, found in _counts(tree, block).items():
            counts[node] = counts[node] + found if node in counts else found
    by_width: dict[int, list[int]] = defaultdict(list)
    for node, leaf in ways.items():
        by_width[len(leaf.features)].append(node)
    total = np.zeros(rows.features)
    for width, nodes in by_width.items():
        games = _games([ways[node] for node in nodes], np.stack([counts[node] for node in nodes]) / rows.count)
        features = np.array([ways[node].features for node in nodes], dtype=np.int64)
        np.add.at(total, features, games @ _shapley(width).T)
    return total


def _counts(tree: Tree, block: Block) -> Mapping[int, Counts]:
    """Return by leaf how many rows take all turns of each coalition; bit i of a coalition is the i-th feature."""
    found: dict[int, Counts] = {}
    waiting: list[tuple[int, tuple[int, ...], Words]] = [(0, (), block.everyone[None])]
    while waiting:
        node, way, sets = waiting.pop()
        if tree.left[node] < 0:  # a tree that is one leaf
            return {node: sizes(sets)}
        feature, children = tree.feature[node], (tree.left[node], tree.right[node])
        without, within = _divided(sets, way, feature)
        goes_left = within & block.smaller(feature, tree.threshold[node], tree.missing_left[node])
        after = way if feature in way else (*way, feature)
        ends = [tree.left[child] < 0 for child in children]
        if any(ends):
            others, lefts = sizes(without), sizes(goes_left)
            both = others if within is without else sizes(within)
        for child, end, turn in zip(children, ends, ("left", "right"), strict=True):
            if end:
                found[child] = _joined(others, lefts if turn == "left" else both - lefts).reshape(-1)
            else:
                halves = _joined(without, goes_left if turn == "left" else within ^ goes_left)
                waiting.append((child, after, halves.reshape(-1, sets.shape[1])))
    return found


def _joined(without: npt.NDArray[Any], within: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Put the coalitions without a feature and with it together again, along a new second axis."""
    whole = np.empty((without.shape[0], 2, *without.shape[1:]), dtype=without.dtype)
    whole[:, 0], whole[:, 1] = without, within
    return whole


def _divided(sets: Words, way: Sequence[int], feature: int) -> tuple[Words, Words]:
    """Return the sets of the coalitions without a feature and with it, each as (higher bits, lower bits, words).

    A feature that is asked for the first time restricts nothing yet: its sets are the same with it and without.
    """
    if feature not in way:
        same = sets[None]
        return same, same
    parts = sets.reshape(-1, 2, 1 << way.index(feature), sets.shape[1])
    return parts[:, 0], parts[:, 1]


def _games(ways: Sequence[Leaf], taken: Floats) -> Floats:
    """Return each leaf's mean game, a line a leaf and a column a coalition; `taken` are the parts of rows."""
    shares = np.array([leaf.shares for leaf in ways])
    worth = np.array([[leaf.value] for leaf in ways])
    for bit in range(shares.shape[1]):
        worth = np.concatenate((worth * shares[:, bit : bit + 1], worth), axis=1)
    return worth * taken


@cache
def _shapley(width: int) -> Floats:
    """Return the matrix that makes Shapley values (a line a player) of a game (a column a coalition)."""
    matrix = np.zeros((width, 1 << width))
    for coalition in range(1 << width):
        size = coalition.bit_count()
        for player in range(width):
            if coalition >> player & 1:
                matrix[player, coalition] = factorial(size - 1) * factorial(width - size) / factorial(width)
            else:
                matrix[player, coalition] = -factorial(size) * factorial(width - size - 1) / factorial(width)
    return matrix

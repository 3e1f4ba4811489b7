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
Counts = npt.NDArray[Any]
Ways = Mapping[int, Leaf]  # a tree's leaves by node
Table = npt.NDArray[Any]  # a line a coalition
WIDEST: Final = 8  # features on one way; for more, XGBoost's own algorithm has less to do


def countable(tree: Tree, ways: Ways) -> bool:
    """Say whether counting is possible and is the shorter way: few features a way, and no node without weight."""
    return min(tree.cover) > 0 and max(len(leaf.features) for leaf in ways.values()) <= WIDEST


def mean_contributions(trees: Sequence[tuple[Tree, Ways]], rows: Rows) -> Floats:
    """Return the mean over rows of each feature's contribution to the margin, and last what trees add to the bias.

    With each tree come its leaves.
    """
    by_width: dict[int, list[tuple[Leaf, Counts]]] = defaultdict(list)
    for tree, ways in trees:
        for node, counts in _of_all_rows(tree, rows).items():
            by_width[len(ways[node].features)].append((ways[node], counts))
    total = np.zeros(rows.features + 1)
    for width, found in by_width.items():
        games = _games([leaf for leaf, _ in found], np.stack([counts for _, counts in found]) / rows.count)
        features = np.array([leaf.features for leaf, _ in found], dtype=np.int64)
        np.add.at(total, features, games @ _shapley(width).T)
        total[-1] += games[:, 0].sum()
    return total


def _of_all_rows(tree: Tree, rows: Rows) -> dict[int, Counts]:
    first, *others = (_counts(tree, block) for block in rows.blocks())
    for other in others:
        for node in first:
            first[node] = first[node] + other[node].astype(np.int64)
    return first


def _counts(tree: Tree, block: Block) -> dict[int, Counts]:
    """Return by leaf how many rows take all turns of each coalition; bit i of a coalition is the i-th feature."""
    found: dict[int, Counts] = {}
    everyone = block.everyone[None]
    waiting: list[tuple[int, tuple[int, ...], Words, Counts]] = [(0, (), everyone, sizes(everyone))]
    while waiting:
        node, way, sets, counts = waiting.pop()
        if tree.left[node] < 0:
            found[node] = counts
            continue
        feature = tree.feature[node]
        without, within = _divided(sets, way, feature)
        others, all_within = _divided(counts, way, feature)
        left = within & block.smaller(feature, tree.threshold[node], tree.missing_left[node])
        lefts = sizes(left)
        after = way if feature in way else (*way, feature)
        for child, taken in ((tree.left[node], lefts), (tree.right[node], all_within - lefts)):
            child_counts = _joined(others, taken)
            if tree.left[child] < 0:
                found[child] = child_counts
            else:
                turn = left if taken is lefts else within ^ left
                waiting.append((child, after, _joined(without, turn), child_counts))
    return found


def _divided(table: Table, way: Sequence[int], feature: int) -> tuple[Table, Table]:
    """Return the coalitions without a feature and with it, as (higher bits, lower bits, …).

    A feature that is asked for the first time restricts nothing yet: with it and without is the same.
    """
    if feature not in way:
        same = table[None]
        return same, same
    parts = table.reshape(-1, 2, 1 << way.index(feature), *table.shape[1:])
    return parts[:, 0], parts[:, 1]


def _joined(without: Table, within: Table) -> Table:
    """Put the coalitions without a feature and with it together again, a line a coalition."""
    higher, lower, *rest = without.shape
    whole = np.empty((higher, 2, lower, *rest), dtype=without.dtype)
    whole[:, 0], whole[:, 1] = without, within
    return whole.reshape(-1, *rest)


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

"""The trees that some rounds of a booster have added."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import xgboost


@dataclass(frozen=True)
class Tree:
    """A tree's nodes; node 0 is the root, and a leaf has -1 as its children and its value as its threshold."""

    left: Sequence[int]
    right: Sequence[int]
    feature: Sequence[int]
    threshold: npt.NDArray[np.float32]  # rows with a smaller value go left
    missing_left: Sequence[int]  # whether rows without a value go left
    cover: Sequence[float]  # the sum of hessians that came to the node in training


@dataclass(frozen=True)
class Leaf:
    """A leaf and the way to it.

    For each feature that is asked on the way, `shares` holds the part of the training's weight that takes all of the
    feature's turns, given that it came so far.
    """

    value: float
    features: tuple[int, ...]
    shares: tuple[float, ...]


def added(model: xgboost.Booster, first: int, last: int) -> list[Tree]:
    """Return the trees of the rounds from `first` up to, but without, `last`."""
    content = json.loads(bytes(model[first:last].save_raw("json")))
    return [_tree(tree) for tree in content["learner"]["gradient_booster"]["model"]["trees"]]


def _tree(arrays: dict[str, Any]) -> Tree:
    return Tree(
        left=arrays["left_children"],
        right=arrays["right_children"],
        feature=arrays["split_indices"],
        threshold=np.array(arrays["split_conditions"], dtype=np.float32),
        missing_left=arrays["default_left"],
        cover=arrays["sum_hessian"],
    )


def leaves(tree: Tree) -> dict[int, Leaf]:
    """Return a tree's leaves by node."""
    found = {}
    waiting: list[tuple[int, dict[int, float]]] = [(0, {})]
    while waiting:
        node, shares = waiting.pop()
        if tree.left[node] < 0:
            found[node] = Leaf(float(tree.threshold[node]), tuple(shares), tuple(shares.values()))
            continue
        feature = tree.feature[node]
        for child in (tree.left[node], tree.right[node]):
            share = shares.get(feature, 1.0) * tree.cover[child] / tree.cover[node]
            waiting.append((child, {**shares, feature: share}))
    return found

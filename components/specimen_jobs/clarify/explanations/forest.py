"""A tree model that XGBoost has saved, as arrays: every node of every tree, and how margins become answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from specimen_jobs.clarify.explanations import ubjson

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
PICKLE: Final = b"\x80"


class Output(Enum):
    """How a model turns the sum of its trees, the margin, into its answer."""

    IDENTITY = "identity"
    LOGISTIC = "logistic"
    EXPONENTIAL = "exponential"
    SOFTMAX = "softmax"


# https://xgboost.readthedocs.io/en/stable/parameter.html#learning-task-parameters
OUTPUTS: Final[Mapping[str, Output]] = {
    "reg:squarederror": Output.IDENTITY,
    "reg:linear": Output.IDENTITY,
    "reg:absoluteerror": Output.IDENTITY,
    "reg:pseudohubererror": Output.IDENTITY,
    "reg:squaredlogerror": Output.IDENTITY,
    "binary:logitraw": Output.IDENTITY,
    "binary:logistic": Output.LOGISTIC,
    "reg:logistic": Output.LOGISTIC,
    "count:poisson": Output.EXPONENTIAL,
    "reg:gamma": Output.EXPONENTIAL,
    "reg:tweedie": Output.EXPONENTIAL,
    "multi:softprob": Output.SOFTMAX,
}


class UnreadableModelError(ValueError):
    """A model whose trees cannot be read, and why."""


@dataclass(frozen=True)
class Nodes:
    """All nodes of a forest, tree after tree; a child is a position in these arrays, and a leaf is its own child."""

    feature: Integers
    threshold: Floats  # rows with a smaller value go left
    left: Integers
    right: Integers
    missing_left: Bools  # where rows go that have no value
    value: Floats  # of a leaf
    leaf: Bools


@dataclass(frozen=True)
class Forest:
    """A model that is a sum of trees: `base` is the margin before any tree, one a group (class) of trees."""

    nodes: Nodes
    roots: Integers
    groups: Integers  # of each tree
    base: Floats
    output: Output
    features: int

    def answers(self, margins: Floats) -> Floats:
        """Return the model's answers to margins, whose last axis is the group; the last axis is the answer."""
        match self.output:
            case Output.IDENTITY:
                return margins
            case Output.LOGISTIC:
                return np.asarray(np.reciprocal(1 + np.exp(-margins)), dtype=np.float32)
            case Output.EXPONENTIAL:
                return np.asarray(np.exp(margins), dtype=np.float32)
            case Output.SOFTMAX:
                powers = np.exp(margins - margins.max(axis=-1, keepdims=True))
                return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def read(content: bytes) -> Forest:
    """Return the forest that XGBoost saved as UBJSON or JSON; a pickle is never opened.

    Raises:
        UnreadableModelError: it is saved otherwise, or is no sum of trees with known answers.
    """
    if content.startswith(PICKLE):
        raise UnreadableModelError("it is a pickle, which could run code when it is opened")
    try:
        found = json.loads(content) if content[1:2] in (b'"', b" ", b"\n") else ubjson.read(content)
        return _forest(found["learner"])
    except UnreadableModelError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError) as error:
        raise UnreadableModelError(f"it is no model that XGBoost saved: {error or type(error).__name__}") from None


def _forest(learner: Mapping[str, Any]) -> Forest:
    objective = str(learner["objective"]["name"])
    if objective not in OUTPUTS:
        raise UnreadableModelError(f"the answers of {objective} are not a known function of its trees")
    trees, groups, weights = _booster(learner["gradient_booster"])
    parameters = learner["learner_model_param"]
    features = int(parameters["num_feature"])
    classes = max(1, int(parameters["num_class"]))
    if len(trees) < classes or len(groups) != len(trees):
        raise UnreadableModelError(f"it has {len(trees)} trees for {classes} answers")
    if int(parameters.get("num_target", 1)) > 1:
        raise UnreadableModelError("it answers several numbers with one tree")
    base = np.array(json.loads(str(parameters["base_score"])), dtype=np.float64).reshape(-1)
    offsets = np.cumsum([0, *(len(tree["left_children"]) for tree in trees)])
    parts = [_nodes(*one) for one in zip(trees, offsets[:-1].tolist(), weights, strict=True)]
    nodes = Nodes(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    if not ((nodes.feature >= 0) & (nodes.feature < features)).all():
        raise UnreadableModelError("a tree asks for a feature that the model does not have")
    return Forest(
        nodes=nodes,
        roots=offsets[:-1].astype(np.int64),
        groups=np.asarray(groups, dtype=np.int64) % classes,
        base=np.broadcast_to(_margin(base, OUTPUTS[objective]), (classes,)).astype(np.float32),
        output=OUTPUTS[objective],
        features=features,
    )


def _booster(booster: Mapping[str, Any]) -> tuple[Sequence[Any], Sequence[int], Sequence[float]]:
    """Return trees, each one's group, and the weight of each one's leaves, which only dropped trees (dart) have."""
    match booster["name"]:
        case "gbtree":
            model = booster["model"]
            return model["trees"], model["tree_info"], [1.0] * len(model["trees"])
        case "dart":
            model = booster["gbtree"]["model"]
            return model["trees"], model["tree_info"], booster["weight_drop"]
        case other:
            raise UnreadableModelError(f"{other} has no trees")


def _margin(base: npt.NDArray[np.float64], output: Output) -> npt.NDArray[np.float64]:
    """Return the base score as a margin: XGBoost saves it as an answer."""
    match output:
        case Output.LOGISTIC:
            return np.log(base) - np.log1p(-base)
        case Output.EXPONENTIAL:
            return np.log(base)
        case _:
            return base


def _nodes(tree: Mapping[str, Any], offset: int, weight: float) -> tuple[npt.NDArray[Any], ...]:
    left, right = (np.asarray(tree[key], dtype=np.int64) for key in ("left_children", "right_children"))
    own, leaf = np.arange(left.size), left < 0
    if np.asarray(tree["split_type"]).any():
        raise UnreadableModelError("it splits by category")
    inner = ~leaf
    if not own.size or not ((own < left) & (left < own.size) & (own < right) & (right < own.size))[inner].all():
        raise UnreadableModelError("its nodes are no tree")
    conditions = np.asarray(tree["split_conditions"], dtype=np.float32)
    return (
        np.where(leaf, 0, np.asarray(tree["split_indices"], dtype=np.int64)),
        conditions,
        np.where(leaf, own, left) + offset,
        np.where(leaf, own, right) + offset,
        np.asarray(tree["default_left"], dtype=np.bool_),
        conditions * np.float32(weight) * leaf,
        leaf,
    )

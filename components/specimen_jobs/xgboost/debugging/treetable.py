"""One tree of a model as columns, a line a node, as smdebug's `parse_tree_model` gives them.

Source: smdebug 1.0.34, xgboost/utils.py, which takes them from XGBoost's `trees_to_dataframe`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import xgboost

NOTHING = float("nan")


def table(model: xgboost.Booster, number: int) -> Mapping[str, npt.NDArray[Any]]:
    """Return the columns of the tree of that number, ordered by node."""
    tree = json.loads(_dumped(model, number))
    nodes = sorted(_nodes(tree), key=lambda node: node["nodeid"])
    texts = [_line(number, node) for node in nodes]
    return {
        "Tree": np.full(len(nodes), number),
        "Node": np.array([node["nodeid"] for node in nodes]),
        "ID": np.array([f"{number}-{node['nodeid']}" for node in nodes]),
        "Feature": np.array([node.get("split", "Leaf") for node in nodes]),
        "Split": np.array([float(node.get("split_condition", NOTHING)) for node in nodes]),
        "Yes": np.array([yes for yes, _, _ in texts]),
        "No": np.array([no for _, no, _ in texts]),
        "Missing": np.array([missing for _, _, missing in texts]),
        "Gain": np.array([float(node["leaf"] if "leaf" in node else node["gain"]) for node in nodes]),
        "Cover": np.array([float(node["cover"]) for node in nodes]),
        "Category": np.array(["nan"] * len(nodes)),
    }


def _dumped(model: xgboost.Booster, number: int) -> str:
    """Return a tree's JSON; its round alone is taken out of the model, since XGBoost writes all trees there are."""
    a_round = len(model[:1].get_dump())
    place = number // a_round
    return str(model[place : place + 1].get_dump(with_stats=True, dump_format="json")[number % a_round])


def _nodes(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.get("children", ()))


def _line(number: int, node: Mapping[str, Any]) -> tuple[str, str, str]:
    if "leaf" in node:
        return "nan", "nan", "nan"
    return f"{number}-{node['yes']}", f"{number}-{node['no']}", f"{number}-{node['missing']}"

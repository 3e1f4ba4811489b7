"""Debugger's built-in rules as AWS describes them; the table is written from the SageMaker SDK by ``make tables``."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import specimen.schemas as schemas

CUSTOM = "custom"  # what a rule of one's own is written as
# What a rule looks at that names nothing itself: all of these collections, of each entry any one.
READS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "class_imbalance": (("labels",), ("predictions",)),
    "confusion": (("labels",), ("predictions",)),
    "create_xgboost_report": (("metrics",),),
    "feature_importance_overweight": (("feature_importance",),),
    "loss_not_decreasing": (("losses",),),
    "overfit": (("metrics", "losses"),),
    "overtraining": (("metrics", "losses"),),
    "tree_depth": (("trees",),),
}
CHOOSING = ("all_zero", "tensor_variance", "unchanged_tensor")  # rules that must be told what to look at
OF_CLASSES = ("class_imbalance", "confusion")


@dataclass(frozen=True)
class BuiltIn:
    """A rule's name on AWS, and the collections that are saved for it, each with its parameters."""

    name: str
    collections: Mapping[str, Mapping[str, str]]


@cache
def built_in() -> Mapping[str, BuiltIn]:
    """Every built-in rule by its name in the language, those for neural networks too."""
    content = json.loads(files("specimen.spec").joinpath("data", "rules.json").read_text(encoding="utf-8"))
    return {name: BuiltIn(rule["name"], rule["collections"]) for name, rule in content["rules"].items()}


@cache
def of_xgboost() -> tuple[str, ...]:
    """The built-in rules that judge a training with XGBoost."""
    found: list[str] = schemas.schema("Experiment")["$defs"]["rule"]["else"]["enum"]
    return tuple(found)


def collections() -> tuple[str, ...]:
    """The collections that SageMaker's XGBoost can save."""
    return tuple(schemas.schema("Experiment")["properties"]["debugger"]["properties"]["collect"]["properties"])


def brought(rules: Iterable[str]) -> dict[str, Mapping[str, str]]:
    """The collections that are saved for rules, by name; the first rule that brings one says when it is saved."""
    found: dict[str, Mapping[str, str]] = {}
    for rule in rules:
        for name, parameters in built_in()[rule].collections.items() if rule in built_in() else ():
            found.setdefault(name, parameters)
    return found

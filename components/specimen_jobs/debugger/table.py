"""The built-in rules by name, with their parameters and the collections that they read."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from specimen_jobs.container import JobError
from specimen_jobs.debugger import parameters
from specimen_jobs.debugger.parameters import Parameter
from specimen_jobs.debugger.rules import labels, losses, tensors, trees
from specimen_jobs.debugger.stalled import StalledTrainingRule


@dataclass(frozen=True)
class BuiltIn:
    """A rule that the container has; without `collections` the user says what it reads."""

    make: Any
    parameters: tuple[Parameter, ...]
    collections: tuple[str, ...]


def _rule(rule: Any) -> BuiltIn:
    return BuiltIn(rule, parameters.parameters(rule), tuple(rule.COLLECTIONS))


RULES: Final[Mapping[str, BuiltIn]] = {
    rule.__name__: _rule(rule)
    for rule in (
        tensors.AllZero,
        labels.ClassImbalance,
        labels.Confusion,
        trees.FeatureImportanceOverweight,
        losses.LossNotDecreasing,
        losses.Overfit,
        losses.Overtraining,
        tensors.SimilarAcrossRuns,
        StalledTrainingRule,
        tensors.TensorVariance,
        trees.TreeDepth,
        tensors.UnchangedTensor,
    )
}


def find(name: str) -> BuiltIn:
    """Return a rule; raise JobError for a name that is none."""
    if name in RULES:
        return RULES[name]
    close = difflib.get_close_matches(name, RULES, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the rules are {', '.join(RULES)}"
    raise JobError(f"There is no rule {name} for XGBoost; {hint}")

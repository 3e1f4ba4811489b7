"""The built-in rules by name, with their parameters and the collections that they read."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from specimen_jobs.container import JobError
from specimen_jobs.debugger import parameters
from specimen_jobs.debugger.parameters import Parameter
from specimen_jobs.debugger.reports import usage
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


def _xgboost_report(**given: Any) -> Any:
    from specimen_jobs.debugger.reports.xgboost import CreateXgboostReport  # draws, which takes half a second to import

    return CreateXgboostReport(**given)


def _profiler_report(**given: Any) -> Any:
    from specimen_jobs.debugger.reports.profiler import ProfilerReport

    return ProfilerReport(**given)


OF_REPORT: Final = ("metrics", "feature_importance", "hyperparameters", "predictions", "labels")
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
} | {
    "CreateXgboostReport": BuiltIn(_xgboost_report, (), OF_REPORT),
    "ProfilerReport": BuiltIn(_profiler_report, usage.PARAMETERS, ()),
}


def find(name: str) -> BuiltIn:
    """Return a rule; raise JobError for a name that is none."""
    if name in RULES:
        return RULES[name]
    close = difflib.get_close_matches(name, RULES, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the rules are {', '.join(RULES)}"
    raise JobError(f"There is no rule {name} for XGBoost; {hint}")

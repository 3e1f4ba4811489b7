"""The rules on XGBoost's model: TreeDepth, FeatureImportanceOverweight.

Source: "List of Debugger built-in rules" in SageMaker's guide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar, Final

from specimen_jobs.debugger.parameters import limited
from specimen_jobs.debugger.reading import NotSaved, Reader, chosen, numbers, scalars

NODES: Final = "^trees/Node$"


@dataclass
class TreeDepth:
    """Did the trees not grow as deep as they may?

    log2(the largest node ID of the step's tree) < `depth`: XGBoost has rejected splits that gain too little.
    """

    COLLECTIONS: ClassVar = ("trees",)

    trial: Reader
    depth: float = limited(4.0, lowest=0)
    reason: str = field(default="", init=False)

    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the condition is met; raise NotSaved where the step has no tree."""
        nodes = numbers(self.trial, chosen(self.trial, (), (NODES,)), step).values()
        if not any(ids.size for ids in nodes):
            raise NotSaved("no tree (collection trees)")
        largest = max(int(ids.max()) for ids in nodes if ids.size)
        self.reason = f"the largest node ID is {largest}"
        return (math.log2(largest) if largest else -math.inf) < self.depth


@dataclass
class FeatureImportanceOverweight:
    """Does the model rest on few features?

    (sum of the `nfeatures` largest importances) / (sum of all) > `threshold`, over the tensors that match
    `tensor_regex`.
    """

    COLLECTIONS: ClassVar = ("feature_importance",)

    trial: Reader
    threshold: float = limited(0.8, lowest=0, highest=1)
    nfeatures: int = limited(3, lowest=1)
    tensor_regex: tuple[str, ...] = (".*feature_importance/weight",)
    reason: str = field(default="", init=False)

    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the condition is met; raise NotSaved where the step has no importance."""
        found = scalars(self.trial, chosen(self.trial, (), self.tensor_regex), step).values()
        importances = sorted((value for value in found if math.isfinite(value)), reverse=True)
        if not importances:
            raise NotSaved(f"no importance that matches {', '.join(self.tensor_regex)} (collection feature_importance)")
        largest, total = sum(importances[: self.nfeatures]), sum(importances)
        self.reason = f"the {self.nfeatures} largest importances are {largest:.4f} of {total:.4f}"
        return largest > self.threshold * total

"""What a version of SageMaker's XGBoost lets one tune and measure, as the published schema says it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import specimen.schemas as schemas
from specimen.spec.defaults import resolved

NEWEST = "3.2-0"  # what a document is held against whose version is unknown
TYPES = {"integer": "Integer", "number": "Continuous"}  # SageMaker's words


@cache
def tunable(version: str) -> Mapping[str, str]:
    """The hyperparameters that take a range, each with the type that its range from min to max has on SageMaker.

    They are those of which AWS's own container says so, the same in every version:
    https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
    """
    root: Mapping[str, Any] = schemas.schema("Experiment")
    found = {}
    for name, declared in _declared(version).items():
        inner = resolved(declared, root)
        if inner.get("if") == {"type": "object"}:
            found[name] = TYPES[resolved(inner["else"], root)["type"]]
    return found


@cache
def metrics(version: str) -> Sequence[str]:
    """The metrics that a version measures, by the names without a bound as in ``error@0.7``."""
    declared = resolved(_declared(version)["eval_metric"], schemas.schema("Experiment"))
    return tuple(declared["else"]["else"]["enum"])


def _declared(version: str) -> Mapping[str, Any]:
    definitions = schemas.schema("Experiment")["$defs"]
    found: Mapping[str, Any] = definitions.get(f"xgboost-{version}", definitions[f"xgboost-{NEWEST}"])["properties"]
    return found

"""Which arguments of a step are AWS requests, and what they look like when they are sent."""

from collections.abc import Iterator
from typing import Any

from specimen.planning.steps import Plan

SENT = {
    "experiment": {"request": "CreateExperiment"},
    "train": {"request": "CreateTrainingJob"},
    "tune": {"request": "CreateHyperParameterTuningJob"},
    "model": {"request": "CreateModel"},
    "rule": {"request": "CreateProcessingJob"},
    "bias": {"request": "CreateProcessingJob"},
    "evaluate": {"request": "CreateTransformJob"},
    "register": {"group": "CreateModelPackageGroup", "request": "CreateModelPackage"},
    "host": {"request": "CreateEndpointConfig"},
    "lineage": {"dataset": "CreateArtifact", "model": "CreateArtifact"},
}
NAMES = ("name", "model", "training_job")  # leaves that are names; the others are URIs


def requests(plan: Plan) -> Iterator[tuple[str, str, Any]]:
    """Every request of a plan with its leaves filled in: the step, the operation and the request."""
    for step in plan:
        for argument, operation in SENT.get(step.component, {}).items():
            yield step.id, operation, filled(step.arguments[argument])


def filled(data: Any) -> Any:
    """The data with every leaf as a value of the kind that a component would put there."""
    match data:
        case {"$ref": "hyperparameters"}:
            return {"num_round": "50"}
        case {"$ref": name}:
            kind = name.partition(":")[0]  # a variant's model is called model:<variant>
            return f"value-of-{kind}" if kind in NAMES else f"s3://bucket/{name}"
        case {"$join": parts}:
            return "".join(filled(part) for part in parts)
        case dict():
            return {key: filled(value) for key, value in data.items()}
        case list():
            return [filled(value) for value in data]
        case _:
            return data

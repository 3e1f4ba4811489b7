"""SageMaker's own operations: one table, put together from the modules and checked against botocore at import."""

from collections.abc import Iterable, Mapping

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.sagemaker import (
    endpoint_configs,
    endpoint_updates,
    endpoints,
    experiments,
    lineage,
    lineage_query,
    models,
    packages,
    processing,
    registry,
    search,
    tags,
    tracing,
    training,
    transform,
    trial_components,
    tuning,
)
from specimen.emulator.shapes import service_model

_MODULES = (
    endpoint_configs,
    endpoint_updates,
    endpoints,
    experiments,
    lineage,
    lineage_query,
    models,
    packages,
    processing,
    registry,
    search,
    tags,
    training,
    transform,
    trial_components,
    tuning,
)


def _merged(tables: Iterable[Mapping[str, Operation]]) -> dict[str, Operation]:
    merged: dict[str, Operation] = {}
    known = service_model("sagemaker").operations
    for table in tables:
        for name, operation in table.items():
            if name not in known:
                raise ValueError(f"botocore knows no SageMaker operation {name}")
            if name in merged:
                raise ValueError(f"{name} is claimed twice")
            merged[name] = _followed(name, operation)
    return merged


def _followed(name: str, operation: Operation) -> Operation:
    """Let tags and the lineage follow what an operation creates and deletes."""

    def answer(context: Context, request: Request) -> Response:
        response = operation(context, request)
        tags.follow(context, name, request, response)
        tracing.follow(context, name, request, response)
        return response

    return answer


OPERATIONS: Mapping[str, Operation] = _merged(module.OPERATIONS for module in _MODULES)

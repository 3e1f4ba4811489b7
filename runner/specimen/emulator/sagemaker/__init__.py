"""SageMaker's own operations: one table, put together from the modules and checked against botocore at import."""

from collections.abc import Iterable, Mapping

from specimen.emulator.context import Operation
from specimen.emulator.sagemaker import endpoints, models, processing, training, transform
from specimen.emulator.shapes import service_model


def _merged(tables: Iterable[Mapping[str, Operation]]) -> dict[str, Operation]:
    merged: dict[str, Operation] = {}
    known = service_model("sagemaker").operations
    for table in tables:
        for name, operation in table.items():
            if name not in known:
                raise ValueError(f"botocore knows no SageMaker operation {name}")
            if name in merged:
                raise ValueError(f"{name} is claimed twice")
            merged[name] = operation
    return merged


OPERATIONS: Mapping[str, Operation] = _merged(
    module.OPERATIONS for module in (endpoints, models, processing, training, transform)
)

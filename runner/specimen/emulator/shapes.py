"""Requests and responses, checked against botocore's own service models.

The models are read as they are published, since botocore's classes leave patterns and ranges out.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader

from specimen.emulator.checks import Check, Checks, Shape, structure
from specimen.emulator.errors import AwsError


class ServiceModel:
    """One service's operations and shapes."""

    def __init__(self, service: str) -> None:
        document = Loader().load_service_model(service, "service-2")
        self.metadata: Mapping[str, Any] = document["metadata"]
        self.operations: Mapping[str, Mapping[str, Any]] = document["operations"]
        self.shapes: Mapping[str, Shape] = document["shapes"]
        self._checks = Checks(self.shapes)
        self._refusal = "ValidationError" if "ValidationError" in self.shapes else "ValidationException"
        self._empty = structure({})

    def input_shape(self, operation: str) -> str | None:
        """Return the name of an operation's request shape."""
        return _shape_name(self.operations[operation].get("input"))

    def output_shape(self, operation: str) -> str | None:
        """Return the name of an operation's response shape."""
        return _shape_name(self.operations[operation].get("output"))

    def check(self, shape: str | None) -> Check:
        """Return what finds all that does not fit a shape; a shape of None is a message without members."""
        return self._empty if shape is None else self._checks.of(shape)

    def check_request(self, operation: str, request: object) -> None:
        """Raise what AWS answers to a request that does not fit: its validation error, or SerializationException."""
        try:
            violations = self.check(self.input_shape(operation))(request)
        except RecursionError as problem:  # some shapes contain themselves
            raise AwsError("SerializationException", "The request is nested too deeply.") from problem
        for violation in violations:
            if violation.wire:
                raise AwsError("SerializationException", violation.text)
        if violations:
            many = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected: "
            raise AwsError(self._refusal, many + "; ".join(violation.text for violation in violations))

    def check_response(self, operation: str, response: object) -> None:
        """Raise `InternalFailure` if our own answer does not fit the model: a bug here, and no client's fault."""
        violations = self.check(self.output_shape(operation))(response)
        if violations:
            text = "; ".join(violation.text for violation in violations)
            raise AwsError("InternalFailure", f"The answer to {operation} does not fit its model: {text}", 500)


@cache
def service_model(service: str) -> ServiceModel:
    """Read a service's model once."""
    return ServiceModel(service)


def _shape_name(reference: Mapping[str, str] | None) -> str | None:
    return None if reference is None else reference["shape"]

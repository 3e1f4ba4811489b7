"""Requests and responses, checked against botocore's own service models.

The models are read as they are published, since botocore's classes leave patterns and ranges out. A check collects
every violation, and words it as AWS does: ``Value '0' at
'resourceConfig.instanceCount' failed to satisfy constraint: …``.
"""

import base64
import binascii
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.loaders import Loader

from specimen.emulator.errors import AwsError, validation
from specimen.emulator.protocol.patterns import compiled

Shape = Mapping[str, Any]

_PYTHON: Mapping[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list, tuple),
    "string": (str,),
    "blob": (str, bytes),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}
_LIMITS = {"integer": 2**31, "long": 2**63}


@dataclass(frozen=True)
class Violation:
    """What is wrong at `path`; `wire` tells that the value cannot even be read as the member's type."""

    path: str
    text: str
    wire: bool = False


class ServiceModel:
    """One service's operations and shapes."""

    def __init__(self, service: str) -> None:
        document = Loader().load_service_model(service, "service-2")
        self.metadata: Mapping[str, Any] = document["metadata"]
        self.operations: Mapping[str, Mapping[str, Any]] = document["operations"]
        self.shapes: Mapping[str, Shape] = document["shapes"]

    def input_shape(self, operation: str) -> str | None:
        """Return the name of an operation's request shape."""
        return _shape_name(self.operations[operation].get("input"))

    def output_shape(self, operation: str) -> str | None:
        """Return the name of an operation's response shape."""
        return _shape_name(self.operations[operation].get("output"))

    def check_request(self, operation: str, request: object) -> None:
        """Raise what AWS answers to a request that does not fit: ValidationException, or SerializationException."""
        violations = list(self.violations(self.input_shape(operation), request))
        for violation in violations:
            if violation.wire:
                raise AwsError("SerializationException", f"{violation.text} at '{violation.path}'")
        if violations:
            many = f"{len(violations)} validation error{'s' if len(violations) > 1 else ''} detected: "
            raise validation(many + "; ".join(violation.text for violation in violations))

    def check_response(self, operation: str, response: object) -> None:
        """Raise `InternalFailure` if our own answer does not fit the model: a bug here, and no client's fault."""
        violations = list(self.violations(self.output_shape(operation), response))
        if violations:
            text = "; ".join(f"{violation.path}: {violation.text}" for violation in violations)
            raise AwsError("InternalFailure", f"The answer to {operation} does not fit its model: {text}", 500)

    def violations(self, shape: str | None, value: object, path: str = "") -> Iterator[Violation]:
        """Go through all that does not fit; a shape of None is a message without members."""
        model: Shape = {"type": "structure", "members": {}} if shape is None else self.shapes[shape]
        kind = str(model["type"])
        if model.get("document"):
            return
        if not isinstance(value, _PYTHON[kind]) or (isinstance(value, bool) and kind != "boolean"):
            yield Violation(path, f"{_wire_name(value)} cannot be converted to {kind.capitalize()}", wire=True)
            return
        match value:
            case dict() if kind == "structure":
                yield from self._structure(model, value, path)
            case dict():
                yield from self._map(model, value, path)
            case list() | tuple():
                yield from self._list(model, list(value), path)
            case str() if kind == "blob":
                yield from _base64(value, path)
            case str() | bytes():
                yield from _string(model, value, path)
            case int() | float() if kind != "boolean":
                yield from _number(model, value, path)

    def _structure(self, model: Shape, value: Mapping[str, object], path: str) -> Iterator[Violation]:
        members = model.get("members", {})
        for name in model.get("required", ()):
            if value.get(name) is None:
                yield _broken("null", _join(path, name), "Member must not be null")
        for name, item in value.items():
            here = _join(path, name)
            if name not in members:
                yield Violation(here, f"Unknown member '{here}'")
            elif item is not None:
                yield from self.violations(members[name]["shape"], item, here)
        if model.get("union") and len([item for item in value.values() if item is not None]) != 1:
            yield _broken(value, path, f"Exactly one member of: {', '.join(members)} must be set")

    def _map(self, model: Shape, value: Mapping[str, object], path: str) -> Iterator[Violation]:
        yield from _size(model, len(value), value, path)
        for key, item in value.items():
            yield from self.violations(model["key"]["shape"], key, f"{path}.{key}.key")
            yield from self.violations(model["value"]["shape"], item, f"{path}.{key}.value")

    def _list(self, model: Shape, value: list[object], path: str) -> Iterator[Violation]:
        yield from _size(model, len(value), value, path)
        for number, item in enumerate(value, 1):
            yield from self.violations(model["member"]["shape"], item, f"{path}.{number}.member")


@cache
def service_model(service: str) -> ServiceModel:
    """Read a service's model once."""
    return ServiceModel(service)


def _shape_name(reference: Mapping[str, str] | None) -> str | None:
    return None if reference is None else reference["shape"]


def _join(path: str, name: str) -> str:
    name = name[:1].lower() + name[1:]
    return f"{path}.{name}" if path else name


def _wire_name(value: object) -> str:
    match value:
        case bool():
            return f"{str(value).upper()}_VALUE"
        case str() | bytes():
            return "STRING_VALUE"
        case int():
            return "NUMBER_VALUE"
        case float():
            return "DECIMAL_VALUE"
        case None:
            return "NULL_VALUE"
        case dict():
            return "Start of structure or map found where not expected"
        case _:
            return "Start of list found where not expected"


def _broken(value: object, path: str, constraint: str) -> Violation:
    shown = value if isinstance(value, str) else repr(value)
    return Violation(path, f"Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}")


def _size(model: Shape, size: int, value: object, path: str) -> Iterator[Violation]:
    if size < model.get("min", 0):
        yield _broken(value, path, f"Member must have length greater than or equal to {model['min']}")
    if size > model.get("max", math.inf):
        yield _broken(value, path, f"Member must have length less than or equal to {model['max']}")


def _string(model: Shape, value: str | bytes, path: str) -> Iterator[Violation]:
    if isinstance(value, bytes):
        return
    wrong_size = list(_size(model, len(value), value, path))
    yield from wrong_size
    if "enum" in model and value not in model["enum"]:
        yield _broken(value, path, f"Member must satisfy enum value set: [{', '.join(model['enum'])}]")
    elif "pattern" in model and not wrong_size and not compiled(model["pattern"]).fullmatch(value):
        yield _broken(value, path, f"Member must satisfy regular expression pattern: {model['pattern']}")


def _base64(value: str, path: str) -> Iterator[Violation]:
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        yield Violation(path, "STRING_VALUE cannot be converted to Blob", wire=True)


def _number(model: Shape, value: float, path: str) -> Iterator[Violation]:
    limit = _LIMITS.get(str(model["type"]))
    if limit is not None and not -limit <= value < limit:
        yield Violation(path, f"NUMBER_VALUE cannot be converted to {str(model['type']).capitalize()}", wire=True)
    elif value < model.get("min", -math.inf):
        yield _broken(value, path, f"Member must have value greater than or equal to {model['min']}")
    elif value > model.get("max", math.inf):
        yield _broken(value, path, f"Member must have value less than or equal to {model['max']}")

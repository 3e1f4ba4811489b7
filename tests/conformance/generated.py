"""Requests made from botocore's model: valid ones, and the same with one member broken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from specimen.emulator.protocol.patterns import compiled
from specimen.emulator.shapes import ServiceModel

ARN = "arn:aws:sagemaker:us-east-1:111122223333:"
SAMPLES = (
    "a",
    "name-1",
    "1",
    "0.5",
    "ml.m5.xlarge",
    "text/csv",
    "s3://bucket/key",
    "https://bucket/key",
    "2026-01-01T00:00:00Z",
    "subnet-12345678",
    "sg-12345678",
    "sha256:" + "0" * 64,
    "/opt/ml/processing/input",
    "v1",
    "1.2.3",
    "arn:aws:iam::111122223333:role/sagemaker",
    "arn:aws:kms:us-east-1:111122223333:key/1",
    "arn:aws:lambda:us-east-1:111122223333:function:f",
    "arn:aws:sns:us-east-1:111122223333:topic",
    "arn:aws:logs:us-east-1:111122223333:log-group:g",
    "arn:aws:elasticfilesystem:us-east-1:111122223333:access-point/fsap-1",
    *(
        f"{ARN}{resource}"
        for resource in (
            "artifact/0",
            "experiment/e",
            "model-package/p/1",
            "model-package-group/p",
            "hub/h",
            "hub-content/h/Model/m/1.0.0",
            "training-job/j",
            "endpoint/e",
            "lineage-group/l",
            "mlflow-tracking-server/m",
            "training-plan/p",
            "reservation/r",
            "image/i",
            "inference-component/i",
        )
    ),
)
DEEP = 6


class NoSample(Exception):
    """No sample fits a pattern; the members of this shape are left out of generated requests."""


@dataclass(frozen=True)
class Broken:
    """A request with one member broken, and what an answer must mention."""

    title: str
    request: Mapping[str, Any]
    mentions: str


def valid(model: ServiceModel, shape: str, everything: bool = False, depth: int = 0) -> Any:
    """Make a value of a shape: required members alone, or all that a sample is found for."""
    described = model.shapes[shape]
    match described["type"]:
        case "structure":
            return _structure(model, described, everything, depth)
        case "list":
            return [valid(model, described["member"]["shape"], everything, depth + 1)] * max(1, described.get("min", 0))
        case "map":
            key = valid(model, described["key"]["shape"], everything, depth + 1)
            return {key: valid(model, described["value"]["shape"], everything, depth + 1)}
        case "string":
            return _text(described)
        case "boolean":
            return True
        case "blob":
            return "eA=="
        case _:
            return described.get("min", 1)


def _structure(model: ServiceModel, described: Mapping[str, Any], everything: bool, depth: int) -> dict[str, Any]:
    required = described.get("required", ())
    made: dict[str, Any] = {}
    for name, member in described["members"].items():
        if name not in required and (not everything or depth > DEEP):
            continue
        try:
            made[name] = valid(model, member["shape"], everything, depth + 1)
        except NoSample:
            if name in required:
                raise
        if described.get("union"):
            break
    return made


def _text(described: Mapping[str, Any]) -> str:
    if "enum" in described:
        return str(described["enum"][0])
    for sample in SAMPLES:
        text = sample * -(-described.get("min", 0) // len(sample)) if len(sample) < described.get("min", 0) else sample
        if len(text) <= described.get("max", len(text)) and compiled(described.get("pattern", ".*")).fullmatch(text):
            return text
    raise NoSample(described)


def broken(model: ServiceModel, operation: str) -> Iterator[Broken]:
    """Break each member of a full request once: absent, of another type, out of range, or unknown."""
    shape = model.shapes[model.input_shape(operation) or ""]
    request = valid(model, model.input_shape(operation) or "", everything=True)
    yield Broken("unknown member", {**request, "Unheard": 1}, "unheard")
    for name in shape.get("required", ()):
        yield Broken(f"no {name}", {key: value for key, value in request.items() if key != name}, _path(name))
    for name, member in shape["members"].items():
        if name in request:
            for title, value in _wrong(model.shapes[member["shape"]]):
                yield Broken(f"{name}: {title}", {**request, name: value}, _path(name))


def _wrong(described: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = described["type"]
    yield "another type", "text" if kind not in ("string", "blob") else ["text"]
    if kind == "string":
        if "enum" in described:
            yield "no such value", "Unheard"
        if described.get("max", 10**6) < 10**5:
            yield "too long", "a" * (described["max"] + 1)
        if "pattern" in described and not compiled(described["pattern"]).fullmatch("\n"):
            yield "against its pattern", "\n" * max(1, described.get("min", 1))
    if kind in ("integer", "long", "float", "double"):
        if "min" in described:
            yield "too small", described["min"] - 1
        if "max" in described:
            yield "too large", described["max"] + 1
    if kind == "list" and described.get("min", 0) > 0:
        yield "too short", []


def _path(name: str) -> str:
    return name[:1].lower() + name[1:]

"""AWS requests as data: leaves filled in, integers restored, tags added, and the digest that names a job."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from specimen_components.clients import request_shape
from specimen_components.interface import option
from specimen_components.jsondata import Json, digest
from specimen_components.problems import Failure

if TYPE_CHECKING:
    from botocore.model import Shape

NAME = "name"  # the leaf that stands for the job's own name, which the digest must not depend on
RUN_TAG = "specimen:run"
MANAGED_TAG = "specimen:managed"
_OUTSIDE = frozenset({"Tags", "ExperimentConfig"})


def filled(value: Json, values: Mapping[str, Json]) -> Json:
    """Fill in ``{"$ref": name}`` and ``{"$join": […]}`` leaves from `values`; raise `Failure` for a missing one."""
    match value:
        case {"$ref": str(name), **rest} if not rest:
            if name not in values:
                raise Failure(f"the request refers to {name!r}, which was not given", hint=f"Pass {option(name)}.")
            return values[name]
        case {"$join": [*parts], **rest} if not rest:
            return _joined([filled(part, values) for part in parts])
        case Mapping():
            return {key: filled(member, values) for key, member in value.items()}
        case list() | tuple():
            return [filled(item, values) for item in value]
        case _:
            return value


def request_digest(request: Mapping[str, Json], values: Mapping[str, Json], name_member: str) -> str:
    """Digest (SHA-256, hexadecimal) of a request with its leaves filled, but for its own name, tags and experiment."""
    kept = {key: member for key, member in request.items() if key not in _OUTSIDE | {name_member}}
    return digest(filled(kept, {**values, NAME: {"$ref": NAME}}))


def prepared(service: str, operation: str, request: Mapping[str, Json], values: Mapping[str, Json]) -> dict[str, Any]:
    """Give the request as botocore takes it: leaves filled, and integers where the operation's model has integers."""
    return dict(restored(request_shape(service, operation), filled(request, values)))


def restored(shape: "Shape", value: Json) -> Any:
    """Turn whole floats into integers where the shape is one: Kubeflow's structs know no integers."""
    shapes: Any = shape
    match shapes.type_name, value:
        case "structure", Mapping():
            members: Mapping[str, Shape] = shapes.members
            return {key: restored(members[key], item) if key in members else item for key, item in value.items()}
        case "list", list() | tuple():
            return [restored(shapes.member, item) for item in value]
        case "map", Mapping():
            return {key: restored(shapes.value, item) for key, item in value.items()}
        case "integer" | "long", float() if value.is_integer():
            return int(value)
        case _:
            return value


def tagged(request: Mapping[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
    """Add tags to a request's own, which win where both name a key."""
    own: Sequence[Mapping[str, str]] = request.get("Tags", [])
    keys = {tag["Key"] for tag in own}
    added = [{"Key": key, "Value": value} for key, value in tags.items() if key not in keys]
    return {**request, "Tags": [*own, *added]}


def _joined(parts: Sequence[Json]) -> Json:
    if any(isinstance(part, Mapping) for part in parts):  # the name, left open while the digest is taken
        return {"$join": list(parts)}
    return "".join(str(part) for part in parts)

"""A document with the defaults that its schema states."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from specimen.spec.model import Json


def filled(data: Mapping[str, Json], schema: Mapping[str, Any]) -> dict[str, Json]:
    """The data with every absent key that has a default.

    Only `properties` and `items` are followed: what a schema says under `if` and `allOf`, such as a version's
    hyperparameters, states AWS's own defaults for a reader, and is not sent.
    """
    return _mapping(data, schema, schema)


def resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that a ``{"$ref": "#/$defs/name"}`` stands for, or the schema itself."""
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


def _mapping(data: Mapping[str, Json], schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Json]:
    found = dict(data)
    for key, declared in schema.get("properties", {}).items():
        inner = resolved(declared, root)
        if key not in found and "default" in inner:
            found[key] = deepcopy(inner["default"])
        match found.get(key):
            case dict() as value:
                found[key] = _mapping(value, inner, root)
            case list() as values if "items" in inner:
                one = resolved(inner["items"], root)
                found[key] = [_mapping(value, one, root) if isinstance(value, dict) else value for value in values]
    return found

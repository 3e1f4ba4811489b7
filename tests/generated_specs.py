"""Documents made from the published schemas: what a schema accepts, as a hypothesis strategy.

Only the words of JSON Schema that the schemas of this project use are known; a new one is an error here. What the
strategy makes is held against the schema once more, since conditions are followed one at a time.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from specimen import schemas

Schema = Mapping[str, Any]
Strategy = st.SearchStrategy[Any]

ANNOTATIONS = {"$schema", "$defs", "title", "description", "examples", "default"}
ANY = {"$ref", "type", "const", "enum", "if", "then", "else", "not", "allOf", "anyOf"}
TEXTS = {"pattern", "minLength", "maxLength"}
NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
MAPPINGS = {"properties", "required", "additionalProperties", "propertyNames", "minProperties", "maxProperties"}
LISTS = {"items", "minItems", "maxItems", "uniqueItems"}
KNOWN = ANNOTATIONS | ANY | TEXTS | NUMBERS | MAPPINGS | LISTS | {"dependentSchemas"}
PRINTABLE = st.characters(exclude_categories=["C"], exclude_characters="\u2028\u2029")
TEXT = st.text(PRINTABLE, max_size=12)
MANY = 4  # optional keys and entries that one mapping gets


def documents(kind: str, without: str | None = None) -> Strategy:
    """Documents of a kind that its schema accepts; those that lack a section if that is made elsewhere."""
    root = schemas.schema(kind)
    made = {**root, "properties": {name: inner for name, inner in root["properties"].items() if name != without}}
    return values(made, root).filter(Draft202012Validator(root).is_valid)


def values(schema: Schema, root: Schema) -> Strategy:
    """Values of a schema, every choice it leaves among them."""
    if unknown := schema.keys() - KNOWN:
        raise ValueError(f"no strategy for {sorted(unknown)}")
    match schema:
        case {"$ref": reference, **rest}:
            return values(merged(root["$defs"][reference.removeprefix("#/$defs/")], rest), root)
        case {"allOf": conditions, **rest}:
            return st.one_of([values(merged(rest, condition), root) for condition in conditions if "then" in condition])
        case {"anyOf": branches, **rest}:
            return st.one_of([values(merged(rest, branch), root) for branch in branches])
        case {"if": condition, **rest}:
            one, other = rest.pop("then", {}), rest.pop("else", {})
            return values(merged(merged(rest, condition), one), root) | values(merged(rest, other), root)
        case {"const": value}:
            return st.just(value)
        case {"enum": members}:
            return st.sampled_from(members)
        case {"type": list(kinds), **rest}:
            return st.one_of([typed(kind, rest, root) for kind in kinds])
        case {"type": kind}:
            return typed(kind, schema, root)
    raise ValueError(f"no strategy for {dict(schema)}")


def merged(schema: Schema, other: Schema) -> dict[str, Any]:
    """Both schemas at once; where they say different things of a value, the second one."""
    both = {**schema, **other}
    for word in ("properties", "dependentSchemas"):
        if word in schema and word in other:
            names = schema[word].keys() | other[word].keys()
            both[word] = {name: merged(schema[word].get(name, {}), other[word].get(name, {})) for name in names}
    if "required" in schema and "required" in other:
        both["required"] = [*schema["required"], *other["required"]]
    return both


def typed(kind: str, schema: Schema, root: Schema) -> Strategy:
    """Values of one type."""
    match kind:
        case "object":
            return mappings(schema, root)
        case "array":
            count = schema.get("minItems", 0)
            most = min(schema.get("maxItems", count + MANY), count + MANY)
            items = values(schema["items"], root)
            unique = repr if schema.get("uniqueItems") else None
            return st.lists(items, min_size=count, max_size=most, unique_by=unique)
        case "string":
            return texts(schema)
        case "integer":
            least = schema.get("minimum", -(2**31))
            whole = st.integers(least, schema.get("maximum", max(least, 0) + 2**31))
            return whole | whole.map(float)
        case "number":
            return numbers(schema)
        case "boolean":
            return st.booleans()
    raise ValueError(f"no strategy for type {kind!r}")


def numbers(schema: Schema) -> Strategy:
    """Numbers within the schema's bounds."""
    least, most = (schema.get(word, schema.get(f"exclusive{word.capitalize()}")) for word in ("minimum", "maximum"))
    return st.floats(
        least,
        most,
        exclude_min="exclusiveMinimum" in schema,
        exclude_max="exclusiveMaximum" in schema,
        allow_nan=False,
        allow_infinity=False,
    )


def texts(schema: Schema) -> Strategy:
    """Texts of the schema's pattern and length, in printable characters."""
    return _texts(schema.get("pattern"), schema.get("minLength", 0), schema.get("maxLength", 10**6))


@cache
def _texts(pattern: str | None, least: int, most: int) -> Strategy:
    found = st.from_regex(re.sub(r"\$$", r"\\Z", pattern), alphabet=PRINTABLE) if pattern else TEXT
    return found.filter(lambda text: least <= len(text) <= most)


@st.composite
def mappings(draw: st.DrawFn, schema: Schema, root: Schema) -> dict[str, Any]:
    """Mappings with the required keys, and some of the others."""
    declared = {name: inner for name, inner in schema.get("properties", {}).items() if "not" not in inner}
    required = dict.fromkeys(schema.get("required", ()))
    optional = [name for name in declared if name not in required]
    chosen = draw(st.lists(st.sampled_from(optional), unique=True, max_size=MANY * 2)) if optional else []
    for name in [*required, *chosen]:
        for other, inner in schema.get("dependentSchemas", {}).get(name, {}).get("properties", {}).items():
            if "not" in inner:
                declared.pop(other, None)
    made = {name: draw(values(declared[name], root)) for name in (*required, *chosen) if name in declared}
    if isinstance(schema.get("additionalProperties"), dict):
        names = texts(schema.get("propertyNames", {}))
        count = schema.get("minProperties", 0)
        made |= draw(
            st.dictionaries(names, values(schema["additionalProperties"], root), min_size=count, max_size=MANY)
        )
    return made

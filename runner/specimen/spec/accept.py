"""Whether a value meets a JSON Schema (draft 2020-12), and not why: what almost every document is asked.

A schema becomes one function, made of a function for each of its keywords; a keyword that stands in no table here is
refused. Where something is wrong, `specimen.spec.structure` finds out what.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache
from typing import Any

import specimen.schemas as schemas

Accepts = Callable[[Any], bool]
Schema = Mapping[str, Any]

SAID_ELSEWHERE = {"$schema", "$defs", "title", "description", "default", "examples", "then", "else"}
TYPES: Mapping[str, Accepts] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())
    ),
}
# What a keyword says of values of one type: it holds between the value and what the schema writes.
BOUNDS: Mapping[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "minimum": ("number", lambda value, bound: value >= bound),
    "maximum": ("number", lambda value, bound: value <= bound),
    "exclusiveMinimum": ("number", lambda value, bound: value > bound),
    "exclusiveMaximum": ("number", lambda value, bound: value < bound),
    "minLength": ("string", lambda value, bound: len(value) >= bound),
    "maxLength": ("string", lambda value, bound: len(value) <= bound),
    "pattern": ("string", lambda value, pattern: matches(pattern, value)),
    "minItems": ("array", lambda value, bound: len(value) >= bound),
    "maxItems": ("array", lambda value, bound: len(value) <= bound),
    "uniqueItems": ("array", lambda value, wanted: not (wanted and repeats(value))),
    "minProperties": ("object", lambda value, bound: len(value) >= bound),
    "maxProperties": ("object", lambda value, bound: len(value) <= bound),
    "required": ("object", lambda value, names: all(name in value for name in names)),
}


@cache
def accepts(kind: str) -> Accepts:
    """The function that says whether data meets the published schema of a kind."""
    schema = schemas.schema(kind)
    return compiled(schema, schema)


def compiled(schema: Schema | bool, root: Schema) -> Accepts:
    """The function for a schema, whose references lead into the root's definitions.

    Raises:
        ValueError: the schema has a keyword that is not known here.
    """
    if isinstance(schema, bool):
        return lambda _: schema
    checks = [_keyword(name, schema, root) for name in schema if name not in SAID_ELSEWHERE]
    return checks[0] if len(checks) == 1 else _all_of(checks)


def matches(pattern: str, text: str) -> bool:
    """JSON Schema's patterns are ECMA's, whose `$` is the very end; Python's also stands before a last line end."""
    return _ecma(pattern).search(text) is not None


@cache
def _ecma(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\$$", r"\\Z", pattern))


def repeats(values: Sequence[object]) -> bool:
    """Whether a list holds a value twice, in the time that its length takes."""
    return len({_same(value) for value in values}) < len(values)


def _same(value: object) -> Hashable:
    """Equal for what JSON Schema holds equal: 1 and 1.0, but not 1 and true."""
    match value:
        case str():
            return value
        case dict():
            return frozenset((key, _same(inner)) for key, inner in value.items())
        case list():
            return tuple(_same(inner) for inner in value)
        case bool():
            return bool, value
        case Hashable():
            return value
        case _:
            raise TypeError(f"{value!r} is no JSON")


def _keyword(name: str, schema: Schema, root: Schema) -> Accepts:
    given = schema[name]
    if name in BOUNDS:
        return _bound(name, given)
    match name:
        case "type":
            return _type([given] if isinstance(given, str) else given)
        case "const":
            return _one_of([given])
        case "enum":
            return _one_of(given)
        case "$ref":
            return _definition(given.removeprefix("#/$defs/"), root)
        case "properties":
            return _properties({key: compiled(inner, root) for key, inner in given.items()})
        case "additionalProperties":
            return _others(frozenset(schema.get("properties", {})), compiled(given, root))
        case "propertyNames":
            return _each(dict, compiled(given, root))
        case "items":
            return _each(list, compiled(given, root))
        case "dependentSchemas":
            return _dependent({key: compiled(inner, root) for key, inner in given.items()})
        case "allOf":
            return _all_of([compiled(one, root) for one in given])
        case "anyOf":
            ways = [compiled(one, root) for one in given]
            return lambda value: any(way(value) for way in ways)
        case "not":
            refused = compiled(given, root)
            return lambda value: not refused(value)
        case "if":
            return _condition(*(compiled(schema.get(part, True), root) for part in ("if", "then", "else")))
    raise ValueError(f"the keyword {name} is not known")


def _definition(name: str, root: Schema) -> Accepts:
    """What a reference leads to, which becomes a function when a value first gets there: most never do."""
    definition = cache(lambda: compiled(root["$defs"][name], root))
    return lambda value: definition()(value)


def _all_of(checks: Sequence[Accepts]) -> Accepts:
    def accept(value: Any) -> bool:
        for check in checks:  # noqa: SIM110 - a third faster than all()
            if not check(value):
                return False
        return True

    return accept


def _bound(name: str, bound: Any) -> Accepts:
    kind, holds = BOUNDS[name]
    of_type = TYPES[kind]
    return lambda value: not of_type(value) or holds(value, bound)


def _type(names: Sequence[str]) -> Accepts:
    kinds = [TYPES[name] for name in names]
    return kinds[0] if len(kinds) == 1 else lambda value: any(kind(value) for kind in kinds)


def _one_of(values: Sequence[object]) -> Accepts:
    allowed = {_same(value) for value in values}
    return lambda value: _same(value) in allowed


def _properties(checks: Mapping[str, Accepts]) -> Accepts:
    def accept(value: Any) -> bool:
        return not isinstance(value, dict) or all(checks[key](inner) for key, inner in value.items() if key in checks)

    return accept


def _others(declared: frozenset[str], check: Accepts) -> Accepts:
    def accept(value: Any) -> bool:
        return not isinstance(value, dict) or all(check(inner) for key, inner in value.items() if key not in declared)

    return accept


def _each(kind: type[dict[str, Any]] | type[list[Any]], check: Accepts) -> Accepts:
    """What a list holds, or the keys of a mapping."""
    return lambda value: not isinstance(value, kind) or all(check(inner) for inner in value)


def _dependent(checks: Mapping[str, Accepts]) -> Accepts:
    def accept(value: Any) -> bool:
        return not isinstance(value, dict) or all(check(value) for key, check in checks.items() if key in value)

    return accept


def _condition(wanted: Accepts, then: Accepts, otherwise: Accepts) -> Accepts:
    return lambda value: then(value) if wanted(value) else otherwise(value)

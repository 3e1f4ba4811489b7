"""What a JSON Schema says of a document, as findings in words.

The schema tells a value's two shapes apart by its type (`if`, `then`, `else`), so that every error that arrives here
speaks of the shape that was meant.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

import specimen.schemas as schemas
from specimen.spec.accept import matches, repeats
from specimen.spec.document import Document, Path
from specimen.spec.findings import Finding
from specimen.spec.hyperparameters import tunable
from specimen.spec.rulebook import collections
from specimen.spec.unknowns import COLLECT, RULES, unknown_collection, unknown_rule
from specimen.spec.words import MANY, any_of, closest, listed, literal, shown

KINDS = {
    "object": "a mapping of keys to values",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
HYPERPARAMETERS = ("training", "hyperparameters")
AWS_LIST = "https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html"
OTHER_NAMES = {
    "learning_rate": "eta",
    "min_split_loss": "gamma",
    "reg_lambda": "lambda",
    "reg_alpha": "alpha",
    "n_estimators": "num_round",
    "num_boost_round": "num_round",
    "n_jobs": "nthread",
    "random_state": "seed",
}


def structure(document: Document, kind: str) -> Iterator[Finding]:
    """Every finding of the kind's schema, at most one a place."""
    seen: set[Path] = set()
    errors = sorted(_validator(kind).iter_errors(document.data or {}), key=lambda error: len(error.absolute_path))
    for finding in (finding for error in errors for finding in _findings(document, error)):
        if finding.path not in seen:
            seen.add(finding.path)
            yield finding


def _pattern(_: Any, pattern: str, instance: object, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _unique(_: Any, wanted: bool, instance: object, __: Any) -> Iterator[ValidationError]:
    """As jsonschema's own, which compares each item with every other."""
    if wanted and isinstance(instance, list) and repeats(instance):
        yield ValidationError("a value stands here twice")


@cache
def _validator(kind: str) -> Draft202012Validator:
    return extend(Draft202012Validator, {"pattern": _pattern, "uniqueItems": _unique})(schemas.schema(kind))  # type: ignore[no-any-return, no-untyped-call]  # untyped upstream


def _declared(error: ValidationError) -> Mapping[str, Any]:
    """The schema that was not met; jsonschema's own types allow for less than its errors hold."""
    return error.schema if isinstance(error.schema, Mapping) else {}


def _asked(error: ValidationError) -> Any:
    return error.validator_value


def _given(error: ValidationError) -> Any:
    return error.instance


def _findings(document: Document, error: ValidationError) -> Iterator[Finding]:
    path: Path = tuple(error.absolute_path)
    match error.validator:
        case "type" | "enum" if path[:-1] == HYPERPARAMETERS and isinstance(_given(error), dict):
            yield _untunable(document, path)
        case "enum" if path[:-1] == RULES:
            yield unknown_rule(document, path, str(_given(error)))
        case "additionalProperties" if path[:-1] == RULES:
            for name in (name for name in _given(error) if name not in _declared(error)["properties"]):
                yield unknown_rule(document, (*path, name), name)
        case "type" | "required" if path[:-1] == COLLECT and path[-1] not in collections():
            yield unknown_collection(document, path)
        case "additionalProperties":
            yield from _unknown(document, path, error)
        case "required":
            yield from _missing(document, path, error)
        case "anyOf":
            names = [branch["required"][0] for branch in _declared(error)["anyOf"]]
            message = f"{any_of(names)} is missing"
            yield document.finding("missing-key", (*path, names[0]), message, hint=_example(_declared(error)))
        case "not":
            message = f"`{path[-1]}` can't stand here: {_declared(error)['description']}"
            yield document.finding("key-in-the-way", path, message, hint="remove it", key=True)
        case _ if "propertyNames" in error.relative_schema_path:
            yield _bad_name(document, (*path, _given(error)), error)
        case _:
            yield _bad_value(document, path, error)


def _unknown(document: Document, path: Path, error: ValidationError) -> Iterator[Finding]:
    known, given = sorted(_declared(error)["properties"]), _given(error)
    hyper = path == HYPERPARAMETERS
    for key in given:
        if key not in known:
            rule = "unknown-hyperparameter" if hyper else "unknown-key"
            word = "hyperparameter" if hyper else "parameter" if path[:-2] == RULES else "key"
            message = f"{_home(document, path)} has no {word} `{key}`"
            hint = (_elsewhere(key) if hyper else None) or _guess(key, known, given)
            yield document.finding(rule, (*path, key), message, hint=hint, key=True)


def _untunable(document: Document, path: Path) -> Finding:
    """A mapping among the hyperparameters is a range, and most of them take none."""
    names = list(tunable(str(document.at(("training", "version")))))
    message = f"`{path[-1]}` takes one value: SageMaker does not tune it"
    return document.finding("not-tunable", path, message, hint=f"ranges are for {listed(names)}", key=True)


def _home(document: Document, path: Path) -> str:
    """What a key belongs to, for a message."""
    if path == HYPERPARAMETERS:
        return f"XGBoost {document.at(('training', 'version')) or ''}".rstrip()
    return _key(path)


def _elsewhere(name: str) -> str | None:
    """Where a hyperparameter goes by another name, or is one of other versions."""
    if name in OTHER_NAMES:
        return f"SageMaker calls it `{OTHER_NAMES[name]}`"
    definitions: Mapping[str, Any] = schemas.schema("Experiment")["$defs"]
    versions = [
        title.removeprefix("xgboost-")
        for title, declared in definitions.items()
        if title.startswith("xgboost-") and name in declared["properties"]
    ]
    return f"it is one of XGBoost {listed(versions)}" if versions else None


def _missing(document: Document, path: Path, error: ValidationError) -> Iterator[Finding]:
    for key in _asked(error):
        if key not in _given(error):
            declared = _declared(error).get("properties", {}).get(key, {})
            hint = declared.get("description", "add it")
            where = f" in `{path[-1]}`" if path and isinstance(path[-1], str) else ""
            yield document.finding("missing-key", (*path, key), f"`{key}` is missing{where}", hint=hint)


def _bad_name(document: Document, path: Path, error: ValidationError) -> Finding:
    message = f"`{path[-1]}` is no name for a key here"
    hint = _declared(error).get("description", "letters, digits and _.:/=+@- are allowed")
    return document.finding("wrong-format", path, message, hint=hint, key=True)


def _bad_value(document: Document, path: Path, error: ValidationError) -> Finding:
    value, name = _given(error), _name(path)
    match error.validator:
        case "type":
            wanted = any_of([KINDS[kind] for kind in _types(error)], quoted=False)
            message = f"{name} must be {wanted}, not {shown(value)}"
            return document.finding("wrong-type", path, message, hint=_retyped(value, error))
        case "enum" | "const":
            allowed = _declared(error)["enum"] if error.validator == "enum" else [_declared(error)["const"]]
            message = f"{shown(value, short=True)} is no value of {_key(path)}"
            return document.finding("not-allowed-value", path, message, hint=_choice(value, allowed))
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            message = f"{name} must be {_range(_declared(error))}, not {value}"
            return document.finding("out-of-range", path, message, hint=_example(_declared(error)))
        case "uniqueItems":
            return document.finding("repeated-value", path, f"{name} names a value twice", hint="name each once")
        case "maxLength":
            message = f"{name} must have at most {_asked(error):,} characters, and has {len(value):,}"
            return document.finding("out-of-range", path, message, hint=_meaning(_declared(error)))
        case "minItems" | "maxItems" | "minProperties" | "maxProperties":
            bound = {"min": "at least", "max": "at most"}[str(error.validator)[:3]]
            message = f"{name} must have {bound} {_asked(error)} entries, and has {len(value)}"
            return document.finding("out-of-range", path, message, hint=_example(_declared(error)))
        case _:
            message = f"{name} can't be {shown(value)}"
            return document.finding("wrong-format", path, message, hint=_meaning(_declared(error)))


def _name(path: Path) -> str:
    """A value's name for a message: its key, or its list's."""
    return f"a value of {_key(path)}" if path and isinstance(path[-1], int) else _key(path)


def _key(path: Path) -> str:
    names = [step for step in path if isinstance(step, str)]
    return f"`{names[-1]}`" if names else "the document"


def _types(error: ValidationError) -> list[str]:
    return [_asked(error)] if isinstance(_asked(error), str) else list(_asked(error))


def _retyped(value: object, error: ValidationError) -> str | None:
    types = _types(error)
    if value is None:
        return "write a value, or remove the key"
    if "string" in types and isinstance(value, int | float):
        quoted = str(value).lower()
        fits = re.search(_declared(error).get("pattern", ""), quoted)
        return f'put it in quotes: "{quoted}"' if fits else _example(_declared(error))
    if "boolean" in types and isinstance(value, str) and value.lower() in ("yes", "on", "no", "off", "y", "n"):
        return f"write {'true' if value.lower() in ('yes', 'on', 'y') else 'false'}"
    if isinstance(value, str) and {"integer", "number"} & set(types) and re.fullmatch(r"[-+]?[0-9.]+", value):
        return f"write it without quotes: {value}"
    if "array" in types and isinstance(value, int | float | str):
        return f"write [{value}]"
    return _example(_declared(error))


def _choice(value: object, allowed: list[Any]) -> str:
    names = [literal(one).strip("`") for one in allowed]
    if guess := closest(str(value), names):
        return f"did you mean `{guess}`?"
    return f"it can be {any_of(names)}"


def _guess(key: str, known: Sequence[str], given: Iterable[str]) -> str:
    if guess := closest(key, [name for name in known if name not in given]):
        return f"did you mean `{guess}`?"
    if guess := closest(key, known):
        return f"`{guess}` stands there already; keep one of them"
    return f"there are {listed(known)}" if len(known) <= MANY else f"they are listed at {AWS_LIST}"


def _range(schema: Mapping[str, Any]) -> str:
    words = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
    return " and ".join(f"{words[key]} {schema[key]}" for key in words if key in schema)


def _example(schema: Mapping[str, Any]) -> str | None:
    examples = schema.get("examples")
    return f"for example {literal(examples[0])}" if examples else None


def _meaning(schema: Mapping[str, Any]) -> str | None:
    parts = [schema.get("description", "").rstrip("."), _example(schema) or ""]
    return "; ".join(filter(None, parts)) or None

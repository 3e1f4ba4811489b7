"""The language and the container know the same rules: names, parameters, and every value that may stand in a spec."""

from collections.abc import Iterator
from typing import Any

import pytest
from specimen import schemas
from specimen.spec import rulebook
from specimen_jobs.debugger import parameters
from specimen_jobs.debugger.table import RULES

DEFINITIONS: dict[str, Any] = schemas.schema("Experiment")["$defs"]
SETTINGS: dict[str, Any] = DEFINITIONS["ruleSettings"]["properties"]
OF_THE_RUN = {"name", "onIssues", "actions", "other_trials"}  # keys that are no parameters of the container's
KINDS = {"boolean": "bool", "integer": "int", "number": "float", "string": "str"}
NAMES = list(rulebook.of_xgboost())


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = DEFINITIONS[schema["$ref"].rpartition("/")[2]]
    return schema


def settings(name: str) -> dict[str, dict[str, Any]]:
    """A rule's parameters in the language, with their schemas."""
    properties: dict[str, Any] = resolved(SETTINGS[name]).get("properties", {})
    return {key: resolved(schema) for key, schema in properties.items() if key not in OF_THE_RUN}


def taken(name: str) -> dict[str, parameters.Parameter]:
    """A rule's parameters in the container."""
    return {given.name: given for given in RULES[rulebook.built_in()[name].name].parameters}


def test_the_rules_are_the_same() -> None:
    assert {rulebook.built_in()[name].name for name in NAMES} == RULES.keys() - {"ProfilerReport"}


@pytest.mark.parametrize("name", NAMES)
def test_the_parameters_are_the_same(name: str) -> None:
    assert settings(name).keys() == taken(name).keys()
    for key, schema in settings(name).items():
        assert taken(name)[key].kind == KINDS.get(schema.get("type", ""), taken(name)[key].kind), key


def edges(schema: dict[str, Any]) -> Iterator[str]:
    """The outermost values that a schema of a number allows."""
    small = 1 if schema["type"] == "integer" else 1e-9
    yield from (str(schema[key]) for key in ("minimum", "maximum") if key in schema)
    if "exclusiveMinimum" in schema:
        yield str(schema["exclusiveMinimum"] + small)
    if "exclusiveMaximum" in schema:
        yield str(schema["exclusiveMaximum"] - small)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_language_lets_through_the_container_takes(name: str) -> None:
    for key, schema in settings(name).items():
        if schema.get("type") in ("integer", "number"):
            for text in edges(schema):
                assert parameters.read(name, list(taken(name).values()), {key: text}).keys() == {key}


@pytest.mark.parametrize("name", NAMES)
def test_the_collections_that_are_saved_are_those_that_the_rule_reads(name: str) -> None:
    of_container = set(RULES[rulebook.built_in()[name].name].collections)
    assert rulebook.built_in()[name].collections.keys() <= of_container
    assert {choice[0] for choice in rulebook.READS.get(name, ())} <= of_container

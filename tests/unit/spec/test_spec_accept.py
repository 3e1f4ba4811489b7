"""Whether a schema is met is the same question for the quick answer as for jsonschema, which explains it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from specimen import schemas
from specimen.spec.accept import accepts, compiled
from specimen.spec.document import Document
from specimen.spec.load import load
from specimen.spec.structure import structure

from tests.generated_specs import documents

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = sorted(
    [*ROOT.glob("tests/examples/*/*.yaml"), *ROOT.glob("specs/*.yaml"), *ROOT.glob("specs/targets/*.yaml")]
)
SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, 0.5, -3, "", "a", "a\n", "1h", "SEX"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner), max_leaves=5
)
MADE = st.sampled_from(schemas.KINDS).flatmap(lambda kind: st.tuples(st.just(kind), documents(kind)))
SCHEMAS: list[dict[str, Any]] = [
    *({"type": name} for name in ("object", "array", "string", "number", "integer", "boolean", "null")),
    {"type": ["string", "integer"]},
    {"const": 1},
    {"const": True},
    {"enum": ["a", 0, False, [1], {"a": True}]},
    {"minimum": 0, "exclusiveMaximum": 1},
    {"maximum": 0.5},
    {"exclusiveMinimum": -3},
    {"minLength": 1, "maxLength": 1},
    {"pattern": "h"},
    {"minItems": 1, "maxItems": 2},
    {"uniqueItems": True},
    {"uniqueItems": False},
    {"minProperties": 1, "maxProperties": 1},
    {"required": ["a"]},
    {"properties": {"a": {"type": "string"}, "b": False}},
    {"properties": {"a": {}}, "additionalProperties": {"type": "integer"}},
    {"additionalProperties": False},
    {"propertyNames": {"const": "a"}},
    {"items": {"type": "number"}},
    {"dependentSchemas": {"a": {"required": ["b"]}}},
    {"allOf": [{"type": "string"}, {"maxLength": 1}]},
    {"anyOf": [{"type": "string"}, {"minimum": 1}]},
    {"not": {"type": "object"}},
    {"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"type": "array"}},
    {"if": {"type": "string"}, "else": {"type": "array"}},
    {"$defs": {"tree": {"items": {"$ref": "#/$defs/tree"}, "not": {"const": 0}}}, "$ref": "#/$defs/tree"},
    {},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_each_keyword_is_as_jsonschema_has_it(schema: dict[str, Any]) -> None:
    accept, validator = compiled(schema, schema), Draft202012Validator(schema)

    @settings(deadline=None, max_examples=60)
    @given(VALUES)
    def alike(value: object) -> None:
        assert accept(value) == validator.is_valid(value)

    alike()


def test_a_pattern_s_end_is_the_text_s_end() -> None:
    """Unlike Python's, which also stands before a last line end."""
    assert compiled({"pattern": "^a$"}, {})("a")
    assert not compiled({"pattern": "^a$"}, {})("a\n")


def test_a_keyword_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="oneOf"):
        compiled({"oneOf": []}, {})


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_every_keyword_of_the_published_schemas_is_known(kind: str) -> None:
    root = schemas.schema(kind)
    for definition in (root, *root.get("$defs", {}).values()):
        compiled(definition, root)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_accepted_where_nothing_is_found(path: Path) -> None:
    found = load(path)
    for kind in schemas.KINDS:
        if found.data is not None:
            assert accepts(kind)(found.data) == (not list(structure(found, kind)))


@settings(deadline=None, max_examples=100)
@given(MADE, st.data())
def test_a_generated_document_is_accepted_until_something_breaks_it(made: tuple[str, Any], more: st.DataObject) -> None:
    kind, data = made
    assert accepts(kind)(data)
    name = more.draw(st.sampled_from(sorted(data)))
    section = data[name]
    if isinstance(section, dict) and section:
        section[more.draw(st.sampled_from(sorted(section)))] = more.draw(VALUES)
    else:
        data[name] = more.draw(VALUES)
    assert accepts(kind)(data) == (not list(structure(written(data), kind)))


def written(data: dict[str, Any]) -> Document:
    """Data as if a file held it."""
    return Document("f.yaml", (), data)

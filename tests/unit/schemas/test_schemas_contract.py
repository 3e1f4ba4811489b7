"""The published schemas: complete for a reader, closed, and one verdict with `specimen validate`."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from specimen import schemas
from specimen.planning import data as tables
from specimen.spec.defaults import resolved
from specimen.spec.hyperparameters import tunable
from specimen.spec.load import load
from specimen.spec.planned import PLANNED, Planned
from specimen.spec.structure import structure

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted(
    path
    for folder in ("tests/examples/positive", "tests/examples/negative", "specs", "specs/targets")
    for path in (ROOT / folder).glob("*.yaml")
)
KINDS = ("Experiment", "Target")


def properties(
    schema: Mapping[str, Any], root: Mapping[str, Any], path: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every key that a schema declares, with its path."""
    for name, declared in schema.get("properties", {}).items():
        inner = resolved(declared, root)
        if "not" in inner:
            continue
        yield f"{path}.{name}", inner
        yield from properties(inner, root, f"{path}.{name}")
        if "items" in inner:
            yield from properties(resolved(inner["items"], root), root, f"{path}.{name}[]")


def everything() -> list[tuple[str, Mapping[str, Any]]]:
    found = []
    for kind in KINDS:
        root = schemas.schema(kind)
        found += list(properties(root, root, kind))
        for name, definition in root.get("$defs", {}).items():
            found += list(properties(definition, root, name))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_valid_itself(kind: str) -> None:
    Draft202012Validator.check_schema(json.loads(schemas.text(kind)))


def unsaid(path: str, declared: Mapping[str, Any]) -> list[str]:
    """What a key's declaration lacks for a reader, or says wrongly."""
    root = schemas.schema("Target" if path.startswith("Target") else "Experiment")
    validator = Draft202012Validator({**declared, "$defs": root.get("$defs", {})})
    shown = declared.get("examples", [])
    values = [*shown, *([declared["default"]] if "default" in declared else [])]
    return [
        *([] if declared.get("description") else ["no description"]),
        *([] if declared.keys() & {"type", "enum", "const", "if"} else ["no type"]),
        *([] if shown else ["no example"]),
        *(f"refuses {value!r}" for value in values if not validator.is_valid(value)),
    ]


def test_every_key_is_described_typed_and_shown() -> None:
    """Each has a description, a type or values, and examples; examples and defaults are values that it accepts."""
    found = everything()
    assert len(found) > 500
    assert {path: lacks for path, declared in found if (lacks := unsaid(path, declared))} == {}


def test_every_mapping_is_closed() -> None:
    """An unknown key is an error of the schema itself; hyperparameters are closed by their version.

    What a trial's patch makes of the experiment is held against the schema as a whole.
    """
    open_ones = [
        path
        for path, declared in everything()
        if declared.get("type") == "object" and "additionalProperties" not in declared
    ]
    assert open_ones == ["Experiment.training.hyperparameters", "Experiment.trials[].set"]


READABLE = [path for path in DOCUMENTS if not (found := load(path)).findings and found.data is not None]


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_an_editor_gives_the_same_verdict(path: Path) -> None:
    """What plain JSON Schema refuses is what `validate` finds in a document's structure, and the other way round."""
    document = load(path)
    for kind in KINDS:
        accepted = Draft202012Validator(schemas.schema(kind)).is_valid(document.data)
        assert accepted == (list(structure(document, kind)) == [])


def test_the_versions_are_those_that_sagemaker_offers() -> None:
    table = Path(str(tables.__path__[0])) / "xgboost.json"
    offered = json.loads(table.read_text(encoding="utf-8"))["tags"]
    declared = schemas.schema("Experiment")["properties"]["training"]["properties"]["version"]["enum"]
    assert declared == list(offered)


def test_the_regions_are_those_that_have_an_image() -> None:
    table = Path(str(tables.__path__[0])) / "xgboost.json"
    offered = json.loads(table.read_text(encoding="utf-8"))["registries"]
    declared = schemas.schema("Target")["properties"]["aws"]["properties"]["region"]["enum"]
    assert declared == sorted(offered)


def test_every_version_has_its_own_hyperparameters() -> None:
    schema = schemas.schema("Experiment")
    for version in schema["properties"]["training"]["properties"]["version"]["enum"]:
        names = schema["$defs"][f"xgboost-{version}"]["properties"]
        assert {"num_round", "objective", "eval_metric", "num_class", "csv_weights"} <= names.keys()
        assert not [name for name in names if name.startswith("_")]


# Those that AWS's container declares as tunable, each with its type: https://github.com/aws/sagemaker-xgboost-container,
# algorithm_mode/hyperparameter_validation.py
TUNED = {
    **dict.fromkeys(("num_round", "max_depth"), "Integer"),
    **dict.fromkeys(
        ("alpha", "eta", "gamma", "lambda", "max_delta_step", "min_child_weight", "subsample"), "Continuous"
    ),
    **dict.fromkeys(("colsample_bylevel", "colsample_bynode", "colsample_bytree"), "Continuous"),
}


def test_ranges_are_taken_by_what_sagemaker_tunes() -> None:
    for version in schemas.schema("Experiment")["properties"]["training"]["properties"]["version"]["enum"]:
        assert tunable(version) == TUNED


@pytest.mark.parametrize(
    ("version", "name", "there"),
    [
        ("1.0-1", "silent", True),
        ("1.2-1", "silent", False),
        ("0.90-1", "num_parallel_tree", False),
        ("0.90-2", "num_parallel_tree", True),
        ("1.5-1", "single_precision_histogram", True),
        ("1.7-1", "single_precision_histogram", False),
        ("1.2-2", "sampling_method", False),
        ("1.3-1", "sampling_method", True),
    ],
)
def test_hyperparameters_come_and_go_with_versions(version: str, name: str, there: bool) -> None:
    assert (name in schemas.schema("Experiment")["$defs"][f"xgboost-{version}"]["properties"]) == there


KEYS = [row for row in PLANNED if row.matches is None]


@pytest.mark.parametrize("row", KEYS, ids=lambda row: ".".join((row.kind, *row.path)))
def test_a_key_that_is_not_available_yet_is_in_no_schema(row: Planned) -> None:
    """A key that arrives must leave the table of what is planned."""
    declared: Mapping[str, Any] = schemas.schema(row.kind)
    for step in row.path[:-1]:
        declared = resolved(declared["properties"][step], schemas.schema(row.kind))
    assert row.path[-1] not in declared["properties"]


def test_a_value_that_is_not_available_yet_is_refused_by_the_schema() -> None:
    document = load(ROOT / "tests" / "examples" / "negative" / "not-available-yet.yaml")
    refused = {finding.path for finding in structure(document, "Experiment")}
    assert {
        ("dataset", "source", "validation"),
        ("bias", "resources", "count"),
        ("explain", "resources", "count"),
        ("evaluate", "resources", "count"),
    } <= refused

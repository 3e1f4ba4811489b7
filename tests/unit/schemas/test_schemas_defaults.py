"""Defaults stand in the schemas alone, and are filled in from there."""

from specimen import schemas
from specimen.spec.defaults import filled, resolved
from specimen.spec.model import Json

LEAST: dict[str, Json] = {
    "dataset": {"source": "a.csv", "label": "y"},
    "metadata": {"name": "n"},
    "training": {"version": "3.2-0", "hyperparameters": {"objective": "binary:logistic", "num_round": 1}},
}


def test_absent_keys_get_their_defaults() -> None:
    data = filled(LEAST, schemas.schema("Experiment"))
    assert data["dataset"] == {"source": "a.csv", "label": "y", "format": "csv", "drop": [], "shards": 1}
    assert data["gates"] == []
    assert data["metadata"] == {"name": "n", "labels": {}}


def test_a_written_value_is_kept() -> None:
    data = filled({"dataset": {"split": {"seed": 7}, "format": "csv"}}, schemas.schema("Experiment"))
    assert data["dataset"] == {
        "split": {"train": 0.7, "validation": 0.15, "test": 0.15, "seed": 7, "stratify": True},
        "format": "csv",
        "drop": [],
        "shards": 1,
    }


def test_entries_of_a_list_are_filled_too() -> None:
    variants: list[Json] = [{"trial": "a"}, {"trial": "b", "weight": 3, "resources": {"count": 2}}]
    data = filled({"hosting": {"name": "n", "variants": variants}}, schemas.schema("Experiment"))
    assert data["hosting"] == {
        "name": "n",
        "variants": [
            {"trial": "a", "weight": 1},
            {"trial": "b", "weight": 3, "resources": {"instance": "ml.m5.xlarge", "count": 2}},
        ],
        "keep": True,
    }


def test_an_absent_section_stays_absent() -> None:
    data = filled(LEAST, schemas.schema("Experiment"))
    assert not data.keys() & {"bias", "evaluate", "registry"}


def test_an_empty_section_is_filled() -> None:
    data = filled({"evaluate": {}}, schemas.schema("Experiment"))
    assert data["evaluate"] == {
        "resources": {"instance": "ml.m5.xlarge", "count": 1},
        "strategy": "multiRecord",
        "payload": 6,
    }


def test_hyperparameters_get_no_defaults() -> None:
    """What is not written is left to XGBoost, whose defaults the schema only tells."""
    data = filled(LEAST, schemas.schema("Experiment"))
    assert data["training"]["hyperparameters"] == {"objective": "binary:logistic", "num_round": 1}  # type: ignore[index, call-overload]


def test_the_document_and_the_schema_are_left_alone() -> None:
    before = schemas.text("Experiment")
    data = filled(LEAST, schemas.schema("Experiment"))
    data["gates"].append("mine")  # type: ignore[union-attr]
    assert filled(LEAST, schemas.schema("Experiment"))["gates"] == []
    assert "gates" not in LEAST
    assert schemas.text("Experiment") == before


def test_a_reference_is_followed() -> None:
    root = {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"const": 1}}}
    assert resolved({"$ref": "#/$defs/a"}, root) == {"const": 1}

"""The embedded SageMaker and the job images are AWS's: no experiment, table or key of the language is named there."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = (ROOT / "runner/specimen/emulator", ROOT / "components/specimen_jobs")
SOURCES = [path for folder in FOLDERS for path in sorted(folder.rglob("*.py"))]
S3S_OWN = "ID"  # a bucket owner's, and a column of the demo's table
NUMBERS_OWN = "digits"  # what any number is written in, and an experiment


def columns() -> set[str]:
    found: set[str] = set()
    for table in (ROOT / "specs/data").glob("*.csv"):
        with table.open(newline="") as file:
            found.update(next(csv.reader(file)))
    return found - {S3S_OWN}


def keys(schema: Any) -> Iterator[str]:
    """Go through the keys of the language that are in camel case; a plain word may be anyone's."""
    match schema:
        case dict():
            properties = schema.get("properties", {})
            yield from (key for key in properties if re.fullmatch(r"[a-z]+[A-Z]\w*", key))
            for value in schema.values():
                yield from keys(value)
        case list():
            for value in schema:
                yield from keys(value)


def forbidden() -> set[str]:
    schemas = [json.loads(path.read_text()) for path in (ROOT / "schemas").glob("*.schema.json")]
    experiments = {path.stem for path in (ROOT / "specs").glob("*.yaml")}
    return columns() | set(keys(schemas)) | (experiments - {NUMBERS_OWN})


def test_there_is_something_to_look_for() -> None:
    assert {"credit-default", "LIMIT_BAL", "maxRuntime"} <= forbidden()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_names_an_experiment_a_column_or_a_key_of_the_language(path: Path) -> None:
    text = path.read_text()
    assert [word for word in sorted(forbidden()) if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)] == []

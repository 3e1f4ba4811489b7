"""The published contract: what an experiment and a target may say.

The JSON Schemas (draft 2020-12) hold every key with its description, type, range, default and example; editors, CI
and `specimen validate` read the same files.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

KINDS = ("Experiment", "Target")


def text(kind: str) -> str:
    """The schema of a document's `kind`, as it is published."""
    return files(__name__).joinpath(f"{kind.lower()}.schema.json").read_text(encoding="utf-8")


@cache
def schema(kind: str) -> dict[str, Any]:
    """The schema of a document's `kind` as data; shared, and not to be changed."""
    loaded: dict[str, Any] = json.loads(text(kind))
    return loaded

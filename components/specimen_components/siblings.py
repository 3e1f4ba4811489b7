"""The records of the run's other steps, for components that no output reaches: it may not be there."""

import json
from collections.abc import Mapping
from typing import Any

from specimen_components import storage
from specimen_components.command import Call
from specimen_components.progress import say


def folder(call: Call) -> str:
    """Give the S3 prefix under which the records of this run lie, without a slash at its end."""
    return call.recorder.uri.rsplit("/", 1)[0]


def records(call: Call) -> dict[str, Mapping[str, Any]]:
    """Give the run's records by step, but for the caller's own; a file that is no record is said and passed over."""
    found: dict[str, Mapping[str, Any]] = {}
    for item in call.ask(lambda: list(storage.listing(call.aws, f"{folder(call)}/"))):
        if not item.uri.endswith(".json") or item.uri == call.recorder.uri:
            continue
        try:
            record = json.loads(_read(call, item.uri))
            found[record["step"]] = record
        except (ValueError, KeyError, TypeError) as error:
            say(f"{item.uri} is no record of a step: {error}")
    return found


def record(call: Call, step: str) -> Mapping[str, Any] | None:
    """Give one step's record; None as long as there is none."""
    uri = f"{folder(call)}/{step}.json"
    if call.ask(lambda: storage.find(call.aws, uri)) is None:
        return None
    found: Mapping[str, Any] = json.loads(_read(call, uri))
    return found


def output(record: Mapping[str, Any] | None, name: str) -> Any:
    """Give an output that a step has recorded; None where there is no record, or the step did not succeed."""
    if record is None or record.get("state") != "Succeeded":
        return None
    return record.get("outputs", {}).get(name)


def _read(call: Call, uri: str) -> bytes:
    return call.ask(lambda: storage.read(call.aws, uri))

"""Named groups of tensors, as smdebug keeps them in a JSON file.

Source: smdebug 1.0.34, core/collection.py and core/collection_manager.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from specimen_tensors.errors import LayoutError
from specimen_tensors.modes import Mode
from specimen_tensors.saving import Schedule

WHOLE: Final[Mapping[str, Any]] = {"save_raw_tensor": True, "reductions": "", "save_shape": False}


@dataclass(frozen=True)
class Collection:
    """A group of tensors: those named, and all whose name a regular expression is found in."""

    name: str
    include_regex: tuple[str, ...] = ()
    tensor_names: tuple[str, ...] = ()
    save_config: Mapping[Mode, Schedule] = field(default_factory=dict)
    save_histogram: bool = True

    def includes(self, tensor: str) -> bool:
        return tensor in self.tensor_names or any(re.search(pattern, tensor) for pattern in self.include_regex)


def dump(collections: Mapping[str, Collection], workers: int) -> bytes:
    """Return the collections file of a job with so many workers."""
    content = {
        "collections": {name: _to_json(collection) for name, collection in collections.items()},
        "_meta": {"num_workers": workers},
    }
    return json.dumps(content).encode()


def _to_json(collection: Collection) -> dict[str, Any]:
    return {
        "name": collection.name,
        "include_regex": list(collection.include_regex),
        "tensor_names": sorted(collection.tensor_names),
        "reduction_config": WHOLE,
        "save_config": {mode: schedule.to_json() for mode, schedule in collection.save_config.items()},
        "save_histogram": collection.save_histogram,
    }


def load(content: bytes, name: str) -> tuple[dict[str, Collection], int]:
    """Return what a collections file holds, and the number of the job's workers.

    Raises:
        LayoutError: the file is not of this layout; `name` is the file's.
    """
    try:
        value = json.loads(content)
        found = [_from_json(collection) for collection in value["collections"].values()]
        workers = int(value["_meta"]["num_workers"])
    except (ValueError, TypeError, KeyError, AttributeError, re.error) as error:
        raise LayoutError(f"{name} is no collections file: {type(error).__name__}: {error}") from None
    return {collection.name: collection for collection in found}, workers


def _from_json(value: Mapping[str, Any]) -> Collection:
    patterns = tuple(str(re.compile(pattern).pattern) for pattern in value.get("include_regex") or ())
    schedules = value.get("save_config") or {}
    return Collection(
        str(value["name"]),
        patterns,
        tuple(str(name) for name in value.get("tensor_names") or ()),
        {Mode(mode): Schedule.from_json(schedule) for mode, schedule in schedules.items() if schedule},
        bool(value.get("save_histogram", True)),
    )

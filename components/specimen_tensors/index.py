"""An index file: where in an event file each tensor of one step stands.

Source: smdebug 1.0.34, core/tfevent/index_file_writer.py and core/index_reader.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specimen_tensors.errors import LayoutError
from specimen_tensors.modes import Mode


@dataclass(frozen=True)
class Place:
    """The stretch of an event file that holds one tensor's record."""

    tensor: str
    start: int
    length: int


@dataclass(frozen=True)
class Index:
    """One worker's tensors of one step."""

    event_file: str
    places: Sequence[Place]
    mode: Mode
    mode_step: int


def dump(index: Index) -> bytes:
    """Return the index file."""
    places = [{"tensorname": place.tensor, "start_idx": place.start, "length": place.length} for place in index.places]
    meta = {"mode": index.mode, "mode_step": index.mode_step, "event_file_name": index.event_file}
    return json.dumps({"meta": meta, "tensor_payload": places, "shape_payload": []}).encode()


def load(content: bytes, name: str) -> Index:
    """Return what an index file says; raise LayoutError, which names it, when it is not of this layout."""
    try:
        value = json.loads(content)
        meta, payload = value["meta"], value.get("tensor_payload") or ()
        places = [_place(entry) for entry in payload]
        file = str(meta["event_file_name"]) if places else ""
        return Index(file, places, Mode(meta["mode"].strip()), int(meta["mode_step"]))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LayoutError(f"{name} is no index file: {type(error).__name__}: {error}") from None


def _place(entry: Mapping[str, Any]) -> Place:
    place = Place(str(entry["tensorname"]), int(entry["start_idx"]), int(entry["length"]))
    if place.start < 0 or place.length < 0:
        raise ValueError(f"{place.tensor} stands at {place.start} with {place.length} bytes")
    return place

"""One tensor at one step as TensorFlow's Event, in the form of smdebug.

Source: smdebug 1.0.34, core/writer.py and core/tfrecord/tensor_reader.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from specimen_tensors import arrays, wire
from specimen_tensors.arrays import Array
from specimen_tensors.errors import LayoutError
from specimen_tensors.modes import Mode

_WALL_TIME, _STEP, _SUMMARY = 1, 2, 5
_VALUE, _TAG, _TENSOR, _METADATA = 1, 1, 8, 9
_PLUGIN, _PLUGIN_NAME, _PLUGIN_CONTENT = 1, 1, 2
_MODES: Final = tuple(Mode)


@dataclass(frozen=True, eq=False)
class Event:
    """A tensor's value at a step; the steps of a mode are counted by themselves."""

    name: str
    step: int
    value: Array
    mode: Mode = Mode.GLOBAL
    mode_step: int = 0


def encode(event: Event, seconds: float) -> bytes:
    """Return an event as protobuf, with its time since the epoch."""
    tensor = wire.block(_TENSOR, arrays.encode(event.value, event.name))
    value = wire.block(_TAG, event.name.encode()) + tensor + _metadata(event.mode, event.mode_step)
    summary = wire.block(_VALUE, value)
    return wire.double(_WALL_TIME, seconds) + wire.integer(_STEP, event.step) + wire.block(_SUMMARY, summary)


@lru_cache
def _metadata(mode: Mode, mode_step: int) -> bytes:
    """Return what all tensors of a step have in common."""
    plugins = _plugin("mode_step", str(mode_step)) + _plugin("mode", str(_MODES.index(mode) + 1))
    return wire.block(_METADATA, plugins)


def _plugin(name: str, content: str) -> bytes:
    return wire.block(_PLUGIN, wire.block(_PLUGIN_NAME, name.encode()) + wire.block(_PLUGIN_CONTENT, content.encode()))


def decode(message: memoryview) -> Array:
    """Return the tensor that an event holds; raise LayoutError when there is none."""
    summary = _first(message, _SUMMARY, "an event has no summary")
    value = _first(summary, _VALUE, "a summary has no value")
    return arrays.decode(_first(value, _TENSOR, "a value is not a tensor"))


def _first(message: memoryview, wanted: int, otherwise: str) -> memoryview:
    for number, value in wire.fields(message):
        if number == wanted and isinstance(value, memoryview):
            return value
    raise LayoutError(otherwise)

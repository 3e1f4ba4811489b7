"""The little of protobuf's wire format that smdebug's event files use.

Source: protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from specimen_tensors.errors import LayoutError

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5
_WIDTHS: Final = {FIXED64: 8, FIXED32: 4}
_SMALL: Final = [bytes([value]) for value in range(0x80)]


def varint(value: int) -> bytes:
    """Encode an integer; a negative one as its 64-bit two's complement."""
    if 0 <= value <= 0x7F:
        return _SMALL[value]
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def integer(number: int, value: int) -> bytes:
    """Encode an integer field."""
    return varint(number << 3 | VARINT) + varint(value)


def double(number: int, value: float) -> bytes:
    """Encode a double field."""
    return varint(number << 3 | FIXED64) + struct.pack("<d", value)


def block(number: int, value: bytes) -> bytes:
    """Encode a field of bytes, text or a message."""
    return varint(number << 3 | BYTES) + varint(len(value)) + value


def signed(value: int) -> int:
    """Return an int64 that was read as an unsigned varint."""
    return value - (1 << 64) if value >> 63 else value


def fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield each field's number and its value: an integer, or bytes (little-endian ones of fixed-width types).

    Raises:
        LayoutError: the message ends within a field, or has a type of field that protobuf has given up.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if kind == BYTES:
            width, at = _varint(message, at)
        elif kind in _WIDTHS:
            width = _WIDTHS[kind]
        else:
            raise LayoutError(f"field {number} has the unknown wire type {kind}")
        if at + width > len(message):
            raise LayoutError(f"field {number} says {width} bytes where {len(message) - at} are left")
        yield number, message[at : at + width]
        at += width


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, at
        shift += 7
        if shift > 63:
            raise LayoutError("a varint has more than ten bytes")
    raise LayoutError("the message ends within a varint")

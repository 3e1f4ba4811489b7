"""TFRecord, the frame around each event: length, its checksum, the event, a checksum.

smdebug writes the checksum of a constant in place of the event's own, and checks that alone.
Source: smdebug 1.0.34, core/tfrecord; tensorflow/core/lib/io/record_writer.cc.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final

from specimen_tensors.errors import LayoutError

_POLYNOMIAL: Final = 0x82F63B78  # CRC-32C, reflected
_HEADER: Final = struct.Struct("<QI")
_FOOTER: Final = struct.Struct("<I")


def _table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return tuple(table)


_TABLE: Final = _table()


def crc32c(data: bytes) -> int:
    """Return the CRC-32C of bytes."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def masked(data: bytes) -> int:
    """Return the checksum as TFRecord stores it, rotated and shifted by a constant."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


_CONSTANT: Final = masked(b"0x12345678")
_END: Final = _FOOTER.pack(_CONSTANT)


def frame(event: bytes) -> bytes:
    """Return an event as one record."""
    return _header(len(event)) + event + _END


@lru_cache
def _header(size: int) -> bytes:
    """Return the header of a record; those of one step have few different sizes."""
    length = struct.pack("<Q", size)
    return length + _FOOTER.pack(masked(length))


def unframe(record: bytes) -> memoryview:
    """Return the event that one record holds.

    Raises:
        LayoutError: the record is cut off, has more than one event, or a checksum that does not match.
    """
    if len(record) < _HEADER.size + _FOOTER.size:
        raise LayoutError(f"a record has at least 16 bytes; here are {len(record)}")
    length, of_length = _HEADER.unpack_from(record)
    if of_length != masked(record[:8]):
        raise LayoutError("the checksum of a record's length does not match")
    if len(record) != _HEADER.size + length + _FOOTER.size:
        raise LayoutError(f"a record says {length} bytes where {len(record) - 16} are")
    event = memoryview(record)[_HEADER.size : -_FOOTER.size]
    (of_event,) = _FOOTER.unpack_from(record, len(record) - _FOOTER.size)
    if of_event not in (_CONSTANT, masked(event.tobytes())):
        raise LayoutError("the checksum of a record's event does not match")
    return event

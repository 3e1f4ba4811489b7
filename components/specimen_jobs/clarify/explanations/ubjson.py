"""Reads Universal Binary JSON, the form in which XGBoost saves its models; the specification is at ubjson.org."""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np

NUMBERS: Final = {"i": ">i1", "U": ">u1", "I": ">i2", "l": ">i4", "L": ">i8", "d": ">f4", "D": ">f8"}
CONSTANTS: Final = {"Z": None, "T": True, "F": False}
DEEPEST: Final = 64


class MalformedError(ValueError):
    """The bytes are not UBJSON."""


def read(content: bytes) -> Any:
    """Return the value that the bytes hold; an array of one type of number is a NumPy array.

    Raises:
        MalformedError: they hold something else, or more than one value.
    """
    reader = _Reader(content)
    try:
        value = reader.value(reader.marker(), 0)
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise MalformedError(f"not UBJSON at byte {reader.position}: {error}") from None
    if reader.position != len(content):
        raise MalformedError(f"{len(content) - reader.position} bytes follow the value")
    return value


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self.position = 0

    def marker(self) -> str:
        return chr(self._take(1)[0])

    def value(self, marker: str, depth: int) -> Any:
        if depth > DEEPEST:
            raise MalformedError(f"more than {DEEPEST} levels deep")
        match marker:
            case "{":
                return self._object(depth)
            case "[":
                return self._array(depth)
            case "S":
                return self._text()
            case "C":
                return self.marker()
            case _ if marker in CONSTANTS:
                return CONSTANTS[marker]
            case _:
                return self._number(marker)

    def _take(self, size: int) -> bytes:
        if not 0 <= size <= len(self._content) - self.position:
            raise MalformedError(f"{size} bytes are announced at byte {self.position}, and are not there")
        self.position += size
        return self._content[self.position - size : self.position]

    def _number(self, marker: str) -> int | float:
        if marker not in NUMBERS:
            raise MalformedError(f"{marker!r} at byte {self.position} is no type")
        kind = np.dtype(NUMBERS[marker])
        found: int | float = np.frombuffer(self._take(kind.itemsize), kind)[0].item()
        return found

    def _length(self) -> int:
        length = self._number(self.marker())
        if not isinstance(length, int) or length < 0:
            raise MalformedError(f"{length} at byte {self.position} is no length")
        return length

    def _text(self) -> str:
        return self._take(self._length()).decode("utf-8")

    def _header(self) -> tuple[str | None, int | None]:
        """Return an array's or object's type and count, where they are written ahead of it."""
        kind = count = None
        if self._next("$"):
            kind = self.marker()
        if self._next("#"):
            count = self._length()
        elif kind:
            raise MalformedError(f"a type without a count at byte {self.position}")
        return kind, count

    def _next(self, marker: str) -> bool:
        found = self._content[self.position : self.position + 1] == marker.encode()
        self.position += found
        return found

    def _array(self, depth: int) -> Any:
        kind, count = self._header()
        if kind in NUMBERS and count is not None:
            numbers = np.dtype(NUMBERS[kind])
            return np.frombuffer(self._take(count * numbers.itemsize), numbers).astype(numbers.newbyteorder("="))
        if count is not None:
            self._plausible(count)
            return [self.value(kind or self.marker(), depth + 1) for _ in range(count)]
        items = []
        while not self._next("]"):
            items.append(self.value(self.marker(), depth + 1))
        return items

    def _object(self, depth: int) -> dict[str, Any]:
        kind, count = self._header()
        found: dict[str, Any] = {}
        if count is not None:
            self._plausible(count)
        while len(found) < count if count is not None else not self._next("}"):
            name = self._text()
            found[name] = self.value(kind or self.marker(), depth + 1)
        return found

    def _plausible(self, count: int) -> None:
        """Refuse a count of more items than there are bytes left, before anything grows."""
        if count > len(self._content) - self.position:
            raise MalformedError(f"{count} items are announced at byte {self.position}, and are not there")

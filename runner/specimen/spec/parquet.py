"""The names of a Parquet file's columns, read from its footer: a struct in Thrift's compact protocol.

https://github.com/apache/parquet-format: FileMetaData's second field are the schema's elements, the root first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = b"PAR1"
END = 8  # bytes that end a file: how long its footer is, and the magic
DEEPEST = 32  # structs and lists within each other
SCHEMA, NAME, CHILDREN = 2, 4, 5  # the fields that are looked at
# Thrift's types in its compact protocol
TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
INTEGERS = (4, 5, 6)


def footer(end: bytes) -> int:
    """How many bytes the footer has, by the file's last ones.

    Raises:
        ValueError: they do not end a Parquet file.
    """
    if len(end) < END or end[-len(MAGIC) :] != MAGIC:
        raise ValueError("it is no parquet: it does not end as one")
    return int.from_bytes(end[-END : -len(MAGIC)], "little")


def columns(content: bytes) -> tuple[str, ...]:
    """The columns of the table that a footer describes; a nested one by its own name.

    Raises:
        ValueError: the footer is damaged.
    """
    try:
        reader = _Reader(content)
        for field, kind in reader.fields():
            if field == SCHEMA and kind == LIST:
                return tuple(_top(list(_elements(reader))))
            reader.skip(kind)
    except (IndexError, UnicodeDecodeError) as error:
        raise ValueError("it is no parquet: its footer is damaged") from error
    raise ValueError("it is no parquet: its footer has no schema")


def _elements(reader: "_Reader") -> Iterator[tuple[str, int]]:
    """The name of each element, and how many of those behind it belong to it."""
    count, _ = reader.list()
    for _ in range(count):
        name, children = "", 0
        for field, kind in reader.fields():
            if field == NAME and kind == BINARY:
                name = reader.binary().decode()
            elif field == CHILDREN and kind in INTEGERS:
                children = reader.integer()
            else:
                reader.skip(kind)
        yield name, children


def _top(elements: list[tuple[str, int]]) -> Iterator[str]:
    """The names right below the root."""
    place = 1
    for _ in range(elements[0][1]):
        yield elements[place][0]
        open_ones = 1
        while open_ones:  # past all that belongs to it
            open_ones += elements[place][1] - 1
            place += 1


@dataclass
class _Reader:
    """Reads one value after the other; where there is none, an IndexError says so."""

    content: bytes
    at: int = 0

    def byte(self) -> int:
        self.at += 1
        return self.content[self.at - 1]

    def unsigned(self) -> int:
        found, shift = 0, 0
        while (byte := self.byte()) & 0x80:
            found |= (byte & 0x7F) << shift
            shift += 7
        return found | byte << shift

    def integer(self) -> int:
        zigzag = self.unsigned()
        return (zigzag >> 1) ^ -(zigzag & 1)

    def binary(self) -> bytes:
        return self.pass_over(self.unsigned())

    def pass_over(self, length: int) -> bytes:
        if self.at + length > len(self.content):
            raise IndexError
        self.at += length
        return self.content[self.at - length : self.at]

    def list(self) -> tuple[int, int]:
        """How many entries follow, and of which type."""
        head = self.byte()
        count = head >> 4 if head >> 4 < 15 else self.unsigned()
        if count > len(self.content):  # an entry has a byte at least
            raise IndexError
        return count, head & 0x0F

    def fields(self) -> Iterator[tuple[int, int]]:
        """A struct's fields with their types; whoever asks reads each value before the next."""
        field = 0
        while head := self.byte():
            field = field + (head >> 4) if head >> 4 else self.integer()
            yield field, head & 0x0F

    def skip(self, kind: int, depth: int = 0) -> None:
        """Pass over one value."""
        if depth > DEEPEST:
            raise IndexError
        if kind in INTEGERS:
            self.unsigned()
        elif kind in (BYTE, DOUBLE):
            self.pass_over(1 if kind == BYTE else 8)
        elif kind == BINARY:
            self.binary()
        elif kind in (LIST, SET):
            count, inner = self.list()
            for _ in range(count):
                self.skip(BYTE if inner in (TRUE, FALSE) else inner, depth + 1)
        elif kind == STRUCT:
            for _, inner in self.fields():
                self.skip(inner, depth + 1)
        elif kind not in (TRUE, FALSE):  # a map is none of what stands before a schema
            raise IndexError

"""What the headers of numpy's arrays say, of which no data is read."""

import ast
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

MAGIC = b"\x93NUMPY"
LENGTHS = {1: "<H", 2: "<I", 3: "<I"}  # how long a header is, by the format's version
LARGEST = 65_536  # bytes of an array that are looked at, among which its header must be
WHOLE = ("x", "y")
OBJECT = "O"
NUMBERS, TEXTS = "biuf", "US"  # of numpy's kinds those that are numbers, and those that are texts


@dataclass(frozen=True)
class Array:
    """An array's kind, as numpy has it, and its shape."""

    kind: str
    shape: tuple[int, ...]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.shape[0] if self.shape else 0

    @property
    def columns(self) -> int:
        """How many numbers a row has."""
        return prod(self.shape[1:])


def array(content: bytes, name: str) -> Array:
    """The array that a file's first bytes, `LARGEST` of them, describe.

    Raises:
        ValueError: they describe none.
    """
    version = content[len(MAGIC) : len(MAGIC) + 2]
    if not content.startswith(MAGIC) or len(version) < 2 or version[0] not in LENGTHS:
        raise ValueError(f"it is no npz: {name} is no array")
    layout, start = LENGTHS[version[0]], len(MAGIC) + len(version)
    told = content[start : start + struct.calcsize(layout)]
    size = struct.unpack(layout, told)[0] if len(told) == struct.calcsize(layout) else 0
    header = content[start + len(told) : start + len(told) + size]
    if not size or len(header) < size:
        raise ValueError(f"it is no npz: the header of {name} is damaged")
    return _described(header.decode("utf-8", errors="replace"), name)


def _described(header: str, name: str) -> Array:
    try:
        told = ast.literal_eval(header.strip())
        kind, shape = told["descr"], told["shape"]
        if not all(isinstance(length, int) and length >= 0 for length in shape):
            raise ValueError("a shape is made of lengths")
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError) as error:
        raise ValueError(f"it is no npz: the header of {name} is damaged") from error
    return Array(kind[1:2] if isinstance(kind, str) else "V", tuple(shape))


def problem(found: Mapping[str, Array], features: str, label: str, declared: int) -> str | None:
    """What is wrong with one part's arrays, which have these names; None when nothing is.

    `declared` is how many features the spec says there are, 0 where it does not.
    """
    x, y = found[features], found[label]
    for name, array, kinds in ((features, x, NUMBERS), (label, y, NUMBERS + TEXTS)):
        if array.kind == OBJECT:
            return f"has Python objects in `{name}`, and reading those would run whatever code they bring"
        if array.kind not in kinds:
            return f"has neither numbers nor texts in `{name}`" if name == label else f"has no numbers in `{name}`"
    if len(x.shape) < 2:
        return f"has no columns in `{features}`: its shape is {_shape(x)}"
    if y.columns != 1 or not y.shape:
        return f"has more than a label a row in `{label}`: its shape is {_shape(y)}"
    if x.rows != y.rows:
        return f"has {x.rows:,} rows in `{features}` and {y.rows:,} in `{label}`"
    if not x.rows or not x.columns:
        return f"has nothing in `{features}`: its shape is {_shape(x)}"
    if declared and x.columns != declared:
        return f"has {x.columns:,} columns in `{features}`, and `features` declares {declared:,}"
    return None


def _shape(array: Array) -> str:
    return " x ".join(f"{length:,}" for length in array.shape) or "a single value"

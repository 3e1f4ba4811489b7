"""NumPy arrays as TensorFlow's TensorProto.

Source: smdebug 1.0.34, core/tfevent/util.py and event_file_reader.py; tensorflow/core/framework/tensor.proto.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from specimen_tensors import wire
from specimen_tensors.errors import LayoutError

Array = npt.NDArray[Any]

_TYPES: Final[Mapping[int, np.dtype[Any]]] = {
    1: np.dtype("<f4"),
    2: np.dtype("<f8"),
    3: np.dtype("<i4"),
    4: np.dtype("u1"),
    5: np.dtype("<i2"),
    6: np.dtype("i1"),
    8: np.dtype("<c8"),
    9: np.dtype("<i8"),
    10: np.dtype("?"),
    17: np.dtype("<u2"),
    18: np.dtype("<c16"),
    19: np.dtype("<f2"),
    22: np.dtype("<u4"),
    23: np.dtype("<u8"),
}
_NUMBERS: Final = {kind: number for number, kind in _TYPES.items()}
_STRING: Final = 7
_DTYPE, _SHAPE, _CONTENT, _STRINGS = 1, 2, 4, 8
_DIMENSION, _SIZE, _NAME = 2, 1, 2


def as_array(value: object) -> Array:
    """Return a value as smdebug's hook makes it an array: a scalar becomes one of length 1."""
    return value if isinstance(value, np.ndarray) else np.atleast_1d(np.asarray(value))


def encode(array: Array, tag: str) -> bytes:
    """Return an array as TensorProto; text in one dimension only, as smdebug has it.

    Raises:
        TypeError: the array's kind has no place in a TensorProto.
    """
    shape = wire.block(_SHAPE, b"".join(_dimension(size, tag) for size in array.shape))
    if array.dtype.kind in "UO":
        if array.ndim != 1:
            raise TypeError(f"{tag}: text is kept in one dimension, not in {array.ndim}")
        return shape + b"".join(wire.block(_STRINGS, str(text).encode()) for text in array)
    kind = _little_endian(array.dtype)
    if kind not in _NUMBERS:
        raise TypeError(f"{tag}: arrays of {array.dtype} cannot be saved")
    content = array.astype(kind, copy=False).tobytes()
    return wire.integer(_DTYPE, _NUMBERS[kind]) + shape + wire.block(_CONTENT, content)


@lru_cache
def _little_endian(kind: np.dtype[Any]) -> np.dtype[Any]:
    return kind.newbyteorder("<") if kind.itemsize > 1 else kind


def _dimension(size: int, tag: str) -> bytes:
    return wire.block(_DIMENSION, wire.integer(_SIZE, size) + wire.block(_NAME, f"{tag}_{size}".encode()))


def decode(message: memoryview) -> Array:
    """Return the array of a TensorProto; raise LayoutError for one that does not hold together."""
    dtype, strings = 0, []
    shape: tuple[int, ...] = ()
    content = memoryview(b"")
    for number, value in wire.fields(message):
        if isinstance(value, int):
            dtype = value if number == _DTYPE else dtype
        elif number == _SHAPE:
            shape = _shape(value)
        elif number == _CONTENT:
            content = value
        elif number == _STRINGS:
            strings.append(_text(value))
    if dtype in (0, _STRING):
        return _checked(np.array(strings, dtype=np.str_), shape)
    return _checked(_numbers(dtype, content), shape)


def _numbers(dtype: int, content: memoryview) -> Array:
    if dtype not in _TYPES:
        raise LayoutError(f"a tensor is of type {dtype}, which is none of NumPy's")
    if len(content) % _TYPES[dtype].itemsize:
        raise LayoutError(f"{len(content)} bytes are no whole number of {_TYPES[dtype]}")
    return np.frombuffer(content, dtype=_TYPES[dtype]).copy()


def _shape(message: memoryview) -> tuple[int, ...]:
    return tuple(
        wire.signed(size)
        for number, dimension in wire.fields(message)
        if number == _DIMENSION and isinstance(dimension, memoryview)
        for size in [next((v for n, v in wire.fields(dimension) if n == _SIZE and isinstance(v, int)), 0)]
    )


def _text(value: memoryview) -> str:
    try:
        return value.tobytes().decode()
    except UnicodeDecodeError:
        raise LayoutError("a tensor's text is not UTF-8") from None


def _checked(array: Array, shape: tuple[int, ...]) -> Array:
    if min(shape, default=0) < 0 or math.prod(shape) != array.size:
        raise LayoutError(f"a tensor of shape {list(shape)} holds {array.size} values")
    return array.reshape(shape)

"""Numbers in a text of fields, read by NumPy many at a time: each is what Python's float() makes of its field.

Digits are read four or eight at once as one word (D. Lemire, "Number parsing at a gigabyte per second"). A decimal is
the whole number of its digits over a power of ten, which is exact as long as both are; a field that is neither (an
exponent, `nan`, digits without end) is read by float() itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64 | np.unsignedinteger[Any]]
Places = npt.NDArray[np.intp]
Words = npt.NDArray[np.unsignedinteger[Any]]

FIELD: Final = 0  # kinds of bytes: what a field is made of, and what stands between fields
BLANK: Final = 1
FEED: Final = 2
COLON: Final = 3
_KINDS: Final = np.full(256, FIELD, dtype=np.uint8)
_KINDS[[9, 11, 12, 13, 32]] = BLANK
_KINDS[ord("\n")] = FEED
_KINDS[ord(":")] = COLON

_ZERO: Final = ord("0")
_WORD: Final = 8  # digits
_HALF: Final = 4
_LONGEST: Final = 19  # digits of a whole number that a 64-bit word always holds
_SURE: Final = 15  # digits of a whole number that a float64 always holds
_PAD: Final = 3 * _WORD
_POWERS: Final = 10.0 ** np.arange(_LONGEST + 1)
_WHOLE_POWERS: Final = np.uint64(10) ** np.arange(_LONGEST + 1, dtype=np.uint64)
_EXACT: Final = 2**53  # up to here a float64 holds every whole number
_TIE: Final = 2**28  # the last 29 bits of a float64 that lies between two float32
_LAST_BITS: Final = 2**29 - 1


@dataclass(frozen=True)
class Fields:
    """The fields of a text, empty ones among them, in order: each one's number, length and the kind of its end."""

    numbers: Numbers
    lengths: Places
    ends: npt.NDArray[np.uint8]


def read(text: bytes) -> Fields:
    """Return the fields of a text whose last byte ends one; the numbers are exact once they are rounded to float32.

    Raises:
        ValueError: a field that is not empty is no number.
    """
    letters = np.frombuffer(b"0" * _PAD + text, dtype=np.uint8)
    marks = np.flatnonzero(letters - np.uint8(_ZERO) > 9)
    digits = marks - 1
    digits[1:] -= marks[:-1]
    digits[:1] -= _PAD - 1
    values = _whole_numbers(letters, marks, digits)
    kinds = _KINDS.take(letters.take(marks))
    if kinds.all():
        if int(digits.max(initial=0)) <= _SURE:
            return Fields(values, digits, kinds)
        ends, lengths, odd = np.arange(len(marks)), digits, np.flatnonzero(digits > _SURE)
        numbers: npt.NDArray[np.float64] = values.astype(np.float64)
    else:
        ends = np.flatnonzero(kinds)
        runs = _Runs(letters[marks], digits, values.astype(np.uint64, copy=False))
        lengths = np.diff(marks[ends], prepend=_PAD - 1) - 1
        numbers, odd = _decimals(runs, ends)
    if odd.size:
        stops = marks[ends[odd]] - _PAD
        fields = [
            text[stop - length : stop] for stop, length in zip(stops.tolist(), lengths[odd].tolist(), strict=True)
        ]
        numbers[odd] = [_number(field) for field in fields]
    return Fields(numbers, lengths, kinds[ends])


@dataclass(frozen=True)
class _Runs:
    """Runs of digits, empty ones among them: the byte that ends each, how many digits, and their whole number."""

    marks: npt.NDArray[np.uint8]
    digits: Places
    values: Words


def _whole_numbers(letters: npt.NDArray[np.uint8], marks: Places, digits: Places) -> Words:
    """Return the number that the digits before each mark make; runs longer than 19 come out wrong."""
    if int(digits.max(initial=0)) <= _HALF:  # of half the bytes
        return _four(_windows(letters, "<u4").take(marks - _HALF), digits)
    windows = _windows(letters, "<u8")
    values = _eight(windows.take(marks - _WORD), digits)
    for done in (_WORD, 2 * _WORD):
        long = np.flatnonzero(digits > done)
        if not long.size:
            break
        words = windows.take(marks[long] - done - _WORD)
        values[long] += _eight(words, digits[long] - done) * _WHOLE_POWERS[done]
    return values


def _windows(letters: npt.NDArray[np.uint8], kind: str) -> Words:
    """Return the word that begins at each letter."""
    size = np.dtype(kind).itemsize
    return np.ndarray(len(letters) - size + 1, dtype=kind, buffer=letters, strides=(1,)).copy()


def _four(words: Words, digits: Places) -> Words:
    """Return the number that the last so many letters of each word make, four at most."""
    unused = ((_HALF - digits) * 8).astype(np.uint32)
    words = (words >> unused << unused) & np.uint32(0x0F0F0F0F)
    words = (words * np.uint32(10) + (words >> np.uint32(8))) & np.uint32(0x00FF00FF)
    return (words * np.uint32(100) + (words >> np.uint32(16))) & np.uint32(0x0000FFFF)


def _eight(words: Words, digits: Places) -> Words:
    """Return the number that the last so many letters of each word make, eight at most."""
    unused = (np.maximum(_WORD - digits, 0) * 8).astype(np.uint64)
    words = (words >> unused << unused) & np.uint64(0x0F0F0F0F0F0F0F0F)
    words = (words * np.uint64(10) + (words >> np.uint64(8))) & np.uint64(0x00FF00FF00FF00FF)
    words = (words * np.uint64(100) + (words >> np.uint64(16))) & np.uint64(0x0000FFFF0000FFFF)
    return (words * np.uint64(10000) + (words >> np.uint64(32))) & np.uint64(0xFFFFFFFF)


def _decimals(runs: _Runs, ends: Places) -> tuple[npt.NDArray[np.float64], Places]:
    """Return each field's number, and which fields are not `[sign] digits [. digits]` or not exact that way."""
    before = np.concatenate([[-1], ends[:-1]])
    first = before + 1
    signed = (first < ends) & (runs.digits[first] == 0) & np.isin(runs.marks[first], (ord("-"), ord("+")))
    inner = ends - first - signed
    pointed = (inner == 1) & (runs.marks[ends - 1] == ord("."))
    fraction = np.where(pointed, runs.digits[ends], 0)
    whole = np.where(pointed, runs.digits[ends - 1], runs.digits[ends])
    total = whole + fraction
    odd = (inner > pointed) | (total > _LONGEST) | (total == 0)
    fraction[odd] = 0
    values = runs.values[ends] + np.where(pointed, runs.values[ends - 1] * _WHOLE_POWERS[fraction], np.uint64(0))
    numbers = values.astype(np.float64) / _POWERS[fraction]
    odd |= (values > _EXACT) & _near_tie(numbers)
    numbers[signed & (runs.marks[first] == ord("-"))] *= -1
    odd &= (first < ends) | (runs.digits[ends] > 0)  # an empty field is none
    return numbers, np.flatnonzero(odd)


def _near_tie(numbers: Numbers) -> npt.NDArray[np.bool_]:
    """Return where a last bit or two could change which float32 is nearest."""
    last: npt.NDArray[np.int64] = (numbers.view(np.int64) & _LAST_BITS) - _TIE
    return (last >= -4) & (last <= 4)


def _number(field: bytes) -> float:
    if b"_" in field:  # which Python takes between digits
        raise ValueError("an underscore is no digit")
    return float(field)

"""Ranges and types that a hyperparameter's text is read by."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from specimen_jobs.container import JobError

Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class Interval:
    """An interval of numbers; a bound that is None is open to infinity."""

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, value: float) -> bool:
        if math.isnan(value):
            return False
        above = self.low is None or (value > self.low if self.low_open else value >= self.low)
        below = self.high is None or (value < self.high if self.high_open else value <= self.high)
        return above and below

    def __str__(self) -> str:
        left = "(-inf" if self.low is None else f"{'(' if self.low_open else '['}{self.low:g}"
        right = "inf)" if self.high is None else f"{self.high:g}{')' if self.high_open else ']'}"
        return f"{left}, {right}"


@dataclass(frozen=True)
class Integer:
    """A whole number in an interval."""

    interval: Interval

    def read(self, name: str, text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise JobError(f"Hyperparameter {name}: could not parse value {text!r}, a whole number is needed") from None
        return check(name, value, self.interval)


@dataclass(frozen=True)
class Real:
    """A number in an interval."""

    interval: Interval

    def read(self, name: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise JobError(f"Hyperparameter {name}: could not parse value {text!r}, a number is needed") from None
        return check(name, value, self.interval)


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, name: str, text: str) -> str:
        require(name, text, self.words)
        return text


@dataclass(frozen=True)
class Words:
    """A comma-separated list of words, each one of a few; a word in `thresholds` may end in @number."""

    words: tuple[str, ...]
    thresholds: tuple[str, ...] = ()

    def read(self, name: str, text: str) -> list[str]:
        values = [word.strip() for word in text.split(",")]
        for value in values:
            stem, at, threshold = value.partition("@")
            if at and stem in self.thresholds:
                Real(Interval()).read(name, threshold)
            else:
                require(name, value, self.words)
        return values


@dataclass(frozen=True)
class Nested:
    """A Python tuple or list literal of whole numbers, `depth` levels deep; passed on as the text it was."""

    allowed: Interval
    depth: int

    def read(self, name: str, text: str) -> str:
        try:
            value = ast.literal_eval(text)  # literals alone: nothing is called
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            raise JobError(f"Hyperparameter {name}: could not parse value {text!r}, a list is needed") from None
        for number in self._numbers(name, value, self.depth):
            check(name, number, self.allowed)
        return text

    def _numbers(self, name: str, value: object, depth: int) -> Iterable[int]:
        if depth == 0 and isinstance(value, int):
            return [value]
        if depth == 0 or not isinstance(value, list | tuple):
            raise JobError(f"Hyperparameter {name}: could not parse value {value!r}, a list of whole numbers is needed")
        return [number for part in value for number in self._numbers(name, part, depth - 1)]


def check(name: str, value: Number, interval: Interval) -> Number:
    """Return the value if the interval holds it; raise JobError otherwise."""
    if value not in interval:
        raise JobError(f"Hyperparameter {name}: {value} is not in {interval}")
    return value


def require(name: str, word: str, words: tuple[str, ...]) -> None:
    """Raise JobError unless the word is one of the words."""
    if word not in words:
        raise JobError(f"Hyperparameter {name}: {word} is not in {list(words)}")

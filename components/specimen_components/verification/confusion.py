"""Which classes a model takes for one another, and rows that show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

import numpy as np

from specimen_components.evaluation.labels import CSV
from specimen_components.evaluation.predictions import Array
from specimen_components.jsondata import Json

PAIRS, EXAMPLES = 6, 5
WIDEST = 1024  # features of an example that are still shown


@dataclass(frozen=True)
class Pair:
    """A class that was taken for another: how often, and the first rows where it was, from 0."""

    actual: int
    predicted: int
    count: int
    rows: tuple[int, ...]


def pairs(labels: Array, predicted: Array, confusion: Sequence[Sequence[int]]) -> tuple[Pair, ...]:
    """Give the pairs that are confused most, the worst first."""
    counted = [
        (count, actual, other)
        for actual, row in enumerate(confusion)
        for other, count in enumerate(row)
        if count and actual != other
    ]
    worst = sorted(counted, key=lambda one: (-one[0], one[1], one[2]))[:PAIRS]

    def rows(actual: int, other: int) -> tuple[int, ...]:
        return tuple(map(int, np.flatnonzero((labels == actual) & (predicted == other))[:EXAMPLES]))

    return tuple(Pair(actual, other, count, rows(actual, other)) for count, actual, other in worst)


def lines(file: BinaryIO, rows: Sequence[int]) -> dict[int, bytes]:
    """Give the lines of these rows, from 0."""
    found: dict[int, bytes] = {}
    passed = 0
    for row in sorted(set(rows)):
        found[row] = next(islice(file, row - passed, None))
        passed = row + 1
    return found


def features(line: bytes, content_type: str, width: int) -> list[Json] | None:
    """Give a row's features, a missing one as None; None altogether where there are too many to show."""
    if width > WIDEST:
        return None
    if content_type == CSV:
        return [float(field) if field.strip() else None for field in line.split(b",")[1:]]
    dense: list[Json] = [0.0] * width
    for field in line.split()[1:]:
        index, _, value = field.partition(b":")
        if 0 < int(index) <= width:
            dense[int(index) - 1] = float(value)
    return dense


def document(pair: Pair, names: Sequence[str], examples: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """Give a pair as the record holds it."""
    return {
        "actual": names[pair.actual],
        "predicted": names[pair.predicted],
        "count": pair.count,
        "examples": list(examples),
    }

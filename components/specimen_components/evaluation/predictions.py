"""A transform job's output object → labels and predictions."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, TextIO

import numpy as np
import numpy.typing as npt

from specimen_components.problems import Failure

Array = npt.NDArray[np.float64]
_MARKS = str.maketrans("", "", '[]"')


class PredictionsError(Failure):
    """The output object does not hold what was asked for; `hint` says what to do."""


@dataclass(frozen=True)
class Predictions:
    """What the model answered for each row of the test part, in its order."""

    labels: Array  # shape (rows,)
    answers: Array  # shape (rows, columns): one column, or one for each class


def read(text: TextIO, expected: int) -> Predictions:
    """Read rows ``label,answer[,answer…]``; a list of answers may stand in brackets and quotes.

    Raises:
        PredictionsError: a row is no list of numbers, rows differ in length, or there are not `expected` rows.
    """
    table = _table(text, expected, ("the label", "what the model answered"))
    return Predictions(labels=table[:, 0], answers=table[:, 1:])


def aligned(text: TextIO, labels: Array) -> Predictions:
    """Read rows ``answer[,answer…]``, which stand in the order of their `labels`; raise as `read` does."""
    return Predictions(labels=labels, answers=_table(text, len(labels), ("what the model answered",)))


def _table(text: TextIO, expected: int, fields: Sequence[str]) -> Array:
    plain = (line.translate(_MARKS) for line in text)
    rows = [fields for fields in csv.reader(plain) if fields]
    if len(rows) != expected:
        raise PredictionsError(
            f"the transform job answered {len(rows):,} rows for {expected:,} rows of the test part",
            hint="Its input must be read line by line (SplitType Line) and nothing left out: see the job's log.",
        )
    if not rows:
        raise PredictionsError("the test part has no rows", hint="Give a larger dataset.split.test.")
    width = len(rows[0])
    for number, row in enumerate(rows, 1):
        if len(row) != width or width < len(fields):
            raise PredictionsError(
                f"row {number} of the transform job's output holds {len(row)} fields, and {max(width, len(fields))} "
                f"are expected: {' and '.join(fields)}",
                hint="The request must join the input with the answer (JoinSource Input, OutputFilter).",
            )
    return _numbers(rows)


def _numbers(rows: list[list[str]]) -> Array:
    for number, fields in enumerate(rows, 1):
        for field in fields:
            if not _is_number(field):
                raise PredictionsError(
                    f"row {number} of the transform job's output holds {field!r} where a number is expected",
                    hint="See the job's log for what the model answered.",
                )
    return np.array(rows, dtype=np.float64)


def _is_number(field: str) -> bool:
    try:
        return math.isfinite(float(field))
    except ValueError:
        return False


def count_rows(file: BinaryIO) -> int:
    """Count the lines that are not empty, in a file as large as it likes."""
    return sum(1 for line in file if line.strip())

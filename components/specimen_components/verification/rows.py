"""The test part as requests: batches cut from its bytes as they are, labels aside.

A row of CSV is sent without its label; one of libsvm with it, because a libsvm row without one is none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from specimen_components.evaluation.labels import CSV, labels
from specimen_components.evaluation.predictions import Array
from specimen_components.problems import Failure


@dataclass(frozen=True)
class Batch:
    """The rows of one request; `first` is the number of the first one in the test part, from 0."""

    body: bytes
    labels: Array  # shape (rows,)
    first: int

    @property
    def named(self) -> str:
        """How a person finds the rows."""
        last = self.first + len(self.labels)
        return f"row {last}" if last == self.first + 1 else f"rows {self.first + 1} to {last}"


def batches(file: BinaryIO, content_type: str, rows: int, payload: int) -> Iterator[Batch]:
    """Cut the test part into batches of so many rows, and of fewer where they exceed `payload` bytes."""
    first = 0
    while lines := list(islice(file, rows)):
        for batch in _fitting(lines, content_type, payload, first):
            yield batch
            first += len(batch.labels)


def _fitting(rows: Sequence[bytes], content_type: str, payload: int, first: int) -> Iterator[Batch]:
    body = _body(rows, content_type)
    if len(body) <= payload:
        yield Batch(body, labels(rows, content_type), first)
        return
    if len(rows) == 1:
        raise Failure(
            f"row {first + 1} of the test part has {len(body):,} bytes, and a request holds {payload:,} at most",
            hint="SageMaker takes no larger request to an endpoint: leave columns out, or leave `hosting.verify` out.",
        )
    half = len(rows) // 2
    yield from _fitting(rows[:half], content_type, payload, first)
    yield from _fitting(rows[half:], content_type, payload, first + half)


def _body(rows: Sequence[bytes], content_type: str) -> bytes:
    """Give rows as they are, or of CSV what is behind the label; nothing else of a row is looked at."""
    if content_type == CSV:
        rows = [row[row.find(b",") + 1 :] for row in rows]
    return b"".join(rows).rstrip(b"\r\n")

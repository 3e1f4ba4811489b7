"""The test part as requests: batches cut from its bytes as they are, labels aside.

A row of CSV is sent without its label; one of libsvm with it, because a libsvm row without one is none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from specimen_components.evaluation.labels import CSV, FIRST, labels
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


def _fitting(lines: Sequence[bytes], content_type: str, payload: int, first: int) -> Iterator[Batch]:
    batch = _batch(b"".join(lines), content_type, first)
    if len(batch.body) <= payload:
        if len(batch.labels) != len(lines):
            raise Failure(
                f"{batch.named} of the test part are no rows of {content_type}",
                hint="Is it the object that `prepare` has written? Run again with `--fresh`.",
            )
        yield batch
        return
    if len(lines) == 1:
        raise Failure(
            f"row {first + 1} of the test part has {len(batch.body):,} bytes, and a request holds {payload:,} at most",
            hint="SageMaker takes no larger request to an endpoint: leave columns out, or leave `hosting.verify` out.",
        )
    half = len(lines) // 2
    yield from _fitting(lines[:half], content_type, payload, first)
    yield from _fitting(lines[half:], content_type, payload, first + half)


def _batch(text: bytes, content_type: str, first: int) -> Batch:
    body = FIRST[CSV].sub(b"", text) if content_type == CSV else text
    return Batch(body.rstrip(b"\r\n"), labels(text, content_type), first)

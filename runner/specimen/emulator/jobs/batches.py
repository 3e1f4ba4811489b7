"""How batch transform cuts an object into requests, and puts the answers together again."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from specimen.emulator.jobs import filters
from specimen.emulator.jobs.filters import Filter
from specimen.emulator.jobs.job import JobFailed

MEGABYTE = 1024 * 1024
EVERYTHING = filters.parse("$")


@dataclass(frozen=True)
class Batch:
    """One request: the lines as they stand in the object, and the bytes that the model is sent."""

    lines: tuple[bytes, ...]
    payload: bytes


@dataclass(frozen=True)
class Shape:
    """The members of a transform job that say how its data are cut, filtered and put together."""

    split: bool  # SplitType Line; otherwise an object is one request
    many: bool  # BatchStrategy MultiRecord
    limit: int  # bytes of a request
    assemble: bool  # AssembleWith Line
    joined: bool = False  # JoinSource Input
    given: Filter = EVERYTHING
    wanted: Filter = EVERYTHING

    def batches(self, source: BinaryIO) -> Iterator[Batch]:
        """Cut an object into requests; `JobFailed` if a part that cannot be cut is too large, or lacks columns."""
        if not self.split:
            content = source.read(self.limit + 1)
            yield Batch((content,), self._checked(content))
            return
        lines: list[bytes] = []
        records: list[bytes] = []
        size = 0
        for line in source:
            record = self._checked(self._filtered(self.given, line.rstrip(b"\r\n")) + b"\n")
            if lines and (not self.many or size + len(record) > self.limit):
                yield Batch(tuple(lines), b"".join(records))
                lines, records, size = [], [], 0
            lines.append(line.rstrip(b"\r\n"))
            records.append(record)
            size += len(record)
        if lines:
            yield Batch(tuple(lines), b"".join(records))

    def output(self, batch: Batch, answer: bytes) -> bytes:
        """Form what is written for one answer."""
        if not self.joined and self.wanted.everything:
            return answer + b"\n" if self.assemble and not answer.endswith(b"\n") else answer
        answers = answer.splitlines()
        if self.joined and len(answers) != len(batch.lines):
            raise JobFailed(
                f"AlgorithmError: cannot join the data: {len(batch.lines)} records of input, "
                f"but {len(answers)} of output"
            )
        rows = zip(batch.lines, answers, strict=True) if self.joined else ((b"", line) for line in answers)
        return b"".join(self._row(given, answered) for given, answered in rows)

    def _row(self, given: bytes, answered: bytes) -> bytes:
        row = given + b"," + answered if self.joined else answered
        return self._filtered(self.wanted, row) + b"\n"

    def _filtered(self, selection: Filter, line: bytes) -> bytes:
        if selection.everything:
            return line
        try:
            return filters.apply(selection, line.decode()).encode()
        except ValueError as problem:  # a record without the columns, or no UTF-8
            raise JobFailed(f"ClientError: cannot apply the filter {selection.path}: {problem}") from problem

    def _checked(self, payload: bytes) -> bytes:
        if len(payload) > self.limit:
            raise JobFailed(f"ClientError: a record is larger than MaxPayloadInMB={self.limit // MEGABYTE} allows.")
        return payload


def opened(source: BinaryIO, compression: str) -> BinaryIO:
    """Open an object's content as it was before compression (``None`` or ``Gzip``)."""
    if compression == "Gzip":
        return gzip.GzipFile(fileobj=source)  # type: ignore[return-value] # reads as a BinaryIO does
    return source

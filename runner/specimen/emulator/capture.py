"""Data capture: what goes to an endpoint and comes back, written to S3 after the answer has gone.

As on AWS it gives way to the endpoint: lines are written some seconds later, and what is too much at once is left out.
"""

import json
import sqlite3
import sys
import threading
from collections.abc import Sequence
from itertools import groupby

from specimen.emulator.captured import Captured, object_name
from specimen.emulator.errors import AwsError
from specimen.emulator.objects import Objects

PAUSE_SECONDS = 2.0  # for which lines are gathered before they become an object
MOST_BYTES = 64 << 20  # that wait to be written


class Capture:
    """Writes captured invocations into objects, in a thread that is started by the first one."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._waiting: list[Captured] = []
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()
        self._writer: threading.Thread | None = None

    def note(self, captured: Captured) -> None:
        """Have an invocation written down soon."""
        with self._changed:
            if self._bytes + captured.size > MOST_BYTES:
                return
            self._waiting.append(captured)
            self._bytes += captured.size
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_on, name="data-capture", daemon=True)
                self._writer.start()
            self._changed.notify()

    def close(self) -> None:
        """Write down what is left."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._writer is not None:
            self._writer.join()

    def _write_on(self) -> None:
        while batch := self._gathered():
            for (bucket, prefix), lines in groupby(sorted(batch, key=_place), key=Captured.folder):
                self._write(bucket, prefix, list(lines))

    def _gathered(self) -> list[Captured]:
        """Wait for invocations and return them; none are left once it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            self._changed.wait_for(lambda: self._closed, PAUSE_SECONDS)
            batch, self._waiting, self._bytes = self._waiting, [], 0
            return batch

    def _write(self, bucket: str, prefix: str, lines: Sequence[Captured]) -> None:
        text = "".join(json.dumps(line.record()) + "\n" for line in lines)
        try:
            self._objects.put(bucket, f"{prefix}/{object_name(lines[0].time)}", text.encode())
        except (AwsError, OSError, sqlite3.Error) as problem:
            # nobody waits for it, and the endpoint goes on
            print(f"data capture cannot write to s3://{bucket}/{prefix}: {problem}", file=sys.stderr)  # noqa: T201 - the server's log


def _place(captured: Captured) -> tuple[str, str, float]:
    return (*captured.folder(), captured.time)

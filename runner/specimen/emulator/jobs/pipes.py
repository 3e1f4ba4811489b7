"""Pipe mode: a channel's objects, one after the other, through FIFOs that the container reads from beginning to end.

The first is ``input/data/<channel>_0``; when it has been read the next is there, which begins from the start.
"""

import errno
import gzip
import os
import shutil
import threading
import zlib
from pathlib import Path
from typing import IO

from specimen.emulator.errors import AwsError
from specimen.emulator.jobs.job import JobFailed
from specimen.emulator.jobs.sources import Found
from specimen.emulator.objects import Meta, Objects

PAUSE = 0.01  # seconds between two looks whether somebody reads
PIECE = 1 << 16


class Feed:
    """Feeds a channel's FIFOs in a thread of its own, while its context lasts; `path` is theirs without the number."""

    def __init__(self, objects: Objects, found: Found, path: Path, gzipped: bool) -> None:
        self._objects = objects
        self._found = found
        self._path = path
        self._gzipped = gzipped
        self._over = threading.Event()
        self._problem: JobFailed | None = None
        self._thread = threading.Thread(target=self._feed, daemon=True)

    def __enter__(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(self._fifo(0))
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        """End when the container has; `JobFailed` if it was not given all that there is."""
        self._over.set()
        self._thread.join()
        if self._problem is not None:
            raise self._problem

    def _fifo(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}_{number}")

    def _feed(self) -> None:
        number = 0
        while self._problem is None and (sink := self._opened(self._fifo(number))) is not None:
            with sink:
                os.mkfifo(self._fifo(number + 1))
                self._pour(sink)
            number += 1

    def _opened(self, fifo: Path) -> IO[bytes] | None:
        """Open a FIFO when somebody reads it; None if the container ends before."""
        while not self._over.wait(PAUSE):
            try:
                descriptor = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as problem:
                if problem.errno != errno.ENXIO:
                    raise
            else:
                os.set_blocking(descriptor, True)
                return os.fdopen(descriptor, "wb", buffering=0)
        return None

    def _pour(self, sink: IO[bytes]) -> None:
        try:
            for meta, _ in self._found:
                self._send(meta, sink)
        except BrokenPipeError:  # the container does not want the rest
            return
        except (AwsError, OSError) as problem:  # what was not sent must not look like the end of the data
            self._problem = JobFailed(f"ClientError: Data download failed: {problem}")

    def _send(self, meta: Meta, sink: IO[bytes]) -> None:
        with self._objects.open(meta.bucket, meta.key) as source:
            if not self._gzipped:
                shutil.copyfileobj(source, sink, PIECE)
                return
            try:
                with gzip.open(source) as unpacked:
                    shutil.copyfileobj(unpacked, sink, PIECE)
            except (gzip.BadGzipFile, EOFError, zlib.error) as problem:
                uri = f"s3://{meta.bucket}/{meta.key}"
                self._problem = JobFailed(f"ClientError: Data download failed: {uri} is not gzip: {problem}")

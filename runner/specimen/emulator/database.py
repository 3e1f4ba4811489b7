"""An SQLite file that threads and processes share: one writer at a time, and readers who wait for nobody.

SQLite's write-ahead log gives a reader what was committed when it began, and makes what was committed survive
``kill -9``.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from specimen.emulator.errors import StateUnusable

BUSY_SECONDS = 60


class Database:
    """The database at `path`; statements of `schema` that were run already must do nothing."""

    def __init__(self, path: Path, schema: str) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self.lock = threading.RLock()
        self.writer = _connect(path, schema)

    @contextlib.contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection to read with, outside of any transaction; it is given back in that state."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = _connect(self._path)
        try:
            yield connection
        finally:
            self._idle.append(connection)

    def close(self) -> None:
        """Close all connections, none of which may be in use."""
        self.writer.close()
        while self._idle:
            self._idle.pop().close()


def _connect(path: Path, schema: str = "") -> sqlite3.Connection:
    """Connect; transactions are begun by hand."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as problem:
        raise _unusable(path, problem) from problem
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(schema)
    except sqlite3.Error as problem:
        connection.close()
        raise _unusable(path, problem) from problem
    return connection


def _unusable(path: Path, problem: Exception) -> StateUnusable:
    return StateUnusable(
        f"cannot open {path}: {problem}", hint="choose a folder that can be written, with room on its disk"
    )

"""What the server remembers: one SQLite file of JSON bodies, a transaction a request.

Entities are found by kind ("TrainingJob") and name. Transactions that write are immediate and therefore one after the
other, in this process and across processes; those that only read see what was committed when they began.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from specimen.emulator.database import Database

Body = dict[str, Any]
Bodies = list[Body]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entity (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, name)
)
"""


class AlreadyExists(Exception):
    """An insert met a name that is taken."""


class MustWrite(Exception):
    """A transaction that was begun to read met something to write; nothing of it was kept."""


class Transaction:
    """One request's view of the store: it begins with its first use and is kept or undone as a whole.

    Without a lock it can only read, and raises `MustWrite` otherwise.
    """

    def __init__(self, connection: sqlite3.Connection, lock: "threading.RLock | None") -> None:
        self._connection = connection
        self._lock = lock
        self._open = False
        self._undo: list[Callable[[], None]] = []
        self._due: list[Callable[[], None]] = []

    def on_commit(self, do: Callable[[], None]) -> None:
        """Have something that cannot be undone, such as the end of a process, done once the rows are kept."""
        self._due.append(do)

    def on_rollback(self, undo: Callable[[], None]) -> None:
        """Have something that is no row, such as a process that was started, undone with the rows."""
        self._undo.append(undo)

    def get(self, kind: str, name: str) -> Body | None:
        """Return a body, or None if there is none of this name."""
        row = self._run("SELECT body FROM entity WHERE kind = ? AND name = ?", kind, name).fetchone()
        return None if row is None else _body(row[0])

    def put(self, kind: str, name: str, body: Body) -> None:
        """Store a body, in place of the one of this name if there is one."""
        self._write(
            "INSERT INTO entity (kind, name, body) VALUES (?, ?, ?) "
            "ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body",
            kind,
            name,
            json.dumps(body),
        )

    def insert(self, kind: str, name: str, body: Body) -> None:
        """Store a new body; raise `AlreadyExists` if the name is taken."""
        try:
            self._write("INSERT INTO entity (kind, name, body) VALUES (?, ?, ?)", kind, name, json.dumps(body))
        except sqlite3.IntegrityError as taken:
            raise AlreadyExists(f"{kind} {name}") from taken

    def delete(self, kind: str, name: str) -> bool:
        """Forget a body; tell whether there was one."""
        return self._write("DELETE FROM entity WHERE kind = ? AND name = ?", kind, name).rowcount > 0

    def list(self, kind: str) -> Bodies:
        """Return all bodies of a kind, in the order in which they were created."""
        rows = self._run("SELECT body FROM entity WHERE kind = ? ORDER BY sequence", kind)
        return [_body(body) for (body,) in rows]

    def commit(self) -> None:
        """Keep what was done so far and let others go on; the next use begins anew."""
        try:
            self._end("COMMIT")
        except sqlite3.Error:
            self.rollback()
            raise
        self._undo.clear()
        while self._due:
            self._due.pop(0)()

    def rollback(self) -> None:
        """Undo what was done since the transaction began."""
        self._end("ROLLBACK")
        self._due.clear()
        while self._undo:
            self._undo.pop()()

    def _write(self, statement: str, *values: str) -> sqlite3.Cursor:
        if self._lock is None:
            raise MustWrite
        return self._run(statement, *values)

    def _run(self, statement: str, *values: str) -> sqlite3.Cursor:
        if not self._open:
            self._begin()
        return self._connection.execute(statement, values)

    def _begin(self) -> None:
        if self._lock is None:
            self._connection.execute("BEGIN")
        else:
            self._lock.acquire()
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.Error:
                self._lock.release()
                raise
        self._open = True

    def _end(self, statement: str) -> None:
        if self._open:
            try:
                self._connection.execute(statement)
            finally:
                if self._connection.in_transaction:  # a COMMIT that failed, on a full disk for one
                    self._connection.execute("ROLLBACK")
                self._open = False
                if self._lock is not None:
                    self._lock.release()


class Store:
    """The database at `path`; it may be opened by several processes at once."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, _SCHEMA)

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Keep all that is done within, or, if it raises, nothing (not within another one of the same thread)."""
        return _kept(Transaction(self._database.writer, self._database.lock))

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Read within, of one moment, without waiting for those who write; a write raises `MustWrite`."""
        with self._database.reader() as connection, _kept(Transaction(connection, None)) as tx:
            yield tx

    def close(self) -> None:
        """Close the database."""
        self._database.close()


@contextmanager
def _kept(tx: Transaction) -> Iterator[Transaction]:
    try:
        yield tx
    except BaseException:
        tx.rollback()
        raise
    tx.commit()


def _body(text: str) -> Body:
    body: Body = json.loads(text)
    return body

"""Buckets and their objects: an index in SQLite, contents in files.

Any process may open the same root: the server, and the workers of its jobs. A write is a new file, seen onto the
disk, and then one row; a reader sees the old object or the new one, whole. Keys live in the index alone, so that no
key can name a path. Listing reads the index in order and holds one page at a time.
"""

import json
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from specimen.emulator.blobs import Blobs, Content, chunks
from specimen.emulator.database import Database
from specimen.emulator.errors import AwsError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS bucket (name TEXT PRIMARY KEY, created REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS object (
    bucket TEXT NOT NULL REFERENCES bucket (name),
    key BLOB NOT NULL,
    blob TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified REAL NOT NULL,
    headers TEXT NOT NULL,
    PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key BLOB NOT NULL, headers TEXT NOT NULL, started REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (
    upload TEXT NOT NULL REFERENCES upload (id), number INTEGER NOT NULL, blob TEXT NOT NULL,
    size INTEGER NOT NULL, md5 TEXT NOT NULL, modified REAL NOT NULL,
    PRIMARY KEY (upload, number)
) WITHOUT ROWID;
"""
Rows = list[Any]
_COLUMNS = "bucket, key, blob, size, etag, modified, headers"
BUCKET_NAME = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
KEY_BYTES = 1024
PAGE = 1000
WRITERS = 4  # threads that write several files


@dataclass(frozen=True)
class Meta:
    """What is known of an object: `size` in bytes, `modified` in epoch seconds, `headers` as sent (lower case)."""

    bucket: str
    key: str
    blob: str
    size: int
    etag: str
    modified: float
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bucket:
    """A bucket and when it was created, in epoch seconds."""

    name: str
    created: float


class Objects:
    """The object store under `root`."""

    def __init__(self, root: Path) -> None:
        self.blobs = Blobs(root / "blobs")
        self._database = Database(root / "index.sqlite", _SCHEMA)

    @contextmanager
    def index(self) -> Iterator[sqlite3.Connection]:
        """Give one transaction of the index; kept as a whole, or not at all."""
        with self._database.lock:
            index = self._database.writer
            index.execute("BEGIN IMMEDIATE")
            try:
                yield index
                index.execute("COMMIT")
            except BaseException:
                if index.in_transaction:  # a COMMIT that fails may have ended it
                    index.execute("ROLLBACK")
                raise

    def create_bucket(self, name: str) -> bool:
        """Create a bucket; False if it was there. A name that S3 refuses is `InvalidBucketName`."""
        if not BUCKET_NAME.fullmatch(name):
            raise AwsError("InvalidBucketName", "The specified bucket is not valid.", 400)
        with self.index() as index:
            insert = "INSERT INTO bucket VALUES (?, ?) ON CONFLICT DO NOTHING"
            return index.execute(insert, (name, time.time())).rowcount > 0

    def buckets(self) -> tuple[Bucket, ...]:
        """Return all buckets by name."""
        return tuple(Bucket(*row) for row in self._read("SELECT name, created FROM bucket ORDER BY name"))

    def need_bucket(self, name: str) -> None:
        """Raise `NoSuchBucket` unless the bucket exists."""
        if not self._read("SELECT 1 FROM bucket WHERE name = ?", name):
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)

    def delete_bucket(self, name: str) -> None:
        """Delete an empty bucket."""
        self.need_bucket(name)
        with self.index() as index:
            if index.execute("SELECT 1 FROM object WHERE bucket = ? LIMIT 1", (name,)).fetchone():
                raise AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409)
            index.execute("DELETE FROM bucket WHERE name = ?", (name,))

    def put(
        self,
        bucket: str,
        key: str,
        data: Content,
        *,
        headers: Mapping[str, str] | None = None,
        if_absent: bool = False,
    ) -> Meta:
        """Store an object, acknowledged once it is on the disk; `PreconditionFailed` if it must be absent and is not.

        `headers` are kept and given back with the object: ``content-type``, ``x-amz-meta-…`` and their like.
        """
        self.need_bucket(bucket)
        check_key(key)
        blob = self.blobs.write(chunks(data))
        meta = Meta(bucket, key, blob.name, blob.size, blob.md5, time.time(), dict(headers or {}))
        return self.record(meta, if_absent=if_absent)

    def put_all(self, bucket: str, files: Mapping[str, Path]) -> None:
        """Store files by their keys at once, for a fraction of what one by one would cost: all of them, or none."""
        self.need_bucket(bucket)
        for key in files:
            check_key(key)
        with ThreadPoolExecutor(WRITERS) as pool:  # what takes long is to see each onto the disk
            writing = [pool.submit(self._written, bucket, key, path) for key, path in files.items()]
        written = [one.result() for one in writing if one.exception() is None]
        failed = next((problem for one in writing if (problem := one.exception()) is not None), None)
        if failed is not None:
            self._remove(written)
            raise failed
        self._record(written)

    def _written(self, bucket: str, key: str, path: Path) -> Meta:
        with path.open("rb") as stream:
            blob = self.blobs.write(chunks(stream))
        return Meta(bucket, key, blob.name, blob.size, blob.md5, time.time())

    def record(self, meta: Meta, *, if_absent: bool = False) -> Meta:
        """Make a written file the object of its key; if that is refused, the file is deleted."""
        self._record([meta], if_absent=if_absent)
        return meta

    def _record(self, metas: Sequence[Meta], *, if_absent: bool = False) -> None:
        try:
            with self.index() as index:
                replaced = [old for meta in metas if (old := _replace(index, meta, if_absent))]
        except BaseException:
            self._remove(metas)
            raise
        for blob in replaced:
            self.blobs.remove(blob)

    def _remove(self, metas: Iterable[Meta]) -> None:
        for meta in metas:
            self.blobs.remove(meta.blob)

    def get(self, bucket: str, key: str) -> Meta | None:
        """Return what is known of an object, or None if there is none; `NoSuchBucket` without a bucket."""
        rows = self._read(f"SELECT {_COLUMNS} FROM object WHERE bucket = ? AND key = ?", bucket, key.encode())  # noqa: S608 - our own column names
        if not rows:
            self.need_bucket(bucket)
            return None
        return _meta(rows[0])

    def need(self, bucket: str, key: str) -> Meta:
        """Return what is known of an object; `NoSuchKey` if there is none."""
        meta = self.get(bucket, key)
        if meta is None:
            raise AwsError("NoSuchKey", "The specified key does not exist.", 404)
        return meta

    def open(self, bucket: str, key: str) -> BinaryIO:
        """Open an object for reading; `NoSuchKey` if there is none."""
        return self.read(bucket, key)[1]

    def read(self, bucket: str, key: str) -> tuple[Meta, BinaryIO]:
        """Return an object and its content, of the same moment."""
        while True:
            meta = self.need(bucket, key)
            try:
                return meta, self.blobs.read(meta.blob)
            except FileNotFoundError:
                if self.get(bucket, key) == meta:  # not replaced between the two steps: the file is really gone
                    raise AwsError("InternalError", f"The content of {key} is missing on disk.", 500) from None

    def path(self, bucket: str, key: str) -> Path:
        """Return the file that holds an object's content, for reading alone; `NoSuchKey` if there is none."""
        return self.blobs.path(self.need(bucket, key).blob)

    def list(self, bucket: str, prefix: str = "", after: str = "") -> Iterator[Meta]:
        """Go through the objects whose keys begin with `prefix` and come after `after`, in S3's order."""
        self.need_bucket(bucket)
        return self._pages(bucket, prefix.encode(), after.encode())

    def _pages(self, bucket: str, prefix: bytes, after: bytes) -> Iterator[Meta]:
        query = f"SELECT {_COLUMNS} FROM object WHERE bucket = ? AND key >= ? AND key > ? ORDER BY key LIMIT ?"  # noqa: S608 - our own column names
        while True:
            rows = self._read(query, bucket, prefix, after, PAGE)
            for row in rows:
                if not row[1].startswith(prefix):
                    return
                yield _meta(row)
            if len(rows) < PAGE:
                return
            after = rows[-1][1]

    def copy(self, source: Meta, bucket: str, key: str, headers: Mapping[str, str]) -> Meta:
        """Store an object with the content of another one."""
        self.need_bucket(bucket)
        check_key(key)
        blob = self.blobs.link(source.blob)
        return self.record(Meta(bucket, key, blob, source.size, source.etag, time.time(), dict(headers)))

    def delete(self, bucket: str, key: str) -> bool:
        """Delete an object; tell whether there was one."""
        meta = self.get(bucket, key)
        if meta is None:
            return False
        with self.index() as index:
            index.execute(
                "DELETE FROM object WHERE bucket = ? AND key = ? AND blob = ?", (bucket, key.encode(), meta.blob)
            )
        self.blobs.remove(meta.blob)
        return True

    def sweep(self) -> int:
        """Delete what dead processes left half written; return how many files."""
        rows = self._read("SELECT blob FROM object UNION ALL SELECT blob FROM part")
        return self.blobs.sweep(frozenset(name for (name,) in rows))

    def close(self) -> None:
        """Close the index."""
        self._database.close()

    def _read(self, query: str, *values: str | bytes | int) -> Rows:
        with self._database.reader() as index:
            return index.execute(query, values).fetchall()


def check_key(key: str) -> None:
    """Refuse a key that S3 refuses."""
    if len(key.encode()) > KEY_BYTES:
        raise AwsError("KeyTooLongError", "Your key is too long", 400)


def _replace(index: sqlite3.Connection, meta: Meta, if_absent: bool) -> str | None:
    """Make a written file the object of its key, and return the one that was it before."""
    place = (meta.bucket, meta.key.encode())
    old = index.execute("SELECT blob FROM object WHERE bucket = ? AND key = ?", place).fetchone()
    if old and if_absent:
        raise AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)
    index.execute("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?)", _row(meta))
    return old[0] if old else None


def _row(meta: Meta) -> tuple[str, bytes, str, int, str, float, str]:
    headers = json.dumps(dict(meta.headers))
    return (meta.bucket, meta.key.encode(), meta.blob, meta.size, meta.etag, meta.modified, headers)


def _meta(row: tuple[str, bytes, str, int, str, float, str]) -> Meta:
    bucket, key, blob, size, etag, modified, headers = row
    return Meta(bucket, key.decode(), blob, size, etag, modified, json.loads(headers))

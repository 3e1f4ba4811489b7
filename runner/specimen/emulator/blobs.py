"""Bytes in files: written aside under a name of their own, never changed afterwards."""

import base64
import hashlib
import io
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20
ORPHAN_SECONDS = 24 * 3600  # a file that no index names for so long was left by a process that died


@dataclass(frozen=True)
class Blob:
    """A file's name, its size in bytes and the MD5 of its content."""

    name: str
    size: int
    md5: str

    @property
    def content_md5(self) -> str:
        """Return the digest as the Content-MD5 header spells it."""
        return base64.b64encode(bytes.fromhex(self.md5)).decode()


Content = bytes | BinaryIO | Iterator[bytes]


def chunks(content: Content) -> Iterator[bytes]:
    """Go through bytes, a stream or an iterator piece by piece; of a stream a megabyte at most is held."""
    if isinstance(content, bytes):
        return iter((content,))
    if isinstance(content, Iterator) and not isinstance(content, io.IOBase):
        return content
    return iter(partial(content.read, CHUNK), b"")


class Blobs:
    """The folder that holds them; names are ours, so that no request can choose a path."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, pieces: Iterable[bytes]) -> Blob:
        """Write a new file and see it onto the disk; if anything fails, nothing is left."""
        digest, size = hashlib.md5(usedforsecurity=False), 0
        with self._new() as (name, file):
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
        return Blob(name, size, digest.hexdigest())

    def join(self, names: Iterable[str]) -> str:
        """Write files one behind the other into a new one, as `write` does, and return its name."""
        with self._new() as (joined, file):
            for name in names:
                with self.read(name) as part:
                    shutil.copyfileobj(part, file, CHUNK)
        return joined

    @contextmanager
    def _new(self) -> Iterator[tuple[str, BinaryIO]]:
        name = uuid.uuid4().hex
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("xb") as file:
                yield name, file
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def link(self, name: str) -> str:
        """Give a file a second name: a copy that costs nothing, since content never changes."""
        copy = uuid.uuid4().hex
        self.path(copy).parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(self.path(name), self.path(copy))
        except OSError:  # a file system without hard links
            shutil.copyfile(self.path(name), self.path(copy))
        return copy

    def read(self, name: str) -> BinaryIO:
        """Open a file for reading."""
        return self.path(name).open("rb")

    def path(self, name: str) -> Path:
        """Return where a file lies; its content must not be changed."""
        return self._root / name[:2] / name

    def remove(self, name: str) -> None:
        """Delete a file; whoever has it open reads on."""
        self.path(name).unlink(missing_ok=True)

    def sweep(self, known: frozenset[str]) -> int:
        """Delete old files that no index names; return how many."""
        limit = time.time() - ORPHAN_SECONDS
        old = [path for path in self._root.glob("??/*") if path.name not in known and path.stat().st_mtime < limit]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

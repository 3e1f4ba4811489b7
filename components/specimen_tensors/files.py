"""Where a trial's files are: a folder, or a prefix in a bucket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from glob import escape
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from specimen_tensors.names import UNFINISHED

ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})
BLOCK = 1 << 20  # bytes that are fetched together
_BLOCKS = 16  # that are kept


class Files(Protocol):
    """Files by relative name; those still being written are not among them."""

    def names(self, prefix: str) -> Sequence[str]:
        """Return the names that start with a prefix, sorted."""

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        """Return a file's bytes, or a stretch of them; raise FileNotFoundError when there is no such file."""


class Folder:
    """The files under a local folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self, prefix: str) -> Sequence[str]:
        folder, _, leaf = prefix.rpartition("/")
        found = chain.from_iterable(map(_files, (self._path / folder).glob(f"{escape(leaf)}*")))
        names = (path.relative_to(self._path).as_posix() for path in found)
        return sorted(name for name in names if not name.endswith(UNFINISHED))

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        with (self._path / name).open("rb") as file:
            file.seek(start)
            return file.read(-1 if length is None else length)


def _files(path: Path) -> Iterator[Path]:
    return (inner for inner in path.rglob("*") if inner.is_file()) if path.is_dir() else iter([path])


class Bucket:
    """The objects under a prefix of an S3 bucket; `client` is boto3's or one like it.

    A stretch of an object brings its neighbours along, which are kept for a while: a step's tensors are small, stand in
    one object that never changes, and are read one after the other.
    """

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._kept: dict[tuple[str, int], bytes] = {}  # by name and number of the block; the oldest first

    def names(self, prefix: str) -> Sequence[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + prefix
        )
        found = (entry["Key"].removeprefix(self._prefix) for page in pages for entry in page.get("Contents", []))
        return sorted(name for name in found if not name.endswith((UNFINISHED, "/")))

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        if length is None or length > BLOCK:
            return self._fetch(name, start, length)
        first, after = start // BLOCK, -(-(start + length) // BLOCK)
        stretch = b"".join(self._block(name, number) for number in range(first, after))
        return stretch[start - first * BLOCK :][:length]

    def _block(self, name: str, number: int) -> bytes:
        block = self._kept.pop((name, number), None)
        if block is None:
            block = self._fetch(name, number * BLOCK, BLOCK)
        self._kept[name, number] = block
        if len(self._kept) > _BLOCKS:
            del self._kept[next(iter(self._kept))]
        return block

    def _fetch(self, name: str, start: int, length: int | None) -> bytes:
        stretch = {} if length is None and not start else {"Range": _range(start, length)}
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name, **stretch)
        except Exception as error:
            code = getattr(error, "response", {}).get("Error", {}).get("Code")
            if code in ABSENT:
                raise FileNotFoundError(f"s3://{self._bucket}/{self._prefix}{name} does not exist") from None
            if code == "InvalidRange":  # nothing stands there, as at the end of a local file
                return b""
            raise
        body: bytes = answer["Body"].read()
        return body


def _range(start: int, length: int | None) -> str:
    return f"bytes={start}-" if length is None else f"bytes={start}-{start + length - 1}"

"""The bytes of an upload: out of their chunks, whole, and the ones that were meant."""

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from specimen.emulator.errors import AwsError
from specimen.emulator.s3.call import Call

_LINE = 16384  # bytes at most in a chunk's header or a trailer
_INCOMPLETE = "You did not provide the number of bytes specified by the Content-Length HTTP header"
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{1,16}")
_SIGNATURE = "x-amz-trailer-signature"
CHECKSUMS = ("x-amz-checksum-crc32", "x-amz-checksum-sha1", "x-amz-checksum-sha256")


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


_DIGESTS: dict[str, Callable[[], _Digest]] = {
    "content-md5": lambda: hashlib.md5(usedforsecurity=False),
    "x-amz-checksum-crc32": _Crc32,
    "x-amz-checksum-sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "x-amz-checksum-sha256": hashlib.sha256,
}


@dataclass
class Upload:
    """An upload's content; `checksums` are those that were sent, complete when the content has been read."""

    call: Call
    checksums: dict[str, str] = field(default_factory=dict)

    def pieces(self) -> Iterator[bytes]:
        """Read the content; what is cut short or differs from a digest sent with it raises after the last piece."""
        digests = self._digests()
        size = 0
        for piece in self._chunked() if self._is_chunked() else self.call.request.pieces():
            size += len(piece)
            for digest in digests.values():
                digest.update(piece)
            yield piece
        expected = self.call.header("x-amz-decoded-content-length")
        if expected and expected != str(size):
            raise AwsError("IncompleteBody", _INCOMPLETE, 400)
        self._compare(digests)

    def _is_chunked(self) -> bool:
        encoding = self.call.header("content-encoding")
        return "aws-chunked" in encoding or self.call.header("x-amz-content-sha256").startswith("STREAMING-")

    def _digests(self) -> dict[str, _Digest]:
        trailers = self.call.header("x-amz-trailer").lower().split(",")
        names = {name.strip() for name in trailers} | set(self.call.request.headers)
        return {name: make() for name, make in _DIGESTS.items() if name in names}

    def _compare(self, digests: dict[str, _Digest]) -> None:
        for name, digest in digests.items():
            sent = self.checksums.get(name) or self.call.header(name)
            if sent != base64.b64encode(digest.digest()).decode():
                raise AwsError("BadDigest", f"The {name} you specified did not match the calculated checksum.", 400)
            if name in CHECKSUMS:
                self.checksums[name] = sent

    def _chunked(self) -> Iterator[bytes]:
        """Decode aws-chunked: each chunk's size and signature, its data, and trailers after the last chunk."""
        reader = _Reader(self.call.request.pieces())
        size = -1
        while size:
            size, signature = _chunk_head(reader.line())
            digest = hashlib.sha256()
            for piece in reader.take(size):
                digest.update(piece)
                yield piece
            if self.call.request.payload.chunks:
                self.call.request.payload.chunks.check(digest.hexdigest(), signature)
            if size and reader.line():
                raise AwsError("IncompleteBody", _INCOMPLETE, 400)
        self._read_trailers(reader)

    def _read_trailers(self, reader: "_Reader") -> None:
        lines = []
        while line := reader.line(last=True):
            name, _, value = line.partition(":")
            self.checksums[name.strip().lower()] = value.strip()
            lines.append(f"{name.strip().lower()}:{value.strip()}\n")
        reader.finish()
        chunks = self.call.request.payload.chunks
        if chunks and (lines or chunks.trailing):
            signed = "".join(line for line in lines if not line.startswith(f"{_SIGNATURE}:"))
            chunks.check_trailers(signed, self.checksums.get(_SIGNATURE, ""))


class _Reader:
    """Reads lines and counted bytes out of pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = b""

    def line(self, last: bool = False) -> str:
        while b"\n" not in self._buffer:
            if len(self._buffer) > _LINE or not self._more():
                if last and not self._buffer:
                    return ""
                raise AwsError("IncompleteBody", _INCOMPLETE, 400)
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r").decode("latin-1")

    def take(self, size: int) -> Iterator[bytes]:
        while size:
            if not self._buffer and not self._more():
                raise AwsError("IncompleteBody", _INCOMPLETE, 400)
            piece, self._buffer = self._buffer[:size], self._buffer[size:]
            size -= len(piece)
            yield piece

    def finish(self) -> None:
        """Read what is left, so that the whole body is checked."""
        while self._more():
            self._buffer = b""

    def _more(self) -> bool:
        piece = next(self._pieces, b"")
        self._buffer += piece
        return bool(piece)


def _chunk_head(line: str) -> tuple[int, str]:
    """Read a chunk's size in bytes, and its signature if it has one."""
    digits, _, extension = line.partition(";")
    if not _HEXADECIMAL.fullmatch(digits):
        raise AwsError("IncompleteBody", "A chunk's size is not hexadecimal.", 400)
    return int(digits, 16), extension.removeprefix("chunk-signature=")

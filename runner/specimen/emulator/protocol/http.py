"""An HTTP request and its answer, between the web server and what answers."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol
from urllib.parse import parse_qsl

from specimen.emulator.errors import AwsError

PIECE = 1 << 18  # bytes read or sent at a time


class ChunkChecker(Protocol):
    """Checks the signatures of a body's chunks, in their order; `trailing` says that its trailers are signed too."""

    @property
    def trailing(self) -> bool: ...

    def check(self, sha256: str, signature: str) -> None: ...

    def check_trailers(self, trailers: str, signature: str) -> None: ...


@dataclass(frozen=True)
class Payload:
    """What the signature of a request says of its body: its SHA-256, or chunks that are signed; else nothing."""

    sha256: str | None = None
    chunks: ChunkChecker | None = None


@dataclass(frozen=True)
class HttpRequest:
    """A request: `path` and `raw_query` as sent (percent-encoded), `query` decoded, `headers` by lower-case name.

    `length` is the body's length in bytes, None if it is sent in chunks. `payload` is what the body must fulfil.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    stream: BinaryIO
    length: int | None
    raw_query: str = ""
    payload: Payload = Payload()

    def pieces(self) -> Iterator[bytes]:
        """Read the body piece by piece; after the last one raise if it ended early, or is not what was signed."""
        left, digest = self.length, hashlib.sha256()
        while left is None or left > 0:
            piece = self.stream.read(PIECE if left is None else min(PIECE, left))
            if not piece:
                break
            left = None if left is None else left - len(piece)
            if self.payload.sha256:
                digest.update(piece)
            yield piece
        if left:
            raise AwsError("IncompleteBody", "You did not provide the number of bytes specified by Content-Length", 400)
        if self.payload.sha256 not in (None, digest.hexdigest()):
            text = "The provided 'x-amz-content-sha256' header does not match what was computed."
            members = {"ClientComputedContentSHA256": self.payload.sha256 or ""}
            raise AwsError("XAmzContentSHA256Mismatch", text, 400, members)

    def body(self, limit: int) -> bytes:
        """Read the whole body, which may have `limit` bytes; one that says to be larger is not read at all."""
        if (self.length or 0) > limit:
            raise _too_large(limit)
        read = bytearray()
        for piece in self.pieces():
            read += piece
            if len(read) > limit:
                raise _too_large(limit)
        return bytes(read)


def _too_large(limit: int) -> AwsError:
    return AwsError("RequestEntityTooLargeException", f"The body has more than {limit} bytes.", 413)


@dataclass(frozen=True)
class HttpResponse:
    """An answer; a body that is no bytes is sent piece by piece, and `length` tells how long it is."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
    length: int | None = None


def read_request(environ: Mapping[str, Any]) -> HttpRequest:
    """Read a WSGI environment."""
    headers = {
        name[5:].replace("_", "-").lower(): value.encode("latin-1").decode("utf-8", "replace")
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    headers |= {
        name: environ[key]
        for name, key in (("content-type", "CONTENT_TYPE"), ("content-length", "CONTENT_LENGTH"))
        if environ.get(key)
    }
    path, _, query = str(environ["REQUEST_URI"]).partition("?")
    return HttpRequest(
        method=environ["REQUEST_METHOD"],
        path=path,
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers=headers,
        stream=environ["wsgi.input"],
        length=None if environ.get("wsgi.input_terminated") else int(headers.get("content-length") or 0),
        raw_query=query,
    )

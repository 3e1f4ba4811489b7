"""An HTTP request and its answer, between the web server and what answers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import parse_qsl

from specimen.emulator.errors import AwsError

PIECE = 1 << 18  # bytes read or sent at a time
_SCOPE = re.compile(r"(?P<key>[^/\s]+)/\d{8}/(?P<region>[^/\s]+)/(?P<service>[^/\s]+)/aws4_request")


@dataclass(frozen=True)
class Signature:
    """Who signed a request, and for what: the credential scope of AWS's Signature Version 4."""

    access_key: str
    region: str
    service: str


@dataclass(frozen=True)
class HttpRequest:
    """A request: `path` as sent (percent-encoded), `query` decoded, `headers` by lower-case name.

    `length` is the body's length in bytes, None if it is sent in chunks.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    stream: BinaryIO
    length: int | None

    @property
    def signature(self) -> Signature | None:
        """Return the signature that stands in the Authorization header or, presigned, in the query."""
        text = self.headers.get("authorization", "").partition("Credential=")[2].partition(",")[0].strip()
        scope = _SCOPE.fullmatch(text or self.query.get("X-Amz-Credential", ""))
        if scope:
            return Signature(scope["key"], scope["region"], scope["service"])
        if "AWSAccessKeyId" in self.query and "Signature" in self.query:  # Version 2, which only S3 ever presigned with
            return Signature(self.query["AWSAccessKeyId"], "", "s3")
        return None

    def pieces(self) -> Iterator[bytes]:
        """Read the body piece by piece; one that ends early is `IncompleteBody`."""
        left = self.length
        while left is None or left > 0:
            piece = self.stream.read(PIECE if left is None else min(PIECE, left))
            if not piece:
                break
            left = None if left is None else left - len(piece)
            yield piece
        if left:
            raise AwsError("IncompleteBody", "You did not provide the number of bytes specified by Content-Length", 400)

    def body(self, limit: int) -> bytes:
        """Read the whole body, which may have `limit` bytes."""
        read = bytearray()
        for piece in self.pieces():
            read += piece
            if len(read) > limit:
                raise AwsError("RequestEntityTooLargeException", f"The body has more than {limit} bytes.", 413)
        return bytes(read)


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
    )

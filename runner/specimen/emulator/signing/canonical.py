"""The one way in which a request is written down to be signed: Signature Version 4's canonical form."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from specimen.emulator.protocol.http import HttpRequest
from specimen.emulator.signing.claims import ALGORITHM, Scope

_UNRESERVED = "-_.~"
_KEYS_KEPT = 64  # a server has one key pair, and its clients sign for a few services of a day


def canonical_request(request: HttpRequest, service: str, names: Sequence[str], payload: str) -> str:
    """Write down a request: method, path, query, the headers of these names, and the payload's hash."""
    lines = [request.method, canonical_path(request.path, service), canonical_query(request.raw_query)]
    lines += [f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names]
    return "\n".join([*lines, "", ";".join(names), payload])


def canonical_path(path: str, service: str) -> str:
    """Write a path: S3's encoded once, as it stands; any other's encoded once more, without dots and empty parts."""
    if service == "s3":
        return "/".join(_encoded(part.replace("+", "%2B")) for part in path.split("/"))
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part and part != ".":
            parts.append(part)
    end = "/" if path.endswith("/") and parts else ""
    return quote(f"/{'/'.join(parts)}{end}", safe=f"/{_UNRESERVED}")


def canonical_query(raw: str) -> str:
    """Write a query: decoded, encoded in AWS's way and sorted, without the signature itself."""
    pairs = [tuple(map(_encoded, pair.partition("=")[::2])) for pair in raw.split("&") if pair]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs) if name != "X-Amz-Signature")


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text.replace("+", " ")), safe=_UNRESERVED)


def string_to_sign(time: str, scope: Scope, canonical: str) -> str:
    """Form the text that is signed for a canonical request."""
    return "\n".join([ALGORITHM, time, str(scope), hashlib.sha256(canonical.encode()).hexdigest()])


def sign(key: bytes, text: str) -> str:
    """Return the signature of a text, in hexadecimal digits."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=_KEYS_KEPT)
def signing_key(secret: str, scope: Scope) -> bytes:
    """Derive the key that signs within a scope; it is kept, since it is the same for a day."""
    key = f"AWS4{secret}".encode()
    for part in (scope.date, scope.region, scope.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def equal(one: str, other: str) -> bool:
    """Compare two signatures in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def unsigned(headers: Mapping[str, str], names: Sequence[str]) -> list[str]:
    """Return the headers that a signature must cover and does not: the host, and all of AWS's own."""
    return [name for name in headers if (name == "host" or name.startswith("x-amz-")) and name not in names]

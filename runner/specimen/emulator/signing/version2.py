"""Signature Version 2 in a query: how boto3 presigns S3's URLs unless it is told otherwise."""

import base64
import hmac
from urllib.parse import unquote

from specimen.emulator.protocol.http import HttpRequest

# The parameters that are part of the resource; any other one is not signed.
# fmt: off
_RESOURCE = frozenset((
    "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "inventory", "lifecycle", "location",
    "logging", "metrics", "notification", "object-lock", "partNumber", "policy", "replication", "requestPayment",
    "response-cache-control", "response-content-disposition", "response-content-encoding",
    "response-content-language", "response-content-type", "response-expires", "restore", "select", "select-type",
    "storageClass",
    "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website",
))
# fmt: on


def presigned(request: HttpRequest) -> bool:
    """Tell whether a request is presigned in this way."""
    return "AWSAccessKeyId" in request.query and "Signature" in request.query


def signature(request: HttpRequest, secret: str) -> str:
    """Return the signature that a presigned request should have, in base64."""
    return base64.b64encode(hmac.digest(secret.encode(), _text(request).encode(), "sha1")).decode()


def _text(request: HttpRequest) -> str:
    given = {name.lower(): value for name, value in request.query.items()} | dict(request.headers)
    lines = [request.method, given.get("content-md5", ""), given.get("content-type", ""), request.query["Expires"]]
    lines += [f"{name}:{given[name].strip()}" for name in sorted(given) if name.startswith("x-amz-")]
    return "\n".join([*lines, _resource(request)])


def _resource(request: HttpRequest) -> str:
    pairs = [pair.split("=", 1) for pair in request.raw_query.split("&")]
    named = sorted((pair for pair in pairs if pair[0] in _RESOURCE), key=lambda pair: pair[0])
    query = "&".join("=".join([pair[0], *map(unquote, pair[1:])]) for pair in named)
    return f"{request.path}?{query}" if query else request.path

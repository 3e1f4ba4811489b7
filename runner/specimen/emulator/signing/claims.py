"""What a request says of its own signature, before anyone has checked it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from specimen.emulator.protocol.http import HttpRequest

ALGORITHM = "AWS4-HMAC-SHA256"
_CREDENTIAL = re.compile(r"(?P<key>[^/\s]+)/(?P<date>\d{8})/(?P<region>[^/\s]+)/(?P<service>[^/\s]+)/aws4_request")
_TARGETS = {
    "AnyScaleFrontendService": "application-autoscaling",
    "Logs_20140328": "logs",
    "SageMaker": "sagemaker",
}


@dataclass(frozen=True)
class Scope:
    """What a signing key is good for: a day (YYYYMMDD), a region and a service."""

    date: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


@dataclass(frozen=True)
class Claim:
    """A signature of Version 4: whose it is, what it covers, and when it was made (`time` as YYYYMMDDTHHMMSSZ).

    `names` are the signed headers. `lifetime` in seconds is what a presigned URL says, None for a signed header.
    """

    access_key: str
    scope: Scope
    names: tuple[str, ...]
    signature: str
    time: str
    token: str
    lifetime: str | None


class Malformed(Exception):
    """A signature lacks a part, or has one that cannot be read; the text says which."""


def claim(request: HttpRequest) -> Claim | None:
    """Read the signature of a request; None if it has none. Raises `Malformed`."""
    if header := request.headers.get("authorization"):
        return _from_header(request, header)
    return _from_query(request.query) if "X-Amz-Algorithm" in request.query else None


def _from_header(request: HttpRequest, header: str) -> Claim:
    algorithm, _, rest = header.strip().partition(" ")
    if algorithm != ALGORITHM:
        raise Malformed(f"The authorization mechanism you have provided is not supported. Please use {ALGORITHM}.")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    access_key, scope = _credential(_need(parts, "Credential"))
    return Claim(
        access_key=access_key,
        scope=scope,
        names=tuple(_need(parts, "SignedHeaders").split(";")),
        signature=_need(parts, "Signature"),
        time=_need(request.headers, "x-amz-date"),
        token=request.headers.get("x-amz-security-token", ""),
        lifetime=None,
    )


def _from_query(query: Mapping[str, str]) -> Claim:
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise Malformed(f'X-Amz-Algorithm only supports "{ALGORITHM}"')
    access_key, scope = _credential(_need(query, "X-Amz-Credential"))
    return Claim(
        access_key=access_key,
        scope=scope,
        names=tuple(_need(query, "X-Amz-SignedHeaders").split(";")),
        signature=_need(query, "X-Amz-Signature"),
        time=_need(query, "X-Amz-Date"),
        token=query.get("X-Amz-Security-Token", ""),
        lifetime=_need(query, "X-Amz-Expires"),
    )


def _need(parts: Mapping[str, str], name: str) -> str:
    value = parts.get(name)
    if not value:
        raise Malformed(f"The signature requires '{name}', which is missing.")
    return value


def _credential(text: str) -> tuple[str, Scope]:
    match = _CREDENTIAL.fullmatch(text)
    if match is None:
        raise Malformed("The Credential must have the form <key>/YYYYMMDD/<region>/<service>/aws4_request.")
    return match["key"], Scope(match["date"], match["region"], match["service"])


def service(request: HttpRequest) -> str:
    """Tell which service is meant: by the credential's scope or else X-Amz-Target; only S3 is called by neither."""
    target = _TARGETS.get(request.headers.get("x-amz-target", "").partition(".")[0])
    try:
        found = claim(request)
    except Malformed:
        found = None
    if found is None:
        return target or ("sagemaker" if "x-amz-target" in request.headers else "s3")
    if found.scope.service == "sagemaker" and target is None:
        return "sagemaker-runtime"
    return found.scope.service

"""Lets in what a known key has signed, and nothing else."""

import hashlib
import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from specimen.emulator.errors import AwsError
from specimen.emulator.protocol.http import HttpRequest, Payload
from specimen.emulator.signing import version2
from specimen.emulator.signing.canonical import canonical_request, equal, sign, signing_key, string_to_sign, unsigned
from specimen.emulator.signing.chunks import ChunkSignatures
from specimen.emulator.signing.claims import Claim, Malformed, claim
from specimen.emulator.signing.refusals import Refusals

SKEW_MINUTES = 15
LONGEST_SECONDS = 7 * 24 * 3600  # for which a URL can be presigned
UNSIGNED = "UNSIGNED-PAYLOAD"
_UNCHECKED = frozenset({UNSIGNED, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"})
_CHUNKED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_TRAILING = f"{_CHUNKED}-TRAILER"
_TIME = "%Y%m%dT%H%M%SZ"
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Key:
    """What belongs to an access key: its secret and, of temporary keys, the session token and the end in seconds."""

    secret: str
    token: str = ""
    expires: float | None = None


@dataclass(frozen=True)
class Gate:
    """Checks signatures with the keys that `find` knows by their access keys, at the time that `now` tells."""

    find: Callable[[str], Key | None]
    now: Callable[[], float] = time.time

    def admit(self, service: str, request: HttpRequest, limit: int) -> HttpRequest:
        """Return a request that was signed; what was signed of its body is checked when that is read.

        Except for S3, the signature needs the whole body, of `limit` bytes at most. Raises the service's refusals.
        """
        refusals = Refusals(service)
        if service == "s3" and version2.presigned(request):
            self._check_version2(request, refusals)
            return request
        claimed = _claimed(request, refusals)
        key = self._key(claimed.access_key, claimed.token, refusals)
        self._check_time(claimed, refusals)
        if names := unsigned(request.headers, claimed.names):
            raise refusals.unsigned(names)
        if service == "s3":
            return replace(request, payload=_check(request, claimed, key, s3_payload(request, claimed), refusals))
        body = request.body(limit)
        _check(request, claimed, key, hashlib.sha256(body).hexdigest(), refusals)
        return replace(request, stream=io.BytesIO(body), length=len(body))

    def _key(self, access_key: str, token: str, refusals: Refusals) -> Key:
        key = self.find(access_key)
        if key is None:
            raise refusals.unknown()
        if key.token and not equal(key.token, token):
            raise refusals.wrong_token()
        if key.expires is not None and key.expires < self.now():
            raise refusals.expired()
        return key

    def _check_time(self, claimed: Claim, refusals: Refusals) -> None:
        signed, now = _seconds(claimed, refusals), self.now()
        skew = SKEW_MINUTES * 60
        if claimed.lifetime is None or refusals.service != "s3":
            if abs(now - signed) > skew:
                raise refusals.skewed(claimed.time, _stamp(now), SKEW_MINUTES)
            return
        lifetime = _lifetime(claimed.lifetime)
        if now < signed - skew:
            raise AwsError("AccessDenied", "Request is not yet valid", 403)
        if now > signed + lifetime:
            raise _expired(now, signed + lifetime, {"X-Amz-Expires": lifetime})

    def _check_version2(self, request: HttpRequest, refusals: Refusals) -> None:
        token = request.query.get("x-amz-security-token") or request.headers.get("x-amz-security-token", "")
        key = self._key(request.query["AWSAccessKeyId"], token, refusals)
        expires = request.query.get("Expires", "")
        if not re.fullmatch(r"[0-9]{1,12}", expires):
            raise AwsError("AccessDenied", "Query-string authentication requires the parameter Expires, a number.", 403)
        if self.now() > int(expires):
            raise _expired(self.now(), int(expires), {})
        if not equal(version2.signature(request, key.secret), request.query["Signature"]):
            raise refusals.mismatch({"AWSAccessKeyId": request.query["AWSAccessKeyId"]})


def _claimed(request: HttpRequest, refusals: Refusals) -> Claim:
    try:
        found = claim(request)
    except Malformed as problem:
        raise refusals.malformed(str(problem)) from problem
    if found is None:
        raise refusals.missing()
    return found


def _check(request: HttpRequest, claimed: Claim, key: Key, payload: str, refusals: Refusals) -> Payload:
    """Check a signature over a payload's hash, or what stands for it, and return what is to be checked of the body."""
    canonical = canonical_request(request, refusals.service, claimed.names, payload)
    text = string_to_sign(claimed.time, claimed.scope, canonical)
    derived = signing_key(key.secret, claimed.scope)
    if not equal(sign(derived, text), claimed.signature):
        told = {"AWSAccessKeyId": claimed.access_key, "StringToSign": text, "CanonicalRequest": canonical}
        raise refusals.mismatch({**told, "SignatureProvided": claimed.signature})
    if payload in (_CHUNKED, _TRAILING):
        trailing = payload == _TRAILING
        return Payload(chunks=ChunkSignatures(derived, claimed.time, claimed.scope, claimed.signature, trailing))
    return Payload() if payload in _UNCHECKED else Payload(sha256=payload)


def s3_payload(request: HttpRequest, claimed: Claim) -> str:
    """Return what stands for the payload in a request to S3: a hash, or how else the body is secured."""
    payload = request.headers.get("x-amz-content-sha256")
    if payload is None:
        if claimed.lifetime is not None:
            return UNSIGNED
        raise AwsError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400)
    if payload in (*_UNCHECKED, _CHUNKED, _TRAILING) or _DIGEST.fullmatch(payload):
        return payload
    text = f"x-amz-content-sha256 must be {UNSIGNED}, {_CHUNKED}, or a valid sha256 value."
    raise AwsError("InvalidArgument", text, 400)


def _seconds(claimed: Claim, refusals: Refusals) -> float:
    """Return when a request was signed; that must be on the day of its scope."""
    try:
        if not re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", claimed.time):
            raise ValueError(claimed.time)
        seconds = datetime.fromisoformat(claimed.time).timestamp()
    except (ValueError, OverflowError) as problem:
        raise refusals.malformed("The signature requires X-Amz-Date in the form YYYYMMDD'T'HHMMSS'Z'.") from problem
    if claimed.time[:8] != claimed.scope.date:
        raise refusals.malformed("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date.")
    return seconds


def _lifetime(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > LONGEST_SECONDS:
        said = f"X-Amz-Expires should be a number, and not more than a week ({LONGEST_SECONDS} seconds)"
        raise AwsError("AuthorizationQueryParametersError", said, 400)
    return int(text)


def _expired(now: float, end: float, members: dict[str, str | int]) -> AwsError:
    times: dict[str, str | int] = {"Expires": _iso(end), "ServerTime": _iso(now)}
    return AwsError("AccessDenied", "Request has expired", 403, members | times)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(_TIME)

"""How each service refuses a request whose sender it does not know: AWS's own codes and words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from specimen.emulator.errors import AwsError

QUERY_SERVICES = frozenset({"iam", "sts"})
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)
_TOKEN = "The security token included in the request is {}."  # noqa: S105 - a sentence
Members = Mapping[str, str | int]


@dataclass(frozen=True)
class Dialect:
    """The codes of one kind of service, with the HTTP status of most of them."""

    missing: str
    unknown: str
    token: str
    mismatch: str
    skewed: str
    malformed: str
    expired: str
    status: int


_S3 = Dialect(
    missing="AccessDenied",
    unknown="InvalidAccessKeyId",
    token="InvalidToken",  # noqa: S106 - a code
    mismatch="SignatureDoesNotMatch",
    skewed="RequestTimeTooSkewed",
    malformed="AuthorizationHeaderMalformed",
    expired="ExpiredToken",
    status=403,
)
_QUERY = Dialect(
    missing="MissingAuthenticationToken",
    unknown="InvalidClientTokenId",
    token="InvalidClientTokenId",  # noqa: S106 - a code
    mismatch="SignatureDoesNotMatch",
    skewed="SignatureDoesNotMatch",
    malformed="IncompleteSignature",
    expired="ExpiredToken",
    status=403,
)
_JSON = Dialect(
    missing="MissingAuthenticationTokenException",
    unknown="UnrecognizedClientException",
    token="UnrecognizedClientException",  # noqa: S106 - a code
    mismatch="InvalidSignatureException",
    skewed="InvalidSignatureException",
    malformed="IncompleteSignatureException",
    expired="ExpiredTokenException",
    status=400,
)
_REST = replace(_JSON, status=403)


@dataclass(frozen=True)
class Refusals:
    """The refusals of a service."""

    service: str

    @property
    def dialect(self) -> Dialect:
        """Return the codes of this service."""
        if self.service in QUERY_SERVICES:
            return _QUERY
        return {"s3": _S3, "sagemaker-runtime": _REST}.get(self.service, _JSON)

    def missing(self) -> AwsError:
        """Refuse a request without a signature."""
        text = "Access Denied: the request is not signed." if self.service == "s3" else "Missing Authentication Token"
        return self._error(self.dialect.missing, text)

    def unknown(self) -> AwsError:
        """Refuse an access key that was never given out."""
        return self._error(self.dialect.unknown, _TOKEN.format("invalid"))

    def wrong_token(self) -> AwsError:
        """Refuse a session token that was not given out with its access key."""
        return self._error(self.dialect.token, _TOKEN.format("invalid"))

    def expired(self) -> AwsError:
        """Refuse temporary keys whose time is over."""
        return self._error(self.dialect.expired, _TOKEN.format("expired"))

    def mismatch(self, members: Members) -> AwsError:
        """Refuse a signature; S3 adds what it would have signed."""
        return self._error(self.dialect.mismatch, MISMATCH, members if self.service == "s3" else {})

    def malformed(self, what: str) -> AwsError:
        """Refuse a signature that cannot be read."""
        return AwsError(self.dialect.malformed, what, 400)

    def unsigned(self, names: list[str]) -> AwsError:
        """Refuse headers that the signature should cover."""
        if self.service == "s3":
            text = "There were headers present in the request which were not signed"
            return self._error("AccessDenied", text, {"HeadersNotSigned": ", ".join(names)})
        return self._error(self.dialect.mismatch, f"{', '.join(names)} must be signed: name them in SignedHeaders.")

    def skewed(self, time: str, now: str, minutes: int) -> AwsError:
        """Refuse a time (YYYYMMDDTHHMMSSZ) that is too far from now."""
        if self.service == "s3":
            members: Members = {
                "RequestTime": time,
                "ServerTime": now,
                "MaxAllowedSkewMilliseconds": minutes * 60_000,
            }
            text = "The difference between the request time and the current time is too large."
            return self._error(self.dialect.skewed, text, members)
        early = time > now
        text = "Signature not yet current" if early else "Signature expired"
        limit = f"{'later' if early else 'earlier'} than {now} {'+' if early else '-'} {minutes} min."
        return self._error(self.dialect.skewed, f"{text}: {time} is {limit}")

    def _error(self, code: str, text: str, members: Members | None = None) -> AwsError:
        return AwsError(code, text, self.dialect.status, members)

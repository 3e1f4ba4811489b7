"""What to do about an error that AWS answers with: one table by error code."""

from collections.abc import Mapping

# botocore has retried these already; a wait goes on, anything else reports that AWS could not be reached
TRANSIENT = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "ModelNotReadyException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "InternalFailure",
        "InternalError",
        "InternalServerError",
        "InternalServerException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "RequestTimeout",
        "RequestTimeoutException",
        "500",
        "502",
        "503",
        "504",
    }
)

_CREDENTIALS = "The pod's credentials are not valid here; check the service account's role and the clock."
_DENIED = "Allow this action in the policy of the role that runs the step (`specimen iam` lists all that are needed)."

HINTS: Mapping[str, str] = {
    "AccessDenied": _DENIED,
    "AccessDeniedException": _DENIED,
    "UnauthorizedOperation": _DENIED,
    "403": _DENIED,
    "ExpiredToken": _CREDENTIALS,
    "ExpiredTokenException": _CREDENTIALS,
    "InvalidClientTokenId": _CREDENTIALS,
    "InvalidAccessKeyId": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "UnrecognizedClientException": _CREDENTIALS,
    "InvalidSignatureException": _CREDENTIALS,
    "InvalidToken": _CREDENTIALS,
    "RequestTimeTooSkewed": _CREDENTIALS,
    "ResourceLimitExceeded": "Ask AWS for a higher quota, or choose another instance type in the spec's resources.",
    "NoSuchBucket": "Create the bucket, or name another one in the target.",
    "NoSuchKey": "The object is gone or was never written; run the step that writes it again.",
    "404": "The object is gone or was never written; run the step that writes it again.",
    "PermanentRedirect": "The bucket is in another region; name one in the target's region.",
    "ValidationException": "AWS did not accept the request; the spec or the target names what it speaks of.",
}


def hint(code: str) -> str | None:
    """Say what to do about an error code; None when AWS's own message must do."""
    return HINTS.get(code)

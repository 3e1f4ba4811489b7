"""Preconditions and ranges, as RFC 9110 has them and S3 answers them."""

import re
from email.utils import formatdate, parsedate_to_datetime

from specimen.emulator.errors import AwsError
from specimen.emulator.objects import Meta
from specimen.emulator.s3.call import Call

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def fresh(call: Call, meta: Meta, prefix: str = "") -> bool:
    """Tell whether the client has what it asks for already (304); raise `PreconditionFailed` if it must not be sent.

    `prefix` is ``x-amz-copy-source-`` for the source of a copy.
    """
    match, none_match = call.header(f"{prefix}if-match"), call.header(f"{prefix}if-none-match")
    since, unmodified = call.header(f"{prefix}if-modified-since"), call.header(f"{prefix}if-unmodified-since")
    if match and not _listed(match, meta.etag):
        raise failed("If-Match")
    if unmodified and not match and _later(meta, unmodified):
        raise failed("If-Unmodified-Since")
    if none_match:
        return _listed(none_match, meta.etag)
    return bool(since) and not _later(meta, since)


def failed(condition: str) -> AwsError:
    """Form the answer to a condition that does not hold."""
    text = "At least one of the pre-conditions you specified did not hold"
    return AwsError("PreconditionFailed", text, 412, {"Condition": condition})


def _listed(header: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")}
    return "*" in tags or etag in tags


def _later(meta: Meta, date: str) -> bool:
    try:
        return int(meta.modified) > parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError):  # a date that cannot be read is no condition
        return True


def span(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte of a Range header, or None for the whole; `InvalidRange` if it is outside."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first and last and int(last) < int(first):
        return None
    start, end = (int(first), int(last or size - 1)) if first else (max(0, size - int(last)), size - 1)
    if start >= size or (not first and int(last) == 0):
        raise AwsError("InvalidRange", "The requested range is not satisfiable", 416, {"ActualObjectSize": size})
    return start, min(end, size - 1)


def http_date(seconds: float) -> str:
    """Write epoch seconds as HTTP does."""
    return formatdate(int(seconds), usegmt=True)

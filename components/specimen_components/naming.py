"""Names of jobs and models: a readable prefix, ten digits of the request's digest, and the attempt."""

import re

from specimen_components.clients import request_shape

DIGITS = 10


def longest(service: str, operation: str, member: str) -> int:
    """Give the greatest length that AWS allows for a name, from botocore's model of the operation."""
    shape = request_shape(service, operation)
    members = getattr(shape, "members")  # noqa: B009 - botocore-stubs' Shape has none, StructureShape has
    return int(members[member].metadata["max"])


def job_name(prefix: str, digest: str, attempt: int, limit: int) -> str:
    """Give ``<prefix cut to fit>-<10 hex>[-<attempt>]``, at most `limit` characters."""
    ending = digest[:DIGITS] if attempt == 1 else f"{digest[:DIGITS]}-{attempt}"
    readable = re.sub(r"[^0-9A-Za-z]+", "-", prefix).strip("-")
    cut = readable[: limit - len(ending) - 1].strip("-")
    return f"{cut}-{ending}" if cut else ending

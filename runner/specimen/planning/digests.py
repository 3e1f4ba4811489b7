"""Digests of plain data."""

import hashlib
import json

from specimen.spec.model import Json


def canonical(data: Json) -> str:
    """One text for equal data: keys sorted, no blanks, no NaN."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(data: Json) -> str:
    """The SHA-256 of the data's canonical JSON, in hex."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()

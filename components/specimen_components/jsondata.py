"""JSON values as they pass between steps: their type, one canonical text, and digests over it."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


def integral(value: Json) -> Json:
    """Give the value back with every whole float as an integer, which is what Kubeflow's structs took from it."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case Mapping():
            return {key: integral(member) for key, member in value.items()}
        case list() | tuple():
            return [integral(item) for item in value]
        case _:
            return value


def finite(value: Json) -> Json:
    """Give the value as JSON can write it: null for what is no number, "Infinity" and "-Infinity" as Clarify writes."""
    match value:
        case float() if math.isnan(value):
            return None
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case Mapping():
            return {key: finite(member) for key, member in value.items()}
        case list() | tuple():
            return [finite(item) for item in value]
        case _:
            return value


def canonical(value: Json) -> bytes:
    """One text for equal values: keys sorted, no spaces, whole numbers without a fraction, UTF-8."""
    text = json.dumps(integral(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", errors="surrogatepass")


def digest(value: Json) -> str:
    """SHA-256 of the canonical text, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()

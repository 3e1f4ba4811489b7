"""Plain YAML scalars to values, by YAML 1.2's core schema (section 10.3 of its specification).

So `yes`, `on`, `1:30` and `2026-01-01` are text, as they look, and not booleans, minutes or dates.
"""

import math
import re

from specimen.spec.model import Json

LARGEST = 2**63
_CONSTANTS: dict[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC = frozenset("+-.0123456789")  # what a number begins with
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class NotFinite(ValueError):
    """The scalar is a number that no computer's arithmetic holds: infinite, not a number, or too large."""


def resolve(text: str) -> Json:
    """The value of a plain scalar.

    Raises:
        NotFinite: the number is not finite, or an integer of more than 64 bits.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _NUMERIC:
        return text
    if _NOT_FINITE.fullmatch(text):
        raise NotFinite(text)
    if _INTEGER.fullmatch(text) or _OTHER_BASE.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    return text


def _integer(text: str) -> int:
    if len(text) > 64:  # Python itself refuses texts of some thousand digits
        raise NotFinite(text)
    number = int(text, 0) if _OTHER_BASE.fullmatch(text) else int(text)
    if abs(number) > LARGEST:
        raise NotFinite(text)
    return number


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotFinite(text)
    return number

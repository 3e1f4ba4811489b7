"""AWS's models write regular expressions in Java's dialect; here they become Python's."""

import re
import sys
import unicodedata
from functools import cache

_TOKEN = re.compile(r"\\p\{(\w+)\}|\\[zZ]|\\u[0-9A-Fa-f]{4}|\\w-|\\.|\[|\]|\$\{[\d,]+\}|.", re.DOTALL)
_ASTRAL = r"\uD800\uDC00-\uDBFF\uDFFF"  # Java's characters beyond U+FFFF, as surrogate pairs
_POSIX = {"Alnum": "a-zA-Z0-9", "ASCII": r"\x00-\x7f", "Print": r"\x20-\x7e"}


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a model's pattern; it is meant for `fullmatch`."""
    return re.compile(_translated(pattern.replace(_ASTRAL, r"\U00010000-\U0010FFFF")))


def _translated(pattern: str) -> str:
    parts: list[str] = []
    inside = False
    for token in _TOKEN.finditer(pattern):
        text = token.group()
        if token.group(1):
            characters = _category(token.group(1))
            parts.append(characters if inside else f"[{characters}]")
        elif text in (r"\z", r"\Z"):
            parts.append(r"\Z")
        elif text == r"\w-" and inside:  # Java takes the hyphen after a class for itself
            parts.append(r"\w\-")
        elif text.startswith("${"):  # an anchor, repeated
            parts.append("$")
        else:
            inside = (inside or text == "[") and text != "]"
            parts.append(text)
    return "".join(parts)


def _category(name: str) -> str:
    return _POSIX.get(name) or _unicode()[name]


@cache
def _unicode() -> dict[str, str]:
    """Return, for each major Unicode category, its characters as the inside of a character class."""
    ranges: dict[str, list[str]] = {}
    start, category = 0, "C"
    for point in range(sys.maxunicode + 2):
        here = unicodedata.category(chr(point))[0] if point <= sys.maxunicode else ""
        if here != category:
            ranges.setdefault(category, []).append(f"\\U{start:08x}-\\U{point - 1:08x}")
            start, category = point, here
    return {name: "".join(parts) for name, parts in ranges.items()}

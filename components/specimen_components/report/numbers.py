"""Figures as people read them."""

import math
from typing import Any


def figure(value: Any) -> str:
    """Give four digits or the whole ones; thousands are marked, None is a dash, infinity its sign."""
    match value:
        case None:
            return "\u2013"
        case bool():
            return str(value).lower()
        case int():
            return f"{value:,}".replace("-", "\u2212")
        case float() if math.isfinite(value):
            return _finite(value).replace("-", "\u2212")
        case float():
            return "\u2212∞" if value < 0 else "∞" if value > 0 else "undefined"
        case _:
            return str(value)


def _finite(value: float) -> str:
    size = abs(value)
    if 0.001 <= size < 1000 or value == 0:
        return f"{value:.4f}"
    return f"{value:,.{1 if size < 10_000 else 0}f}" if 1000 <= size < 1e9 else f"{value:.4g}"


def difference(value: float, first: float) -> str:
    """Give how a figure differs from another, with its sign; nothing as ±0."""
    if value == first:
        return "\u00b10"
    apart = value - first
    return ("+" if apart > 0 else "") + figure(int(apart) if apart.is_integer() else apart)


def duration(seconds: float | None) -> str:
    """Give ``40 ms``, ``0.4 s``, ``12 s``, ``3 min 5 s``, ``2 h 10 min``."""
    if seconds is None:
        return "\u2013"
    if 0 < seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def share(part: int, total: int) -> str:
    """Give a share as a percentage with one decimal; a dash of nothing."""
    return f"{part / total:.1%}" if total else "\u2013"


def size(count: int) -> str:
    """Give bytes as ``812 bytes``, ``41.2 KB``, ``3.5 MB``."""
    if count < 1000:
        return f"{count} bytes"
    thousands, unit = count / 1000, "KB"
    for larger in ("MB", "GB", "TB"):
        if thousands < 999.95:
            break
        thousands, unit = thousands / 1000, larger
    return f"{thousands:.1f} {unit}"


def number(value: Any) -> float | None:
    """Read a figure as Clarify writes it: infinities are strings, and null is undefined."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return None if found != found else found

"""Figures as people read them in a table."""

import json

from specimen.spec.model import Json


def figure(value: Json) -> str:
    """Four digits or the whole ones, with thousands marked; None as `undefined`, texts as they are."""
    match value:
        case None:
            return "undefined"
        case bool() | str():
            return str(value)
        case int():
            return f"{value:,}"
        case float():
            return _finite(value)
        case _:
            return json.dumps(value)


def _finite(value: float) -> str:
    size = abs(value)
    if 0.001 <= size < 1000 or value == 0:
        return f"{value:.4f}"
    return f"{value:,.{1 if size < 10_000 else 0}f}" if 1000 <= size < 1e9 else f"{value:.4g}"

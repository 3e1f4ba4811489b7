"""Figures as people read them in a table."""

import json

from specimen.spec.model import Json


def figure(value: Json) -> str:
    """Four digits; integers whole with thousands marked, None as `undefined`, texts as they are."""
    match value:
        case None:
            return "undefined"
        case bool() | str():
            return str(value)
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.4f}" if 0.001 <= abs(value) < 1000 or value == 0 else f"{value:.4g}"
        case _:
            return json.dumps(value)

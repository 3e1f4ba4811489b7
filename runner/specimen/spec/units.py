"""Durations and sizes the way people write them."""

import re

SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
GIBIBYTES = {"Gi": 1, "Ti": 1_024}


def seconds(text: str) -> int:
    """A duration such as ``1h``, ``90s`` or ``1h30m``, in seconds.

    Raises:
        ValueError: the text is no duration.
    """
    parts = re.findall(r"([0-9]+)([dhms])", text)
    if not parts or "".join(map("".join, parts)) != text:
        raise ValueError(f"{text!r} is no duration")
    return sum(int(number) * SECONDS[unit] for number, unit in parts)


def gibibytes(text: str) -> int:
    """A size such as ``5Gi`` or ``1Ti``, in GiB.

    Raises:
        ValueError: the text is no size.
    """
    if not (match := re.fullmatch(r"([0-9]+)(Gi|Ti)", text)):
        raise ValueError(f"{text!r} is no size")
    return int(match[1]) * GIBIBYTES[match[2]]


def duration(total: int) -> str:
    """Seconds the way people write them: 5400 is ``1h30m``."""
    parts = []
    for unit, size in SECONDS.items():
        count, total = divmod(total, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"

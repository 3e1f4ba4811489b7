"""A rule's parameters: typed fields of its class, read from the texts that a request carries."""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from specimen_jobs.container import JobError

LISTS: Final = "tuple[str, ...]"
KINDS: Final = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    LISTS: "texts with commas between them",
}


@dataclass(frozen=True)
class Limits:
    """What a number may be: from `lowest` to `highest`, or strictly between `above` and `below`."""

    lowest: float = -math.inf
    highest: float = math.inf
    above: float = -math.inf
    below: float = math.inf

    def hold(self, value: float) -> bool:
        """Tell whether the value is allowed."""
        return self.lowest <= value <= self.highest and self.above < value < self.below

    @property
    def text(self) -> str:
        """What they say, for a message."""
        words = {"at least": self.lowest, "above": self.above, "at most": self.highest, "below": self.below}
        return " and ".join(f"{word} {limit:g}" for word, limit in words.items() if math.isfinite(limit))


@dataclass(frozen=True)
class Parameter:
    """A parameter that a rule takes; `kind` is one of `KINDS`, and `default` is None where a value may be absent."""

    name: str
    kind: str
    default: Any
    limits: Limits

    def read(self, text: str) -> Any:
        """Return the value that a text stands for; raise ValueError with what is needed."""
        value = _value(self.kind, text.strip())
        if self.kind in ("int", "float") and not self.limits.hold(value):
            raise ValueError(f"{KINDS[self.kind]} {self.limits.text}")
        return value


def limited(default: Any, **limits: float) -> Any:
    """Return a rule's field with a default and limits."""
    return field(default=default, metadata={"limits": Limits(**limits)})


def parameters(rule: type) -> tuple[Parameter, ...]:
    """Return what a rule's class takes beside the trials that it reads."""
    return tuple(
        Parameter(given.name, str(given.type).removesuffix(" | None"), _default(given), _limits(given))
        for given in dataclasses.fields(rule)
        if given.init and str(given.type).removesuffix(" | None") in KINDS
    )


def read(rule: str, known: Sequence[Parameter], given: Mapping[str, str]) -> dict[str, Any]:
    """Return the given values by name; raise JobError for a name that the rule does not take, or a wrong value."""
    by_name = {parameter.name: parameter for parameter in known}
    found: dict[str, Any] = {}
    for name, text in given.items():
        if name not in by_name:
            raise JobError(f"{rule} has no parameter {name}{_hint(name, list(by_name))}")
        try:
            found[name] = by_name[name].read(text)
        except ValueError as error:
            raise JobError(f"{rule}: {name} must be {error}, not {text!r}") from None
    return found


def _hint(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; it takes {', '.join(sorted(names))}" if names else "; it takes none"


def _default(given: dataclasses.Field[Any]) -> Any:
    return None if given.default is dataclasses.MISSING else given.default


def _limits(given: dataclasses.Field[Any]) -> Limits:
    return given.metadata["limits"] if "limits" in given.metadata else Limits()


def _value(kind: str, text: str) -> Any:
    match kind:
        case "bool" if text.lower() in ("true", "false", "1", "0"):
            return text.lower() in ("true", "1")
        case "int" if re.fullmatch(r"[+-]?\d{1,18}", text):
            return int(text)
        case "float":
            return _number(text)
        case "str" if text:
            return text
        case "tuple[str, ...]" if _list(text):
            return _list(text)
    raise ValueError(KINDS[kind])


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(KINDS["float"])
    return value


def _list(text: str) -> tuple[str, ...]:
    """Split at commas, or take a JSON array of texts, in which a pattern may have commas of its own."""
    if text.startswith("["):
        try:
            items = json.loads(text)
        except ValueError:
            items = None  # a pattern may begin with a set of characters
        if isinstance(items, list) and all(isinstance(item, str) for item in items):
            return tuple(items)
    return tuple(item.strip() for item in text.split(",") if item.strip())

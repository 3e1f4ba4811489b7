"""What a service model says of a value, as a function: the shapes are gone through once, not for every value.

A check returns all that does not fit, none if the value fits; it is worded as AWS words it: ``Value '0' at
'resourceConfig.instanceCount' failed to satisfy constraint: …``.
"""

import base64
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from specimen.emulator.protocol.patterns import compiled

Shape = Mapping[str, Any]
_LIMITS = {"integer": 2**31, "long": 2**63}


@dataclass(frozen=True)
class Violation:
    """What is wrong at `place`, which begins with a dot; `wire`: the value cannot even be read as the member's type.

    `before` and `after` are the sentence around the place.
    """

    before: str
    after: str
    place: str = ""
    wire: bool = False

    @property
    def path(self) -> str:
        """Return where it is, from the message down: ``tags.2.member.key``."""
        return self.place.removeprefix(".")

    @property
    def text(self) -> str:
        """Return AWS's sentence."""
        return f"{self.before} '{self.path}'{self.after}"


Found = tuple[Violation, ...]
Check = Callable[[object], Found]
_NONE: Found = ()


class Checks:
    """The checks of a model's shapes, each made when it is first asked for."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self._shapes = shapes
        self._made: dict[str, Check] = {}
        self._begun: set[str] = set()
        self._lock = threading.RLock()

    def of(self, shape: str) -> Check:
        """Return the check of a shape."""
        return self._made.get(shape) or self._make(shape)

    def _make(self, shape: str) -> Check:
        with self._lock:
            if shape in self._made:
                return self._made[shape]
            if shape in self._begun:  # it contains itself: its check is asked for when it is there
                return lambda value: self.of(shape)(value)
            self._begun.add(shape)
            self._made[shape] = self._new(self._shapes[shape])
            return self._made[shape]

    def _new(self, model: Shape) -> Check:
        if model.get("document"):
            return lambda value: _NONE
        match str(model["type"]):
            case "structure":
                members = {name: self.of(member["shape"]) for name, member in model.get("members", {}).items()}
                return structure(members, model.get("required", ()), bool(model.get("union")))
            case "map":
                return _map(model, self.of(model["key"]["shape"]), self.of(model["value"]["shape"]))
            case "list":
                return _list(model, self.of(model["member"]["shape"]))
            case "string":
                return _enumerated(model["enum"]) if "enum" in model else _string(model)
            case "blob":
                return _blob
            case "boolean":
                return _boolean
            case kind:
                return _number(model, kind)


def structure(members: Mapping[str, Check], required: Sequence[str] = (), union: bool = False) -> Check:
    """Make the check of a structure; a member that is null counts as absent."""

    def check(value: object) -> Found:
        if not isinstance(value, dict):
            return _unreadable(value, "structure")
        found = _NONE
        for name in required:
            if value.get(name) is None:
                found += _within(_step(name), _broken("null", "Member must not be null"))
        for name, item in value.items():
            member = members.get(name)
            if member is None:
                found += (Violation("Unknown member", "", _step(name)),)
            elif item is not None and (wrong := member(item)):
                found += _within(_step(name), wrong)
        if union and len([item for item in value.values() if item is not None]) != 1:
            found += _broken(value, f"Exactly one member of: {', '.join(members)} must be set")
        return found

    return check


def _map(model: Shape, key: Check, value: Check) -> Check:
    size = _size(model)

    def check(given: object) -> Found:
        if not isinstance(given, dict):
            return _unreadable(given, "map")
        found = size(given)
        for name, item in given.items():
            if wrong := key(name):
                found += _within(f".{name}.key", wrong)
            if wrong := value(item):
                found += _within(f".{name}.value", wrong)
        return found

    return check


def _list(model: Shape, member: Check) -> Check:
    size = _size(model)

    def check(value: object) -> Found:
        if not isinstance(value, list | tuple):
            return _unreadable(value, "list")
        found = size(value)
        for number, item in enumerate(value, 1):
            if wrong := member(item):
                found += _within(f".{number}.member", wrong)
        return found

    return check


def _string(model: Shape) -> Check:
    least, most, pattern = model.get("min", 0), model.get("max", math.inf), model.get("pattern")
    size = _size(model)
    matches: Callable[[str], object] | None = None  # made with the first value, since most patterns never see one

    def check(value: object) -> Found:
        nonlocal matches
        if not isinstance(value, str):
            return _unreadable(value, "string")
        if not least <= len(value) <= most:  # and not matched: what that costs grows with the length
            return size(value)
        if pattern is None:
            return _NONE
        if matches is None:
            matches = compiled(pattern).fullmatch
        if not matches(value):
            return _broken(value, f"Member must satisfy regular expression pattern: {pattern}")
        return _NONE

    return check


def _enumerated(values: Sequence[str]) -> Check:
    allowed = frozenset(values)

    def check(value: object) -> Found:
        if not isinstance(value, str):
            return _unreadable(value, "string")
        if value not in allowed:
            return _broken(value, f"Member must satisfy enum value set: [{', '.join(values)}]")
        return _NONE

    return check


def _size(model: Shape) -> Callable[[Any], Found]:
    least, most = model.get("min", 0), model.get("max", math.inf)

    def check(value: Any) -> Found:
        if len(value) < least:
            return _broken(value, f"Member must have length greater than or equal to {least}")
        if len(value) > most:
            return _broken(value, f"Member must have length less than or equal to {most}")
        return _NONE

    return check


def _number(model: Shape, kind: str) -> Check:
    least, most = model.get("min", -math.inf), model.get("max", math.inf)
    limit, types = _LIMITS.get(kind, math.inf), (int,) if kind in _LIMITS else (int, float)

    def check(value: object) -> Found:
        if not isinstance(value, types) or isinstance(value, bool):
            return _unreadable(value, kind)
        if limit != math.inf and not -limit <= value < limit:
            return _unreadable(value, kind)
        if value < least:
            return _broken(value, f"Member must have value greater than or equal to {least}")
        if value > most:
            return _broken(value, f"Member must have value less than or equal to {most}")
        return _NONE

    return check


def _boolean(value: object) -> Found:
    return _NONE if isinstance(value, bool) else _unreadable(value, "boolean")


def _blob(value: object) -> Found:
    if isinstance(value, bytes):
        return _NONE
    try:
        base64.b64decode(value, validate=True)  # type: ignore[arg-type] # what is no text is a TypeError
    except (TypeError, ValueError):
        return _unreadable(value, "blob")
    return _NONE


def _within(step: str, found: Found) -> Found:
    return tuple(replace(violation, place=f"{step}{violation.place}") for violation in found)


def _step(name: str) -> str:
    return f".{name[:1].lower()}{name[1:]}"


def _broken(value: object, constraint: str) -> Found:
    shown = value if isinstance(value, str) else repr(value)
    return (Violation(f"Value '{shown}' at", f" failed to satisfy constraint: {constraint}"),)


def _unreadable(value: object, kind: str) -> Found:
    return (Violation(f"{_wire_name(value)} cannot be converted to {kind.capitalize()} at", "", wire=True),)


def _wire_name(value: object) -> str:
    match value:
        case bool():
            return f"{str(value).upper()}_VALUE"
        case str() | bytes():
            return "STRING_VALUE"
        case int():
            return "NUMBER_VALUE"
        case float():
            return "DECIMAL_VALUE"
        case None:
            return "NULL_VALUE"
        case dict():
            return "Start of structure or map found where not expected"
        case _:
            return "Start of list found where not expected"

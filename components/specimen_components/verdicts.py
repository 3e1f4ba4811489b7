"""Bounds on metrics → a verdict for each, with by how much it holds or fails."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from specimen_components.figures import short

Metrics = Mapping[str, Any]
FAIR = {"DI": 1.0}  # where a bias metric says that there is none; all others are differences or distances: 0


@dataclass(frozen=True)
class Measured:
    """The metrics that the gates of a trial may speak of; absent ones are empty."""

    metrics: Metrics  # name → figure: of the evaluation and of the training job
    bias: tuple[Metrics, ...]  # facet column → value or threshold → metric → figure; before and after training


@dataclass(frozen=True)
class Verdict:
    """Whether one gate holds; `value` is None when there is no figure, and then it does not hold."""

    gate: Mapping[str, Any]
    value: float | None
    holds: bool
    text: str

    def document(self) -> dict[str, Any]:
        """Return the verdict as JSON data; an infinite figure becomes the string that Clarify writes."""
        value: float | str | None = self.value
        if self.value is not None and math.isinf(self.value):
            value = "Infinity" if self.value > 0 else "-Infinity"
        return {"gate": dict(self.gate), "value": value, "holds": self.holds, "text": self.text}


def judge(
    gates: list[Mapping[str, Any]], measured: Measured, others: Mapping[str, Measured] = MappingProxyType({})
) -> tuple[Verdict, ...]:
    """Judge every gate; a bias gate is judged once for each value of its facet.

    A gate with ``against`` judges the difference from that trial's figure in `others`: of a metric as it is, of a bias
    metric how much further from fair this trial's is.
    """
    return tuple(
        _verdict(gate, *_compared(gate, name, value, others))
        for gate in gates
        for name, value in (list(_figures(gate, measured)) or [_none(gate)])
    )


def _compared(gate: Mapping[str, Any], name: str, value: Any, others: Mapping[str, Measured]) -> tuple[str, Any]:
    """Give the name and figure to judge: the trial's own, or its difference from another trial's."""
    if "against" not in gate:
        return name, value
    trial = str(gate["against"]["trial"])
    found = dict(_figures(gate, others.get(trial, Measured({}, ()))))
    ours, theirs = number(value), number(found.get(name))
    if ours is None:
        return name, None
    if theirs is None:
        return f"{name} of {trial}", None
    shown = f"{_shown(ours)}, of {trial} {_shown(theirs)}"
    if "metric" in gate:
        return f"{name} less that of {trial} ({shown})", ours - theirs
    fair = FAIR.get(gate["bias"], 0.0)
    return f"how much further {name} is from fair than that of {trial} ({shown})", abs(ours - fair) - abs(theirs - fair)


def _figures(gate: Mapping[str, Any], measured: Measured) -> Iterator[tuple[str, Any]]:
    """Yield what the gate speaks of, as (name, figure)."""
    if (metric := gate.get("metric")) is not None:
        if metric in measured.metrics:
            yield metric, measured.metrics[metric]
        return
    for side in measured.bias:
        for value, found in side.get(gate["facet"], {}).items():
            if gate["bias"] in found:
                yield f"{gate['bias']} of {gate['facet']} = {value}", found[gate["bias"]]


def _none(gate: Mapping[str, Any]) -> tuple[str, None]:
    return gate.get("metric") or f"{gate['bias']} of {gate['facet']}", None


def _verdict(gate: Mapping[str, Any], name: str, found: Any) -> Verdict:
    value, asked = number(found), _asked(gate)
    if value is None:
        return Verdict(gate, None, False, f"{name} has no figure, so that the gate cannot hold ({asked})")
    least, most = _bounds(gate)
    if value < least:
        return Verdict(gate, value, False, f"{name} is {_shown(value)}, {_shown(least - value)} too low ({asked})")
    if value > most:
        return Verdict(gate, value, False, f"{name} is {_shown(value)}, {_shown(value - most)} too high ({asked})")
    return Verdict(gate, value, True, f"{name} is {_shown(value)} ({asked})")


def _bounds(gate: Mapping[str, Any]) -> tuple[float, float]:
    least, most = gate.get("min"), gate.get("max")
    return -math.inf if least is None else float(least), math.inf if most is None else float(most)


def number(found: Any) -> float | None:
    """Return a figure as a float; Clarify writes infinities as strings, and null for what is undefined."""
    try:
        value = float(found)
    except (TypeError, ValueError):
        return None
    return None if math.isnan(value) else value


def _asked(gate: Mapping[str, Any]) -> str:
    match _bounds(gate):
        case least, math.inf:
            return f"asked: at least {_shown(least)}"
        case least, most if least == -math.inf:
            return f"asked: at most {_shown(most)}"
        case least, most:
            return f"asked: between {_shown(least)} and {_shown(most)}"


def _shown(value: float) -> str:
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    return short(value)

"""What a gate is told: its bounds, and the steps of other trials that it compares with."""

from collections.abc import Iterator, Mapping

from specimen.planning.trials import training_step
from specimen.spec.model import Gate, Json, Trial

Ids = Mapping[str, Mapping[str, str]]


def gates(trial: Trial, ids: Ids) -> list[Json]:
    """The trial's gates as the component takes them; `ids` are the steps by trial and kind."""
    found: list[Json] = []
    for gate in trial.gates:
        members = {
            "metric": gate.metric,
            "bias": gate.bias,
            "facet": gate.facet,
            "min": gate.minimum,
            "max": gate.maximum,
        }
        asked: dict[str, Json] = {key: value for key, value in members.items() if value is not None}
        if gate.against:
            asked["against"] = {"trial": gate.against, "steps": _measuring(gate, ids)}
        found.append(asked)
    return found


def compared(trial: Trial, ids: Ids) -> Iterator[str]:
    """The steps of other trials that must be done before the trial's gates are judged."""
    for gate in trial.gates:
        yield from map(str, _measuring(gate, ids) if gate.against else ())


def _measuring(gate: Gate, ids: Ids) -> list[Json]:
    """The steps of the other trial whose records hold the figure that a gate compares with."""
    other = ids[str(gate.against)]
    if gate.bias:
        return [other["bias-pre"], other["bias-post"]]
    return [other["evaluate"] if str(gate.metric).startswith("test:") else training_step(other)]

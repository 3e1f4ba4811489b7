"""A search as the report shows it: from what the tuning step recorded to axes, figures and jobs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specimen_components.report import influence


@dataclass(frozen=True)
class Axis:
    """A hyperparameter that was searched: its listed values, or numbers on an even or a logarithmic scale."""

    name: str
    choices: tuple[str, ...] | None
    logarithmic: bool = False
    whole: bool = False

    def place(self, value: str) -> float:
        """Give where a value lies, in no unit."""
        if self.choices is not None:
            return float(self.choices.index(value)) if value in self.choices else 0.0
        return math.log10(float(value)) if self.logarithmic else float(value)


@dataclass(frozen=True)
class Job:
    """One training job; `objective` is None where it measured none."""

    number: int
    name: str
    status: str
    objective: float | None
    best_so_far: float | None
    hyperparameters: Mapping[str, str]
    started: str | None
    ended: str | None
    reason: str | None


def axes(ranges: Mapping[str, Any]) -> tuple[Axis, ...]:
    """Give the searched hyperparameters by name, from a tuning job's `ParameterRanges`."""
    found = [
        Axis(one["Name"], None, one.get("ScalingType") == "Logarithmic", whole)
        for kind, whole in (("IntegerParameterRanges", True), ("ContinuousParameterRanges", False))
        for one in ranges.get(kind, ())
    ]
    found += [Axis(one["Name"], tuple(one["Values"])) for one in ranges.get("CategoricalParameterRanges", ())]
    return tuple(sorted(found, key=lambda axis: axis.name))


def jobs(rows: Sequence[Mapping[str, Any]]) -> tuple[Job, ...]:
    """Give the training jobs in the order in which they were made, counted from one."""
    return tuple(Job(number=number, **row) for number, row in enumerate(rows, 1))


def measured(found: Sequence[Job]) -> tuple[Job, ...]:
    """Give the jobs that have an objective."""
    return tuple(job for job in found if job.objective is not None and math.isfinite(job.objective))


def influences(searched: Sequence[Axis], found: Sequence[Job]) -> dict[str, float]:
    """Give each hyperparameter's share of the objective's variance, the largest first; none of too few jobs."""
    known = measured(found)
    if len(known) < influence.FEWEST:
        return {}
    objectives = [float(job.objective or 0) for job in known]
    shares = {}
    for axis in searched:
        values = [job.hyperparameters[axis.name] for job in known]
        if axis.choices is None:
            shares[axis.name] = influence.of_numbers([float(value) for value in values], objectives)
        else:
            shares[axis.name] = influence.of_choices(values, objectives)
    return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))


def chance(searched: Sequence[Axis], found: Sequence[Job]) -> float:
    """Give the largest share that any of them would have by chance alone, on average."""
    count = len(measured(found))
    return max(influence.by_chance(count, len(axis.choices) if axis.choices else None) for axis in searched)

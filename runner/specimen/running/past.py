"""What the trials of runs came to, as ``run.json`` keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from specimen.errors import SpecimenError, UsageError
from specimen.running import runs
from specimen.running.outcome import State
from specimen.running.runs import AGAIN
from specimen.spec.model import Json
from specimen.spec.words import several

FIGURES = frozenset({"evaluation", "endpoint", "training", "bias", "shap"})  # without these a trial came to nothing

Group = Mapping[str, Json]  # kind, title, rows; as the report's results have it


@dataclass(frozen=True)
class Result:
    """What one trial of a run came to; `alone` says that the run has no other."""

    run: Path
    trial: str
    alone: bool
    groups: tuple[Group, ...]

    @property
    def name(self) -> str:
        """The name by which it can be asked for."""
        return self.run.name if self.alone else f"{self.run.name}/{self.trial}"


def find(state: Path, names: Sequence[str]) -> tuple[Result, ...]:
    """The results that are meant: each name is a run's, with all its trials, or a run's and a trial's (``RUN/TRIAL``).

    A run is named by its folder's name, a path to it, or ``latest``.

    Raises:
        UsageError: there is no such run or trial, its file cannot be read, or one thing is named twice or alone.
        SpecimenError: a run's file is damaged, or holds no results.
    """
    found = [result for name in names for result in _named(state, name)]
    for index, result in enumerate(found):
        if any((result.run, result.trial) == (other.run, other.trial) for other in found[:index]):
            raise UsageError(
                f"{result.name} would be compared with itself",
                hint="name each run or trial once, and a run or its trials",
            )
    if len(found) == 1:
        raise UsageError(
            f"there is nothing to compare {found[0].name} with", hint="name another run or trial, or a run with several"
        )
    return tuple(found)


def _named(state: Path, name: str) -> Sequence[Result]:
    run, trial = runs.find(state, name)
    results = _results(run)
    if trial is None:
        return results
    chosen = [result for result in results if result.trial == trial]
    if not chosen:
        raise runs.unknown_trial(run, trial, [result.trial for result in results])
    _not_empty(run, chosen)
    return chosen


def _results(run: Path) -> tuple[Result, ...]:
    """What each trial of the run came to; at least one of them came to something."""
    document = runs.read(run)
    match document.get("results"):
        case [_, *_] as kept:
            found = tuple(_result(run, one, len(kept)) for one in kept)
        case None:
            raise SpecimenError(f"run {run.name} has no results{_why(document)}", hint=AGAIN)
        case _:
            raise runs.damaged(run, "`results` is no list of trials")
    _not_empty(run, found)
    return found


def _not_empty(run: Path, found: Sequence[Result]) -> None:
    if not any(group["rows"] for result in found for group in result.groups if group["kind"] in FIGURES):
        names = "" if found[0].alone else f" for {several([result.trial for result in found])}"
        raise SpecimenError(
            f"run {run.name} has no results{names}: no step that measures something succeeded",
            hint=f"see {run / 'report.html'}",
        )


def _why(document: Mapping[str, Json]) -> str:
    match document.get("state"):
        case State.RUNNING.value:
            return " yet: it is still going, or was killed"
        case State.STOPPED.value | State.FAILED.value as state:
            return f": it {'was stopped' if state == State.STOPPED.value else 'failed'} before its report was written"
        case _:
            return ": the version of Specimen that wrote it kept none"


def _result(run: Path, kept: Json, trials: int) -> Result:
    match kept:
        case {"trial": str() as trial, "groups": [*groups]} if all(map(_is_group, groups)):
            return Result(run, trial, trials == 1, tuple(group for group in groups if isinstance(group, Mapping)))
        case _:
            raise runs.damaged(run, "a trial among its `results` is not as Specimen writes it")


def _is_group(group: Json) -> bool:
    match group:
        case {"kind": str(), "title": str(), "rows": [*rows]}:
            return all(map(_is_row, rows))
        case _:
            return False


def _is_row(row: Json) -> bool:
    match row:
        case {"name": str(), "value": None | bool() | int() | float() | str(), **more}:
            return isinstance(more.get("ideal"), int | float | None) and isinstance(more.get("note"), str | None)
        case _:
            return False

"""The runs that there were: found by name, and what their trials came to, as ``run.json`` keeps it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from specimen.errors import SpecimenError, UsageError
from specimen.running.outcome import State
from specimen.spec.model import Json
from specimen.spec.words import closest, several

LATEST = "latest"
AGAIN = "run its spec again; what is done already is used"
FIGURES = frozenset({"evaluation", "training", "bias", "shap"})  # the groups without which a trial came to nothing

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
    run, trial = _folder(state, name), None
    if run is None and "/" in name.rstrip("/"):
        before, _, trial = name.rstrip("/").rpartition("/")
        run = _folder(state, before)
    if run is None:
        raise _unknown(state, name)
    results = _results(run)
    if trial is None:
        return results
    chosen = [result for result in results if result.trial == trial]
    if not chosen:
        names = [result.trial for result in results]
        raise UsageError(f"run {run.name} has no trial `{trial}`", hint=_meant(trial, names, "its trials are"))
    _not_empty(run, chosen)
    return chosen


def _folder(state: Path, name: str) -> Path | None:
    """The run's folder, with all links followed, so that one folder has one name."""
    if name == LATEST:
        runs = sorted((_started(run), run) for run in _runs(state))
        return runs[-1][1].resolve() if runs else None
    places = (state / "runs" / name, state / name, Path(name))
    return next((place.resolve() for place in places if _is_run(place)), None)


def _is_run(folder: Path) -> bool:
    try:
        return (folder / "run.json").exists()
    except (OSError, ValueError) as error:
        raise UsageError(f"{str(folder)!r} cannot be the name of a run: {error}") from error


def _runs(state: Path) -> Iterator[Path]:
    try:
        yield from (path for path in sorted((state / "runs").iterdir()) if (path / "run.json").exists())
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise UsageError(f"cannot read {state / 'runs'}: {error.strerror}") from error


def _started(run: Path) -> str:
    """When the run began; a file that cannot be read makes its run none of the later ones."""
    try:
        return str(_read(run).get("started") or "")
    except SpecimenError:
        return ""


def _unknown(state: Path, name: str) -> UsageError:
    known = [run.name for run in _runs(state)]
    if not known:
        return UsageError(
            f"there is no run in {state / 'runs'}", hint="name the state folder with --state, or run a spec"
        )
    return UsageError(f"there is no run `{name}` in {state / 'runs'}", hint=_meant(name, known, "there are"))


def _meant(name: str, known: Sequence[str], else_: str) -> str:
    near = closest(name, known)
    return f"did you mean `{near}`?" if near else f"{else_} {several(known)}"


def _results(run: Path) -> tuple[Result, ...]:
    """What each trial of the run came to; at least one of them came to something."""
    document = _read(run)
    match document.get("results"):
        case [_, *_] as kept:
            found = tuple(_result(run, one, len(kept)) for one in kept)
        case None:
            raise SpecimenError(f"run {run.name} has no results{_why(document)}", hint=AGAIN)
        case _:
            raise _damaged(run, "`results` is no list of trials")
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
            raise _damaged(run, "a trial among its `results` is not as Specimen writes it")


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


def _read(run: Path) -> Mapping[str, Json]:
    path = run / "run.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(run, f"it is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise _damaged(run, "it is no JSON object")
    return document


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _damaged(run: Path, why: str) -> SpecimenError:
    return SpecimenError(f"{run / 'run.json'} cannot be used: {why}", hint=AGAIN)

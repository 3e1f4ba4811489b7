"""The folders of the runs that there were: found by name, and their ``run.json`` read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from specimen.errors import SpecimenError, UsageError
from specimen.spec.model import Json
from specimen.spec.words import closest, several

LATEST = "latest"
AGAIN = "run its spec again; what is done already is used"


def find(state: Path, name: str) -> tuple[Path, str | None]:
    """The folder of the run that is meant, and the trial if one is named (``RUN/TRIAL``).

    A run is named by its folder's name, a path to it, or ``latest``.

    Raises:
        UsageError: there is no such run.
    """
    run, trial = _folder(state, name), None
    if run is None and "/" in name.rstrip("/"):
        before, _, trial = name.rstrip("/").rpartition("/")
        run = _folder(state, before)
    if run is None:
        raise _unknown(state, name)
    return run, trial


def known(state: Path, name: str) -> bool:
    """Whether the name is a run's; one of a trial of a run is not."""
    return _folder(state, name) is not None


def unknown_trial(run: Path, trial: str, names: Sequence[str]) -> UsageError:
    """The error for a trial that the run does not have."""
    return UsageError(f"run {run.name} has no trial `{trial}`", hint=_meant(trial, names, "its trials are"))


def read(run: Path) -> Mapping[str, Json]:
    """What ``run.json`` says.

    Raises:
        UsageError: the file cannot be read.
        SpecimenError: it is damaged.
    """
    path = run / "run.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise damaged(run, f"it is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise damaged(run, "it is no JSON object")
    return document


def damaged(run: Path, why: str) -> SpecimenError:
    """The error for a run whose file is not as Specimen writes it."""
    return SpecimenError(f"{run / 'run.json'} cannot be used: {why}", hint=AGAIN)


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
        return str(read(run).get("started") or "")
    except SpecimenError:
        return ""


def _unknown(state: Path, name: str) -> UsageError:
    known = [run.name for run in _runs(state)]
    if not known:
        return UsageError(
            f"there is no run in {state / 'runs'}", hint="name the state folder with --state, or run a spec"
        )
    meant = f"did you mean `{LATEST}`?" if closest(name, [*known, LATEST]) == LATEST else None
    return UsageError(f"there is no run `{name}` in {state / 'runs'}", hint=meant or _meant(name, known, "there are"))


def _meant(name: str, known: Sequence[str], else_: str) -> str:
    near = closest(name, known)
    return f"did you mean `{near}`?" if near else f"{else_} {several(known)}"


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")

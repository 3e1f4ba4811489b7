"""Saved tensors as data: which are meant, and what they were at which steps."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specimen.errors import SpecimenError, UsageError
from specimen.spec.words import closest, several

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from specimen_tensors.series import Series
    from specimen_tensors.trial import Trial

LAST = "last"  # a step
_DIGITS = re.compile(r"([0-9]{1,18})")


@dataclass(frozen=True)
class Verdict:
    """What a rule's evaluation came to, in AWS's words."""

    name: str
    status: str
    details: str | None


@dataclass(frozen=True)
class Saved:
    """Tensors and where they are; and what a run knows beside: its features' columns, verdicts and rules' reports."""

    where: str
    trial: "Trial"
    features: tuple[str, ...] = ()
    rules: tuple[Verdict, ...] = ()
    reports: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Choice:
    """What is asked for: names, and all in any of the collections whose name the pattern is found in; and steps."""

    names: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    regex: str | None = None
    steps: tuple[int | str, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether all tensors are meant, at all steps."""
        return not (self.names or self.collections or self.regex is not None or self.steps)


@dataclass(frozen=True)
class Tensor:
    """A tensor, the column that it speaks of, and its values at the steps; None where they were not asked for."""

    name: str
    feature: str | None
    collections: tuple[str, ...]
    steps: tuple[int, ...]
    values: "tuple[NDArray[Any], ...] | None" = None


def listed(saved: Saved) -> tuple[Tensor, ...]:
    """All tensors, without their values.

    Raises:
        SpecimenError: a file is damaged.
    """
    with reading(saved.where):
        return tuple(_tensor(saved, name, saved.trial.steps(name)) for name in _known(saved))


def read(saved: Saved, choice: Choice) -> tuple[Tensor, ...]:
    """The chosen tensors with their values at the chosen steps.

    Raises:
        UsageError: there is no such tensor, collection or step, or the pattern is none.
        SpecimenError: a file is damaged.
    """
    with reading(saved.where):
        steps = {name: _steps(saved, name, choice) for name in names(saved, choice)}
        wanted = sorted({step for own in steps.values() for step in own})
        if not wanted:
            raise _no_step(saved, choice)
        values: dict[str, list[NDArray[Any]]] = {name: [] for name in steps}
        for step in wanted:  # a step's tensors stand in one file
            for name, own in steps.items():
                if step in own:
                    values[name].append(saved.trial.value(name, step))
        return tuple(_tensor(saved, name, own, values[name]) for name, own in steps.items() if own)


def names(saved: Saved, choice: Choice) -> tuple[str, ...]:
    """The names of the chosen tensors, those named first.

    Raises:
        UsageError: there is no such tensor or collection, the pattern is none, or nothing is chosen.
    """
    known = _known(saved)
    for name in choice.names:
        if name not in known:
            raise UsageError(f"there is no tensor `{name}` in {saved.where}", hint=_meant(name, known))
    if choice.names and not choice.collections and choice.regex is None:
        return tuple(dict.fromkeys(choice.names))
    held = {name for one in choice.collections for name in _members(saved, one)} if choice.collections else set(known)
    found = [name for name in known if name in held and _pattern(choice).search(name)]
    if not found:
        among = f" of {several(choice.collections)}" if choice.collections else ""
        raise UsageError(f"no tensor{among} matches `{choice.regex}`", hint=_meant(str(choice.regex), known))
    return tuple(dict.fromkeys((*choice.names, *found)))


def series(saved: Saved, choice: Choice, kind: str, most: int) -> "Series":
    """The courses of the chosen tensors of a kind, as `Limits` has them; of features, so many.

    Raises:
        UsageError: there is no such tensor or collection, or the pattern is none.
        SpecimenError: a file is damaged.
    """
    from specimen_tensors import series as courses

    with reading(saved.where):
        limits = courses.Limits(kinds=(kind,), features=most)
        return courses.read(saved.trial, saved.features, frozenset(names(saved, choice)), limits)


@contextmanager
def reading(where: str) -> Iterator[None]:
    """Say what goes wrong while tensors are read.

    Raises:
        SpecimenError: a file is damaged.
        UsageError: a file cannot be read.
    """
    from specimen_tensors.errors import LayoutError

    try:
        yield
    except LayoutError as error:
        raise SpecimenError(f"{where}: {error}", hint="what was saved there is damaged; save it again") from error
    except OSError as error:
        raise UsageError(f"cannot read {error.filename or where}: {error.strerror or error}") from error


def _known(saved: Saved) -> tuple[str, ...]:
    """All names, f2 before f10."""
    return tuple(sorted(saved.trial.tensor_names(), key=lambda name: [_place(part) for part in _DIGITS.split(name)]))


def _place(part: str) -> tuple[int, str]:
    return (int(part), "") if part.isascii() and part.isdigit() else (-1, part)


def _members(saved: Saved, collection: str) -> tuple[str, ...]:
    found = saved.trial.tensor_names(collection)
    if found:
        return found
    used = [name for name in saved.trial.collections() if saved.trial.tensor_names(name)]
    if collection in saved.trial.collections():
        raise UsageError(f"no tensor of the collection `{collection}` was saved", hint=f"there are {several(used)}")
    raise UsageError(f"there is no collection `{collection}` in {saved.where}", hint=_meant(collection, used))


def _pattern(choice: Choice) -> re.Pattern[str]:
    try:
        return re.compile(choice.regex or "")
    except re.error as error:
        raise UsageError(f"`{choice.regex}` is no regular expression: {error}") from error


def _steps(saved: Saved, name: str, choice: Choice) -> tuple[int, ...]:
    saved_at = saved.trial.steps(name)
    if not choice.steps:
        return saved_at
    wanted = {saved_at[-1] if step == LAST and saved_at else step for step in choice.steps}
    return tuple(step for step in saved_at if step in wanted)


def _no_step(saved: Saved, choice: Choice) -> UsageError:
    wanted = ", ".join(map(str, choice.steps))
    there = [str(step) for step in saved.trial.steps()]
    return UsageError(f"nothing that is asked for was saved at step {wanted}", hint=f"there are {several(there)}")


def _tensor(saved: Saved, name: str, steps: tuple[int, ...], values: "Sequence[NDArray[Any]] | None" = None) -> Tensor:
    from specimen_tensors.series import feature

    last = name.rpartition("/")[2]
    column = feature(last, saved.features) if "/" in name else last
    collections = tuple(key for key, one in saved.trial.collections().items() if one.includes(name))
    return Tensor(
        name, column if column != last else None, collections, steps, None if values is None else tuple(values)
    )


def _meant(name: str, known: Sequence[str]) -> str:
    near = closest(name, known)
    return f"did you mean `{near}`?" if near else f"there are {several(known)}"

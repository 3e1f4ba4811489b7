"""What a rule reads: the tensors of a training job, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class NotSaved(Exception):
    """What a rule reads is not there at a step; the message says what it looked for."""


class Reader(Protocol):
    """A trial as `specimen_tensors.trial.Trial` reads it; XGBoost saves every step in one mode."""

    @property
    def ended(self) -> bool:
        """Whether the training has said that it saves nothing more."""

    def refresh(self) -> None:
        """Look for new files."""

    def collections(self) -> Mapping[str, Any]:
        """Return the collections by name."""

    def tensor_names(self, collection: str | None = None, regex: str | None = None) -> Sequence[str]:
        """Return the names of saved tensors."""

    def steps(self, name: str | None = None) -> Sequence[int]:
        """Return the whole steps, of a tensor or of all, in order."""

    def value(self, name: str, step: int) -> Array:
        """Return a tensor's value at a step; raise KeyError where it was not saved."""


def chosen(trial: Reader, collections: Iterable[str] = (), regexes: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of the tensors in any of the collections, or with any of the patterns, each once, in order."""
    known = trial.collections()
    names: set[str] = set()
    for collection in collections:
        if collection in known:
            names.update(trial.tensor_names(collection=collection))
    for regex in regexes:
        names.update(trial.tensor_names(regex=regex))
    return tuple(sorted(names))


def values(trial: Reader, names: Iterable[str], step: int) -> dict[str, Array]:
    """Return the tensors among the names that were saved at the step."""
    found = {}
    for name in names:
        with suppress(KeyError):  # asking which steps it has would look at all of them each time
            found[name] = trial.value(name, step)
    return found


def numbers(trial: Reader, names: Iterable[str], step: int) -> dict[str, Array]:
    """Return those saved at the step that hold numbers; names of features and the like are left out."""
    return {name: value for name, value in values(trial, names, step).items() if value.dtype.kind in "biuf"}


def scalars(trial: Reader, names: Iterable[str], step: int) -> dict[str, float]:
    """Return those saved at the step that are one number each."""
    found = numbers(trial, names, step)
    return {name: float(np.ravel(value)[0]) for name, value in found.items() if value.size == 1}

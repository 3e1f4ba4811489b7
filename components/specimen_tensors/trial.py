"""A training's saved tensors, as they are so far.

Source: smdebug 1.0.34, trials/trial.py and core/tensor.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from specimen_tensors import collections, events, index, names, records
from specimen_tensors.arrays import Array
from specimen_tensors.collections import Collection
from specimen_tensors.errors import LayoutError
from specimen_tensors.files import Files

Location = tuple[str, index.Place]  # an event file, and where in it


class Trial:
    """Reads a trial's files; what comes later is seen after `refresh`, which a new trial has done once.

    A step counts when all workers have written it, when they have written a later one, or when training has ended; none
    does before there are collections, which are written right after the first: nobody could tell what it belongs to.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._collections: dict[str, Collection] = {}
        self._expected = 1  # workers
        self._workers: set[str] = set()
        self._read: set[str] = set()
        self._tensors: dict[str, dict[int, dict[str, Location]]] = {}  # name -> step -> worker -> where
        self._writers: dict[int, set[str]] = {}  # step -> the workers that have written it
        self.ended = False
        self.refresh()

    @property
    def workers(self) -> tuple[str, ...]:
        return tuple(sorted(self._workers))

    def refresh(self) -> None:
        """Read the index files that are new; raise LayoutError for a damaged one."""
        ended = self.ended or names.END in self._files.names(names.END)  # asked first: all that it ends is then there
        self._read_collections()
        for name in self._files.names(names.INDEX):
            parsed = names.parse_index_file(name)
            if parsed and name not in self._read:
                self._add(*parsed, index.load(self._files.read(name), name))
                self._read.add(name)
        self.ended = ended

    def _read_collections(self) -> None:
        if self._collections and len(self._workers) >= self._expected:
            return
        found = [name for name in self._files.names(names.COLLECTIONS) if names.parse_collections_file(name)]
        if found:
            self._collections, self._expected = collections.load(self._files.read(found[0]), found[0])
            self._workers = {str(names.parse_collections_file(name)) for name in found}

    def _add(self, step: int, worker: str, content: index.Index) -> None:
        self._writers.setdefault(step, set()).add(worker)
        for place in content.places:
            self._tensors.setdefault(place.tensor, {}).setdefault(step, {})[worker] = (content.event_file, place)

    def collections(self) -> Mapping[str, Collection]:
        """Return the collections by name; there are none before the first step is saved."""
        return self._collections

    def tensor_names(self, collection: str | None = None, regex: str | None = None) -> tuple[str, ...]:
        """Return the tensors' names, sorted: all, those of a collection, those in which a pattern is found, or both."""
        found: Iterable[str] = self._tensors
        if collection is not None:
            group = self._collections.get(collection, Collection(collection))
            found = [name for name in found if group.includes(name)]
        if regex is not None:
            found = [name for name in found if re.search(regex, name)]
        return tuple(sorted(found))

    def steps(self, name: str | None = None) -> tuple[int, ...]:
        """Return the whole steps at which a tensor, or any, was saved; raise KeyError for an unknown one."""
        written: Iterable[int] = self._writers if name is None else self._tensors[name]
        if not (self._collections or self.ended):
            return ()
        whole = max((step for step, by in self._writers.items() if len(by) >= self._expected), default=-1)
        return tuple(sorted(step for step in written if self.ended or step <= whole))

    def value(self, name: str, step: int) -> Array:
        """Return a tensor at a step, of the first worker if several saved it.

        Raises:
            KeyError: there is no such tensor, or it was not saved at this step.
            LayoutError: its record is missing or damaged.
        """
        _, (file, place) = min(self._tensors[name][step].items())
        try:
            return events.decode(records.unframe(self._files.read(file, place.start, place.length)))
        except FileNotFoundError:
            raise LayoutError(f"{file} is missing, where {name} at step {step} should stand") from None
        except LayoutError as error:
            raise LayoutError(f"{file}: {name} at step {step}: {error}") from None

    def values(self, name: str) -> Mapping[int, Array]:
        """Return a tensor by step."""
        return {step: self.value(name, step) for step in self.steps(name)}

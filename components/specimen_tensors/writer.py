"""Writes a trial's files whole, and each step's events before its index.

Source: smdebug 1.0.34, core/writer.py, core/access_layer/file.py and core/hook.py.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from specimen_tensors import arrays, collections, events, index, names, records
from specimen_tensors.collections import Collection
from specimen_tensors.modes import Mode


class Writer:
    """Writes one worker's tensors under a folder."""

    def __init__(self, path: Path, worker: str = "worker_0") -> None:
        self._path = path
        self._worker = worker

    def open(self) -> None:
        """Claim the folder, as smdebug does when its first step is saved; an earlier training's end is taken away."""
        self._path.mkdir(parents=True, exist_ok=True)
        (self._path / names.END).unlink(missing_ok=True)
        (self._path / names.CLAIM).touch()

    def write_step(
        self, step: int, tensors: Mapping[str, object], same: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Write a step's tensors; empty ones are left out, and a step without tensors leaves no file.

        Args:
            step: the global step.
            tensors: values by name: arrays, or scalars, which become arrays of length 1.
            same: further names of a tensor by its name; they share its record.
        """
        stream, places, now = bytearray(), [], time.time()
        for name, value in tensors.items():
            array = arrays.as_array(value)
            if not array.nbytes:
                continue
            record = records.frame(events.encode(events.Event(name, step, array, Mode.GLOBAL, step), now))
            also = (same or {}).get(name, ())
            places += [index.Place(each, len(stream), len(record)) for each in (name, *also)]
            stream += record
        if places:
            file = names.event_file(step, self._worker)
            self._put(file, bytes(stream))
            content = index.dump(index.Index(file, places, Mode.GLOBAL, step))
            self._put(names.index_file(step, self._worker), content)

    def write_collections(self, found: Mapping[str, Collection], workers: int = 1) -> None:
        """Write which tensors belong together."""
        self._put(names.collections_file(self._worker), collections.dump(found, workers))

    def close(self) -> None:
        """Mark the end of training."""
        self._put(names.END, b"")
        with suppress(FileNotFoundError):
            (self._path / names.CLAIM).unlink()

    def _put(self, name: str, content: bytes) -> None:
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + names.UNFINISHED)
        unfinished.write_bytes(content)
        unfinished.replace(path)

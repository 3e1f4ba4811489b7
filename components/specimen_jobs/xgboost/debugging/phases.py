"""How long each phase of a training took, as smdebug's framework timeline: Chrome's trace events, a file an interval.

Source: smdebug 1.0.34, core/tfevent/timeline_file_writer.py and core/locations.py.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from specimen_jobs.container import Container, read_json

MICROSECONDS: Final = 1_000_000
INTERVAL: Final = 60 * MICROSECONDS  # after which a file is closed and the next begun
SUFFIX: Final = "pythontimeline.json"


@dataclass(frozen=True)
class Phase:
    """Something that took some time; both times are in microseconds, the start since the epoch."""

    name: str
    start: int
    duration: int
    arguments: Mapping[str, Any]


class Phases:
    """Records phases, and writes them where there is a folder to write to."""

    def __init__(
        self, folder: Path | None = None, host: str = "algo-1", clock: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._node = f"{os.getpid()}-{host}".replace("_", "-")
        self._clock = clock
        self._waiting: list[Phase] = []
        self._base = self._since = self.now()  # what the times in a file count from, and when the last file was closed

    @property
    def active(self) -> bool:
        return self._folder is not None

    def now(self) -> int:
        """Return the time in microseconds since the epoch."""
        return round(self._clock() * MICROSECONDS)

    @contextmanager
    def phase(self, name: str, **arguments: Any) -> Iterator[None]:
        """Record how long what is done within takes."""
        start = self.now()
        try:
            yield
        finally:
            self.record(name, start, **arguments)

    def record(self, name: str, start: int, **arguments: Any) -> None:
        """Record a phase that began at a time and ends now."""
        now = self.now()
        if self._folder is None:
            return
        self._waiting.append(Phase(name, start, now - start, arguments))
        if now - self._since > INTERVAL:
            self.write()

    def write(self) -> None:
        """Write what has been recorded since the last file, which is named by the end of its last phase."""
        self._since = self.now()
        if self._folder is None or not self._waiting:
            return
        end = max(phase.start + phase.duration for phase in self._waiting)
        hour = time.strftime("%Y%m%d%H", time.gmtime(end / MICROSECONDS))
        path = self._folder / "framework" / "pevents" / hour / f"{end}_{self._node}_{SUFFIX}"
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.tmp")
        unfinished.write_text(_timeline(self._waiting, self._base), encoding="utf-8")
        unfinished.replace(path)
        self._waiting.clear()


def _timeline(phases: list[Phase], base: int) -> str:
    numbers = {name: number for number, name in enumerate(dict.fromkeys(phase.name for phase in phases))}
    events = [_named(0, {"start_time_since_epoch_in_micros": base})]
    for name, number in numbers.items():
        events += [_named(number, {"name": name}), _sorted(number)]
    events += [
        {
            "name": phase.name,
            "pid": numbers[phase.name],
            "ph": "X",
            "ts": phase.start - base,
            "dur": phase.duration,
            "args": dict(phase.arguments),
        }
        for phase in phases
    ]
    return "[\n" + ",\n".join(json.dumps(event) for event in events) + "\n]"


def _named(number: int, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": "process_name", "ph": "M", "pid": number, "args": arguments}


def _sorted(number: int) -> dict[str, Any]:
    return {"name": "process_sort_index", "ph": "M", "pid": number, "args": {"sort_index": number}}


def phases_of(profiler: Mapping[str, Any] | None, container: Container) -> Phases:
    """Return where phases are recorded: nowhere, unless the job has a profiler that is not disabled."""
    if profiler is None or str(profiler.get("DisableProfiler", False)).lower() == "true":
        return Phases()
    parameters = profiler.get("ProfilingParameters") or {}
    folder = parameters.get("LocalPath") or profiler.get("LocalPath") or container.base / "output" / "profiler"
    resources = read_json(container.config("resourceconfig"), default={})
    return Phases(container.local(folder), str(resources.get("current_host", "algo-1")))

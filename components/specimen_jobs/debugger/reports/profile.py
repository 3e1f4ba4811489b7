"""A training job's profile on S3: system metrics and phases, read from the files of SageMaker's profiler.

System metrics are lines of JSON (``system/incremental/<hour>/<time>.<node>.json``); phases are Chrome's trace events
(``framework/pevents/<hour>/<time>_<node>_pythontimeline.json``). Source: smdebug 1.0.34, profiler/.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from specimen_tensors.files import Files

from specimen_jobs.container import JobError

END: Final = "training_job_end.ts"
SYSTEM: Final = "system/incremental/"
FRAMEWORK: Final = "framework/pevents/"
MICROSECONDS: Final = 1e6
NAMES: Final = {"Step:ModeKeys.TRAIN": "Train steps"}  # as smdebug calls it


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of the machine at a moment (`time`: epoch seconds)."""

    time: float
    node: str
    kind: str
    name: str
    dimension: str
    value: float


@dataclass(frozen=True, slots=True)
class Phase:
    """Something that went on for a while; both times are in seconds, the start since the epoch."""

    name: str
    start: float
    seconds: float
    step: int | None


@dataclass
class Profile:
    """What the profiler has written so far; each new file is a step to whoever follows it."""

    files: Files
    ended: bool = False
    metrics: list[Metric] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    _read: set[str] = field(default_factory=set, init=False)

    def refresh(self) -> None:
        """Read the files that are new; raise JobError for one that is damaged."""
        names = self.files.names("")
        ended = any(name.endswith(END) for name in names)  # they were listed before the files below are read
        for name in names:
            if name in self._read or not name.endswith(".json"):
                continue
            if name.startswith(SYSTEM):
                self.metrics += system(self.files.read(name), name)
            elif name.startswith(FRAMEWORK):
                self.phases += framework(self.files.read(name), name)
            self._read.add(name)
        self.ended = self.ended or ended

    def steps(self) -> tuple[int, ...]:
        """Return a number for each file that was read."""
        return tuple(range(len(self._read)))


def system(content: bytes, name: str) -> list[Metric]:
    """Return a file's metrics; a last line that was cut off is left out, as smdebug leaves it."""
    lines = content.decode("utf-8", "replace").splitlines()
    found: list[Metric] = []
    for number, line in enumerate(lines, 1):
        try:
            event = json.loads(line)
            found.append(
                Metric(
                    float(event["Timestamp"]),
                    str(event["NodeId"]),
                    str(event["Type"]),
                    str(event.get("Name") or ""),
                    str(event.get("Dimension") or ""),
                    float(event["Value"]),
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines):
                break
            raise JobError(f"The profile cannot be read: {name}, line {number}: {error!r}") from None
    return found


def framework(content: bytes, name: str) -> list[Phase]:
    """Return a file's phases, of its complete events and of its pairs of begin and end."""
    text = content.decode("utf-8", "replace").strip().rstrip(",")
    try:
        events = json.loads(text if text.endswith("]") else f"{text}]")  # a file still open has no end
        return list(_phases(events))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise JobError(f"The profile cannot be read: {name}: {error!r}") from None


def _phases(events: list[dict[str, Any]]) -> Iterator[Phase]:
    base, open_at = 0.0, dict[Any, list[dict[str, Any]]]()
    for event in events:
        match event.get("ph"):
            case "M":
                base = float((event.get("args") or {}).get("start_time_since_epoch_in_micros", base))
            case "X":
                yield _phase(event, base, float(event["dur"]))
            case "B":
                open_at.setdefault(event["pid"], []).append(event)
            case "E" if open_at.get(event["pid"]):
                begun = open_at[event["pid"]].pop()
                yield _phase(begun, base, float(event["ts"]) - float(begun["ts"]))


def _phase(event: dict[str, Any], base: float, microseconds: float) -> Phase:
    told = event.get("args") or {}
    step = told.get("step_num", told.get("step"))
    number = int(step) if isinstance(step, int | str) and str(step).isdigit() else None
    start = (base + float(event["ts"])) / MICROSECONDS
    name = NAMES.get(str(event["name"]), str(event["name"]))
    return Phase(name, start, max(0.0, microseconds) / MICROSECONDS, number)

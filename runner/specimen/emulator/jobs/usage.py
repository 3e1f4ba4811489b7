"""What a container takes of the machine, from /proc: see proc(5).

A container is a process group here. Of each of its threads the kernel tells the time that it has run and the core that
it ran on last; so a core's share is exact to what a thread has run on another one meanwhile.
"""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_GROUP, _USER, _SYSTEM, _RESIDENT, _CORE = 2, 11, 12, 21, 36  # fields of a stat file after the command's bracket
_IDLE, _WAITING = 3, 4  # of a core's line in /proc/stat, after its name
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Snapshot:
    """A container at a moment (`time`: epoch seconds).

    `ran` tells by thread how many seconds it has run so far and on which core last. `resident` are the bytes that its
    processes hold in memory, `read` and `written` those that they have moved from and to disks so far. `cores` tells of
    each core of the machine how many ticks it has waited for disks so far, and how many ticks there were.
    """

    time: float
    ran: Mapping[int, tuple[float, int]]
    resident: int
    read: int
    written: int
    cores: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Metric:
    """A figure as SageMaker's profiler names it; a figure of no single core has the name of what is measured."""

    type: str
    name: str
    dimension: str
    value: float


def known() -> bool:
    """Tell whether this machine has a /proc to read."""
    return (PROC / "stat").exists() and (PROC / "self/stat").exists()


def members(group: int) -> tuple[int, ...]:
    """Return the processes of a process group."""
    pids = [int(path.name) for path in PROC.iterdir() if path.name.isdigit()]
    return tuple(pid for pid in pids if (fields := _stat(PROC / str(pid) / "stat")) and int(fields[_GROUP]) == group)


def snapshot(pids: Sequence[int]) -> Snapshot:
    """Look at processes; those that have ended count for nothing."""
    states = {pid: fields for pid in pids if (fields := _stat(PROC / str(pid) / "stat"))}
    moved = [_moved(pid) for pid in states]
    return Snapshot(
        time=time.time(),
        ran=dict(thread for pid in states for thread in _threads(pid)),
        resident=sum(int(fields[_RESIDENT]) for fields in states.values()) * _PAGE,
        read=sum(read for read, _ in moved),
        written=sum(written for _, written in moved),
        cores=_cores(),
    )


def memory() -> int:
    """Return the machine's memory in bytes."""
    return os.sysconf("SC_PHYS_PAGES") * _PAGE


def metrics(before: Snapshot, after: Snapshot, total: int) -> list[Metric]:
    """Return what happened between two snapshots, in per cent and bytes a second; `total` is the machine's memory."""
    seconds = max(after.time - before.time, 1e-3)
    found = [Metric("memory", "MemoryUsedPercent", "", 100 * after.resident / total)]
    for name, moved in (("Read", after.read - before.read), ("Write", after.written - before.written)):
        found.append(Metric("i/o", f"{name}ThroughputInBytesPerSecond", "", max(0, moved) / seconds))
    waits = [_share(old, new) for old, new in zip(before.cores, after.cores, strict=False)]
    for core, (load, wait) in enumerate(zip(_loads(before, after, seconds), waits, strict=True)):
        found.append(Metric("cpu", f"cpu{core}", "CPUUtilization", load))
        found.append(Metric("cpu", f"cpu{core}", "I/OWaitPercentage", wait))
    return found


def _loads(before: Snapshot, after: Snapshot, seconds: float) -> list[float]:
    """Return each core's load in per cent; what is beyond a whole core a thread has run on others, which had room."""
    loads = [0.0] * min(len(before.cores), len(after.cores))
    for thread, (ran, core) in after.ran.items():
        loads[core % len(loads)] += 100 * max(0.0, ran - before.ran.get(thread, (0.0, 0))[0]) / seconds
    beyond = sum(max(0.0, load - 100) for load in loads)
    for core, load in enumerate(loads):
        taken = min(beyond, max(0.0, 100 - load))
        beyond -= taken
        loads[core] = min(100.0, load + taken)
    return loads


def _share(old: tuple[int, int], new: tuple[int, int]) -> float:
    passed = new[1] - old[1]
    return 100 * max(0, new[0] - old[0]) / passed if passed > 0 else 0.0


def _stat(path: Path) -> list[str]:
    """Return the fields of a stat file from the state on; none if its process has ended."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _threads(pid: int) -> Iterator[tuple[int, tuple[float, int]]]:
    try:
        threads = list((PROC / str(pid) / "task").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return
    for thread in threads:
        fields = _stat(thread / "stat")
        if fields:
            yield int(thread.name), ((int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS, int(fields[_CORE]))


def _moved(pid: int) -> tuple[int, int]:
    """Return the bytes that a process has read from and written to disks."""
    try:
        lines = (PROC / str(pid) / "io").read_text().splitlines()
    except OSError:  # it has ended, or is another user's
        return 0, 0
    counts = {name: int(value) for name, _, value in (line.partition(":") for line in lines)}
    return counts.get("read_bytes", 0), counts.get("write_bytes", 0)


def _cores() -> list[tuple[int, int]]:
    lines = [line.split() for line in (PROC / "stat").read_text().splitlines() if line.startswith("cpu")]
    return [(int(ticks[_WAITING]), sum(map(int, ticks[:8]))) for _, *ticks in lines[1:]]

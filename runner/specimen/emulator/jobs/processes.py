"""Processes told apart for good: a pid is used again, a pid with its start time is not."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

TICK = 0.005  # seconds between two looks at a process
_PROC = Path("/proc")
# fields of /proc/<pid>/stat after the command's closing bracket: 3, 6 and 22, see proc(5)
_STATE, _SESSION, _START = 0, 3, 19


@dataclass(frozen=True)
class Process:
    """A process on this machine; `started` is opaque and differs for another process of the same pid."""

    pid: int
    started: str

    def alive(self) -> bool:
        """Tell whether it still runs; a zombie, which waits to be reaped, does not."""
        return started(self.pid) == self.started

    def signal(self, number: signal.Signals, group: bool = False) -> bool:
        """Send a signal to it, or to the group that it leads; tell whether it was there to receive one."""
        if not self.alive():
            return False
        try:
            (os.killpg if group else os.kill)(self.pid, number)
        except ProcessLookupError:
            return False
        return True

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, which nobody but its parent is told; tell whether it has."""
        limit = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > limit:
                return False
            time.sleep(TICK)
        return True


def session(leader: int) -> tuple[int, ...]:
    """Return the processes of the session that a process leads, or has led; none where there is no /proc."""
    pids = [int(path.name) for path in _PROC.glob("[0-9]*")]
    return tuple(pid for pid in pids if (fields := _fields(pid)) and int(fields[_SESSION]) == leader)


def identify(pid: int) -> Process | None:
    """Return the running process of this pid, or None if there is none."""
    start = started(pid)
    return None if start is None else Process(pid, start)


def started(pid: int) -> str | None:
    """Return when a running process was started, as an opaque text; None if none of this pid runs."""
    return _from_proc(pid) if _PROC.joinpath("self").exists() else _from_ps(pid)


def _from_proc(pid: int) -> str | None:
    fields = _fields(pid)
    boot = _PROC.joinpath("sys/kernel/random/boot_id").read_text().strip()
    return None if not fields or fields[_STATE] in "ZX" else f"{boot}:{fields[_START]}"


def _fields(pid: int) -> list[str]:
    try:
        return _PROC.joinpath(str(pid), "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _from_ps(pid: int) -> str | None:
    """Ask ps, where there is no /proc (macOS)."""
    answer = subprocess.run(["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True)
    state, _, start = answer.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else start.strip()

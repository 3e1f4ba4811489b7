"""Measures whole processes side by side: wall time, processor time, and the largest memory of any process.

Two commands are measured in turns, so that a machine which slows down slows both: what counts is their ratio.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
REPEATS = 5
MEGABYTE = 1024 * 1024
_SMALL = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds of wall and of processor time, and the peak of its largest process in bytes."""

    seconds: float
    processor: float
    peak: int


def spend(command: Sequence[str], environment: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Cost:
    """Run a command to its end and give its cost, with that of all the processes it waited for.

    Raises:
        subprocess.CalledProcessError: it failed; its output is in the error.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with process:
        output = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def peak(command: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Run a command and give the peak of its largest process in bytes.

    A small process starts it: the kernel counts from what the starting process holds, which may be more.
    """
    done = subprocess.run(
        [sys.executable, "-c", _SMALL, *command], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return int(done.stdout) * 1024


def paired(
    ours: Callable[[], Cost], theirs: Callable[[], Cost], repeats: int = REPEATS
) -> tuple[list[Cost], list[Cost]]:
    """Measure two things in turns, after one unmeasured round that warms caches."""
    ours(), theirs()
    rounds = [(ours(), theirs()) for _ in range(repeats)]
    return [first for first, _ in rounds], [second for _, second in rounds]


def timed(work: Callable[[], object]) -> Cost:
    """Measure a function within this process; its peak is not told (0)."""
    started, processor = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - started, time.process_time() - processor, 0)


def report(name: str, costs: Sequence[Cost]) -> float:
    """Print one line (median and range of the seconds, the peak) and give the median."""
    times = [cost.seconds for cost in costs]
    spread = f"   {min(times):8.3f} to {max(times):8.3f} of {len(times)}" if len(times) > 1 else " " * 30
    peak = max(cost.peak for cost in costs)
    print(f"{name:44}{statistics.median(times):9.3f} s{spread}" + (f"   {peak / MEGABYTE:6.0f} MB" if peak else ""))
    return statistics.median(times)


def compare(name: str, baseline: str, ours: Sequence[Cost], theirs: Sequence[Cost], asked: str) -> None:
    """Print two lines and their ratio: the median of the rounds' own ratios, beside what was asked for."""
    report(name, ours)
    report(f"  against {baseline}", theirs)
    rounds = list(zip(ours, theirs, strict=True))
    ratios = [second.seconds / first.seconds for first, second in rounds]
    processor = statistics.median([second.processor / first.processor for first, second in rounds])
    print(
        f"  {statistics.median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f}), "
        f"{processor:.2f} times by processor time; asked: {asked}",
        flush=True,
    )

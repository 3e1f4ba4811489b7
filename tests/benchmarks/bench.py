"""Where the time goes: medians of each command, and a whole run of the demo, first and again (``make bench``).

Prints a table of seconds. A run is measured on a state folder of its own, with its server started before.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "specs/credit-default.yaml"
SPECIMEN = [sys.executable, "-m", "specimen.cli"]
REPEATS = 5


def main() -> None:
    """Measure and print; a command that fails ends the measurement."""
    with tempfile.TemporaryDirectory() as scratch:
        state = ["--state", f"{scratch}/state"]
        for name, arguments in {
            "start-up": ["--help"],
            "validate": ["validate", str(SPEC)],
            "plan": ["plan", str(SPEC)],
            "compile": ["compile", str(SPEC), "-o", f"{scratch}/pipeline.yaml"],
        }.items():
            report(name, [seconds(arguments) for _ in range(REPEATS)])
        report("local start", [seconds(["local", "start", *state])])
        try:
            report("run, first", [seconds(["run", str(SPEC), *state])])
            report("run, unchanged", [seconds(["run", str(SPEC), *state]) for _ in range(REPEATS)])
        finally:
            seconds(["local", "stop", *state])


def seconds(arguments: Sequence[str]) -> float:
    """How long one call of the command line takes."""
    started = time.perf_counter()
    subprocess.run([*SPECIMEN, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def report(name: str, times: Sequence[float]) -> None:
    """One line: the median, and the range of several."""
    spread = f"   {min(times):.2f} to {max(times):.2f} in {len(times)} calls" if len(times) > 1 else ""
    print(f"{name:16}{statistics.median(times):8.2f}{spread}", flush=True)


if __name__ == "__main__":
    main()

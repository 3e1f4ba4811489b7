"""The commands themselves: medians of each, and a whole run of the demo, first and again."""

import sys
import tempfile

from tests.benchmarks.measuring import REPEATS, ROOT, Cost, report, spend

SPEC = str(ROOT / "specs/credit-default.yaml")


def main() -> None:
    """Measure and print; a command that fails ends the measurement."""
    with tempfile.TemporaryDirectory() as scratch:
        state = ["--state", f"{scratch}/state"]
        for name, arguments in {
            "start-up": ["--help"],
            "validate": ["validate", SPEC],
            "plan": ["plan", SPEC],
            "compile": ["compile", SPEC, "-o", f"{scratch}/pipeline.yaml"],
        }.items():
            report(name, [specimen(*arguments) for _ in range(REPEATS)])
        report("local start", [specimen("local", "start", *state)])
        try:
            report("run, first", [specimen("run", SPEC, *state)])
            report("run, unchanged", [specimen("run", SPEC, *state) for _ in range(REPEATS)])
        finally:
            specimen("local", "stop", *state)


def specimen(*arguments: str) -> Cost:
    """What one call of the command line costs."""
    return spend([sys.executable, "-m", "specimen.cli", *arguments])

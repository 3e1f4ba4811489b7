"""A whole run on 30,000 real rows, server already up, beside the hand-written script; where its time goes, by step."""

import ctypes
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.benchmarks import steps
from tests.benchmarks.commands import specimen
from tests.benchmarks.measuring import MEGABYTE, REPEATS, ROOT, SHARED, Cost, compare, report, spend

TABLE = SHARED / "data/default_of_credit_card_clients.csv.gz"
LIMIT = 1024 * MEGABYTE  # bytes of any process
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, see prctl(2)
_QUIET = 0.5  # seconds without work after which a server counts as being up


@dataclass(frozen=True)
class Round:
    """One round: the script, a first run, an unchanged one, and what the server and all that it started cost."""

    script: Cost
    first: Cost
    again: Cost
    server: Cost
    table: tuple[steps.Row, ...]


def main() -> None:
    """Measure and print, in turns, each round on a state of its own; without the table it says so."""
    if not TABLE.exists():
        print(f"not measured: there is no {TABLE}")
        return
    adopt_orphans()
    with tempfile.TemporaryDirectory() as scratch:
        spec = real_spec(Path(scratch))
        rounds = [one_round(spec, Path(scratch) / str(number)) for number in range(REPEATS + 1)][1:]
    firsts, scripts = [each.first for each in rounds], [each.script for each in rounds]
    compare("run, first", "the script", firsts, scripts, "0.33")
    report("run, unchanged", [each.again for each in rounds])
    for name, costs in {"script": scripts, "run": firsts}.items():
        print(f"  processor time of the {name}'s own processes: {min(cost.processor for cost in costs):.2f} s at least")
    server = min(each.server.processor for each in rounds)
    print(
        f"  processor time of the server with its jobs, from its start to the end of both runs: {server:.2f} s at least"
    )
    peak = max(max(each.first.peak, each.again.peak, each.server.peak) for each in rounds)
    print(f"largest process, server and jobs included: {peak / MEGABYTE:.0f} MB; asked: at most {LIMIT // MEGABYTE}")
    print(steps.shown(min(rounds, key=lambda each: each.first.seconds).table))


def one_round(spec: Path, state: Path) -> Round:
    """Measure the script and two runs on a state folder that has nothing yet but its server."""
    folder = state / "script"
    folder.mkdir(parents=True)
    specimen("local", "start", "--state", str(state))
    try:
        pid = steps.server(state).pid
        await_quiet(pid)
        script = spend([sys.executable, "-m", "tests.benchmarks.script", str(spec), str(folder)])
        first = specimen("run", str(spec), "--state", str(state))
        again = specimen("run", str(spec), "--state", str(state))
        table = steps.table(state, "001")
    finally:
        specimen("local", "stop", "--state", str(state))
    return Round(script, first, again, reaped(), table)


def real_spec(folder: Path) -> Path:
    """Write the demo's spec with the real table as its source."""
    asked = yaml.safe_load((ROOT / "specs/credit-default.yaml").read_text(encoding="utf-8"))
    asked["dataset"]["source"] = str(TABLE)
    spec = folder / "credit.yaml"
    spec.write_text(yaml.safe_dump(asked, sort_keys=False), encoding="utf-8")
    return spec


def adopt_orphans() -> None:
    """Become the parent of what our children leave behind (Linux), so that a server's peak can be asked for."""
    if ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def reaped() -> Cost:
    """Wait for all orphans, the server that was stopped among them; give what they and their children cost."""
    peak, processor = 0, 0.0
    while True:
        try:
            _, _, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return Cost(0, processor, peak)
        peak = max(peak, usage.ru_maxrss * 1024)
        processor += usage.ru_utime + usage.ru_stime


def await_quiet(server: int) -> None:
    """Wait until the server and its children have used no processor time for a while."""
    before: Mapping[int, int] = {}
    while (now := ticks(server)) != before:
        before = now
        time.sleep(_QUIET)


def ticks(server: int) -> dict[int, int]:
    """Processor time so far, in clock ticks, of a process and its children."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        pid, parent = int(path.parent.name), int(fields[1])
        if server in (pid, parent):
            found[pid] = int(fields[11]) + int(fields[12])
    return found

"""System metrics against AWS's own reader of them, which runs in an environment of its own under `.oracles`."""

import json
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from specimen.emulator.jobs import usage
from specimen.emulator.jobs.sampling import Sampler

READ = """
import json, logging, sys, time
from smdebug.profiler.system_metrics_reader import LocalSystemMetricsReader
from smdebug.profiler.utils import TimeUnits
logging.disable(logging.CRITICAL)
reader = LocalSystemMetricsReader(sys.argv[1])
events = reader.get_events(0, time.time() + 3600, TimeUnits.SECONDS)
found = [[one.type, one.name, one.dimension, one.value, one.node_id, one.timestamp] for one in events]
json.dump(found, open(sys.argv[2], "w"))
"""


@pytest.mark.skipif(not usage.known(), reason="this system has no /proc")
def test_smdebug_reads_the_system_metrics_of_a_job(oracle: Callable[[str], Path], tmp_path: Path) -> None:
    """Every line of every file, in the names that its reports look for."""
    root = tmp_path / "profiler-output"
    wait = threading.Event()

    def store(path: str, content: bytes) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)

    sampler = Sampler(os.getpgrp(), 0.02, store, "algo-1")
    with sampler:
        while len(sampler.lines) < 40:
            wait.wait(0.01)
    subprocess.run([oracle("smdebug"), "-c", READ, root, tmp_path / "found"], check=True, timeout=120)
    written = [json.loads(line) for path in sorted(root.rglob("*.json")) for line in path.read_text().splitlines()]
    members = ("Type", "Name", "Dimension", "Value", "NodeId", "Timestamp")
    assert json.loads((tmp_path / "found").read_text()) == [[line[member] for member in members] for line in written]
    named = {(line["Type"], line["Name"], line["Dimension"]) for line in written}
    assert {("memory", "MemoryUsedPercent", ""), ("cpu", "cpu0", "CPUUtilization")} <= named
    assert ("i/o", "ReadThroughputInBytesPerSecond", "") in named
    assert all(0 <= line["Value"] <= 100 for line in written if line["Type"] in ("cpu", "memory"))

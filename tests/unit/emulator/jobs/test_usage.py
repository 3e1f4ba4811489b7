"""What a container takes of the machine becomes lines of SageMaker's profiler."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from specimen.emulator.jobs import usage
from specimen.emulator.jobs.job import JobFailed
from specimen.emulator.jobs.sampling import Sampler
from specimen.emulator.jobs.usage import Metric, Snapshot

BUSY = "import sys; print('ready', flush=True); kept = bytearray(30_000_000)\nwhile True: pass"
proc = pytest.mark.skipif(not usage.known(), reason="this system has no /proc")


def test_figures_are_differences_in_per_cent_and_bytes_a_second() -> None:
    before = Snapshot(100.0, {7: (1.0, 0), 8: (2.0, 1)}, 50, 1000, 0, [(5, 1000), (0, 1000)])
    after = Snapshot(102.0, {7: (2.0, 0), 9: (0.5, 1)}, 75, 5000, 200, [(25, 1200), (0, 1200)])
    assert usage.metrics(before, after, 300) == [
        Metric("memory", "MemoryUsedPercent", "", 25.0),
        Metric("i/o", "ReadThroughputInBytesPerSecond", "", 2000.0),
        Metric("i/o", "WriteThroughputInBytesPerSecond", "", 100.0),
        Metric("cpu", "cpu0", "CPUUtilization", 50.0),
        Metric("cpu", "cpu0", "I/OWaitPercentage", 10.0),
        Metric("cpu", "cpu1", "CPUUtilization", 25.0),
        Metric("cpu", "cpu1", "I/OWaitPercentage", 0.0),
    ]


def test_a_core_has_no_more_than_all_of_its_time() -> None:
    """Two threads that were last seen on one core have run on the other one as well."""
    before = Snapshot(100.0, {}, 0, 0, 0, [(0, 0)] * 2)
    after = Snapshot(101.0, {7: (0.9, 1), 8: (0.8, 1)}, 0, 0, 0, [(0, 100)] * 2)
    loads = [metric.value for metric in usage.metrics(before, after, 1) if metric.dimension == "CPUUtilization"]
    assert loads == pytest.approx([70.0, 100.0])


@proc
def test_a_process_group_is_looked_at_as_one() -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            assert usage.members(process.pid) == (process.pid,)
            before = usage.snapshot([process.pid])
            ran = before.ran[process.pid][0]
            while usage.snapshot([process.pid]).ran[process.pid][0] < ran + 0.1:
                pass
            after = usage.snapshot([process.pid, os.getppid()])
        finally:
            process.kill()
    assert after.resident > before.resident > 30_000_000 / 4
    assert after.time > before.time
    assert len(before.cores) == os.cpu_count()
    gone = usage.snapshot([process.pid])
    assert (gone.ran, gone.resident) == ({}, 0)


@proc
def test_a_sampler_stores_a_file_a_minute(eventually: Callable[[Callable[[], Any]], Any]) -> None:
    kept: dict[str, bytes] = {}
    began = time.time()
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, start_new_session=True) as process:
        sampler = Sampler(process.pid, 0.05, kept.__setitem__, "algo-1")
        try:
            with sampler:
                eventually(lambda: len(sampler.lines) > 3 * 7)
        finally:
            process.kill()
    path = list(kept)[-1]
    found = re.fullmatch(r"system/incremental/(\d{10})/(\d{10})\.algo-1\.json", path)
    assert found is not None
    assert int(found[2]) % 60 == 0
    assert found[1] == time.strftime("%Y%m%d%H", time.gmtime(int(found[2])))
    lines = [json.loads(line) for content in kept.values() for line in content.splitlines()]
    assert {line["NodeId"] for line in lines} == {"algo-1"}
    assert all(began < line["Timestamp"] < time.time() for line in lines)
    assert max(line["Value"] for line in lines if line["Dimension"] == "CPUUtilization") > 0
    assert {line["Type"] for line in lines} == {"cpu", "memory", "i/o"}


@proc
def test_what_cannot_be_stored_is_told_at_the_end(eventually: Callable[[Callable[[], Any]], Any]) -> None:
    def refuse(path: str, content: bytes) -> None:
        raise JobFailed("no bucket")

    sampler = Sampler(os.getpgrp(), 0.01, refuse, "algo-1")
    with pytest.raises(JobFailed, match="no bucket"), sampler:
        eventually(lambda: sampler.lines)

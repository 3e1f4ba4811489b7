"""What a profile says: statistics of the machine's use, time by phase, and sentences on both."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from specimen_jobs.container import log
from specimen_jobs.debugger import parameters
from specimen_jobs.debugger.parameters import Limits, Parameter
from specimen_jobs.debugger.reports.page import Finding
from specimen_jobs.debugger.reports.profile import Metric, Phase, Profile

LOADING: Final = "DataLoading"
CPU, WAIT, MEMORY = "CPU utilization", "I/O wait", "memory used"
PERCENTS: Final = (CPU, WAIT, MEMORY)
PARTS: Final = {"CPUUtilization": CPU, "I/OWait": WAIT, "MemoryUsed": MEMORY}
FLOWS: Final = {
    "ReadThroughputInBytesPerSecond": "read from disks",
    "WriteThroughputInBytesPerSecond": "written to disks",
}
MEMORY_HIGH: Final = 90.0
LOADING_HIGH: Final = 50.0
SAVING_HIGH: Final = 25.0
FEW_SAMPLES: Final = 10
SHOWN: Final = 1000  # points of a line
_PERCENT: Final = Limits(lowest=0, highest=100)


def _percent(name: str, default: float) -> Parameter:
    return Parameter(name, "float", default, _PERCENT)


# Those of AWS's profiler rules that say something without a GPU, as `<rule>_<parameter>`; the defaults are AWS's own.
PARAMETERS: Final = (
    _percent("CPUBottleneck_cpu_threshold", 90.0),
    _percent("CPUBottleneck_threshold", 50.0),
    _percent("IOBottleneck_io_threshold", 50.0),
    _percent("IOBottleneck_threshold", 50.0),
    _percent("BatchSize_cpu_threshold_p95", 70.0),
    Parameter("MaxInitializationTime_threshold", "float", 20.0, Limits(above=0)),
    Parameter("StepOutlier_stddev", "float", 3.0, Limits(above=0)),
)
# AWS's other profiler rules and parameters; they need a GPU, or say how AWS's container works.
ELSEWHERE: Final = re.compile(
    r"(?i)(BatchSize|CPUBottleneck|Dataloader|GPUMemoryIncrease|IOBottleneck|LoadBalancing|LowGPUUtilization|"
    r"MaxInitializationTime|OverallSystemUsage|OverallFrameworkMetrics|StepOutlier)_\w+"
)


def read(given: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of `PARAMETERS` that are given; those without effect here are logged.

    Raises:
        JobError: a name that AWS's rule does not take, or a wrong value.
    """
    by_name = {parameter.name.lower(): parameter.name for parameter in PARAMETERS}
    ours = {by_name[name.lower()]: text for name, text in given.items() if name.lower() in by_name}
    for name in given:
        if name.lower() not in by_name and ELSEWHERE.fullmatch(name):
            log(f"ProfilerReport: {name} has no effect in this container", "WARNING")
        elif name.lower() not in by_name:
            ours[name] = given[name]
    return parameters.read("ProfilerReport", PARAMETERS, ours)


@dataclass(frozen=True)
class Course:
    """A figure over time: seconds since the profile began, and values."""

    times: Sequence[float]
    values: Sequence[float]


def part(metric: Metric) -> str | None:
    """Return what a metric is of; GPUs and what has no known unit are left out."""
    text = metric.dimension or metric.name
    for word, name in PARTS.items():
        if word in text and metric.kind != "gpu":
            return name
    return FLOWS.get(text, text) if text.endswith("InBytesPerSecond") else None


def start(profile: Profile) -> float:
    """Return when the profile begins, in epoch seconds."""
    times = [*(metric.time for metric in profile.metrics), *(phase.start for phase in profile.phases)]
    return min(times, default=0.0)


def thinned(course: Course) -> Course:
    """Return the means of so many stretches of equal length as a chart can show."""
    if len(course.times) <= SHOWN:
        return course
    places = (np.arange(len(course.times)) * SHOWN) // len(course.times)
    counts = np.bincount(places)
    times, values = (np.bincount(places, weights=each) / counts for each in (course.times, course.values))
    return Course(times.tolist(), values.tolist())


def courses(profile: Profile) -> dict[str, Course]:
    """Return each figure over time: shares are means over the cores of all nodes, flows their sums."""
    begin, found = start(profile), defaultdict[str, dict[float, list[float]]](lambda: defaultdict(list))
    for metric in profile.metrics:
        name = part(metric)
        if name is not None:
            found[name][metric.time - begin].append(metric.value)
    return {
        name: Course(
            sorted(by_time),
            [sum(by_time[time]) / (len(by_time[time]) if name in PERCENTS else 1) for time in sorted(by_time)],
        )
        for name, by_time in sorted(found.items())
    }


def cores(profile: Profile) -> dict[str, list[float]]:
    """Return the loads of each core of each node."""
    found: dict[str, list[float]] = defaultdict(list)
    for metric in profile.metrics:
        if part(metric) == CPU:
            found[f"{metric.node} {metric.name}".strip()].append(metric.value)
    return dict(sorted(found.items()))


def statistics(values: Sequence[float]) -> dict[str, float]:
    """Return what AWS's report gives of a figure: maximum, 99th, 95th and 50th percentile, minimum."""
    array = np.asarray(values, dtype=np.float64)
    p50, p95, p99 = (float(value) for value in np.percentile(array, (50, 95, 99)))
    return {"max": float(array.max()), "p99": p99, "p95": p95, "p50": p50, "min": float(array.min())}


def by_phase(phases: Sequence[Phase]) -> dict[str, dict[str, float]]:
    """Return by phase how often it was, its seconds in all, and the mean and the longest; the longest phase first."""
    seconds: dict[str, list[float]] = defaultdict(list)
    for phase in phases:
        seconds[phase.name].append(phase.seconds)
    found = {
        name: {"count": float(len(each)), "seconds": sum(each), "mean": sum(each) / len(each), "longest": max(each)}
        for name, each in seconds.items()
    }
    return dict(sorted(found.items(), key=lambda item: -item[1]["seconds"]))


def share(phases: Mapping[str, Mapping[str, float]], name: str) -> float:
    """Return a phase's share of the time of all phases, in per cent."""
    total = sum(phase["seconds"] for phase in phases.values())
    return 100 * phases[name]["seconds"] / total if name in phases and total else 0.0


def on_machine(found: Mapping[str, Course], given: Mapping[str, Any]) -> list[Finding]:
    """Say how the machine was used; `given` has a value for each of `PARAMETERS`."""
    findings = []
    if CPU in found:
        findings.append(_on_cpu(found[CPU].values, given))
    if WAIT in found:
        findings += _on_wait(found[WAIT].values, given)
    if MEMORY in found:
        peak = max(found[MEMORY].values)
        mood = "bad" if peak > MEMORY_HIGH else "good"
        advice = "take an instance with more memory" if mood == "bad" else "there is room"
        findings.append(Finding(mood, f"At most {peak:.0f} % of the memory was used: {advice}."))
    return findings


def _on_cpu(loads: Sequence[float], given: Mapping[str, Any]) -> Finding:
    high, p95 = given["CPUBottleneck_cpu_threshold"], statistics(loads)["p95"]
    if len(loads) < FEW_SAMPLES:
        return Finding("quiet", f"The training was so short that the CPU was looked at {len(loads)} times only.")
    busy = 100 * sum(load > high for load in loads) / len(loads)
    if busy > given["CPUBottleneck_threshold"]:
        text = f"All cores together were above {high:g} % for {busy:.0f} % of the time: more cores would help."
        return Finding("warn", text)
    low = given["BatchSize_cpu_threshold_p95"]
    if p95 < low:
        text = f"The CPU was below {p95:.0f} % for 95 % of the time (under {low:g} %): a smaller instance would do."
        return Finding("warn", text)
    return Finding("good", f"The CPU was well used: 95 % of the time below {p95:.0f} %.")


def _on_wait(waits: Sequence[float], given: Mapping[str, Any]) -> list[Finding]:
    high = given["IOBottleneck_io_threshold"]
    blocked = 100 * sum(wait > high for wait in waits) / len(waits)
    if blocked <= given["IOBottleneck_threshold"]:
        return []
    text = f"Cores waited for disks more than {high:g} % of their time for {blocked:.0f} % of the training"
    return [Finding("warn", f"{text}: take a faster volume, or fewer and larger files.")]


def on_phases(found: Mapping[str, Mapping[str, float]]) -> list[Finding]:
    """Say where the time went."""
    loading, saving = share(found, LOADING), share(found, "SaveTensors")
    high = loading > LOADING_HIGH
    advice = "read fewer columns, or a binary format, or shard the data" if high else "reading is not what holds it up"
    findings = [Finding("warn" if high else "good", f"Loading data took {loading:.0f} % of the time: {advice}.")]
    if saving > SAVING_HIGH:
        text = f"Saving tensors took {saving:.0f} % of the time: save them less often, or fewer collections."
        findings.append(Finding("warn", text))
    return findings


def outliers(phases: Sequence[Phase], deviations: float) -> list[Phase]:
    """Return the steps that took longer than the mean by so many standard deviations; steps have a number."""
    steps = [phase for phase in phases if phase.step is not None and phase.name != "SaveTensors"]
    if len(steps) < FEW_SAMPLES:
        return []
    seconds = np.array([phase.seconds for phase in steps])
    limit = float(seconds.mean() + deviations * seconds.std())
    return [phase for phase in steps if phase.seconds > limit]


def initialization(profile: Profile) -> float | None:
    """Return the minutes until the first step; None where there is none."""
    steps = [phase.start for phase in profile.phases if phase.step is not None]
    return (min(steps) - start(profile)) / 60 if steps else None

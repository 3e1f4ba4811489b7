"""ProfilerReport: files read as smdebug's readers read them, figures, sentences at the edge of each threshold."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from specimen_jobs.container import JobError
from specimen_jobs.debugger.reports import usage
from specimen_jobs.debugger.reports.profile import Metric, Phase, Profile, framework, system
from specimen_jobs.debugger.reports.profiler import ProfilerReport
from specimen_jobs.debugger.reports.usage import CPU, MEMORY, WAIT, Course
from specimen_tensors.files import Folder

DEFAULTS = {parameter.name: parameter.default for parameter in usage.PARAMETERS}
EVIL = "<script>alert(1)</script>"


def line(time: float, dimension: str, value: float, name: str = "cpu0", kind: str = "cpu") -> str:
    return json.dumps(
        {"Type": kind, "Name": name, "Dimension": dimension, "Value": value, "NodeId": "algo-1", "Timestamp": time}
    )


def events(*phases: tuple[str, float, float, Any], base: float = 1000.0) -> str:
    """A timeline: name, start and length in seconds, step."""
    names = list(dict.fromkeys(name for name, *_ in phases))
    found: list[dict[str, Any]] = [
        {"name": "process_name", "ph": "M", "pid": 0, "args": {"start_time_since_epoch_in_micros": base * 1e6}},
        *({"name": "process_name", "ph": "M", "pid": names.index(name), "args": {"name": name}} for name in names),
    ]
    for name, start, seconds, step in phases:
        arguments = {} if step is None else {"step_num": step}
        timed = {"name": name, "pid": names.index(name), "ph": "X", "ts": start * 1e6, "dur": seconds * 1e6}
        found.append({**timed, "args": arguments})
    return json.dumps(found)


def test_system_metrics_are_lines_of_json() -> None:
    content = f"{line(1.5, 'CPUUtilization', 40)}\n{line(2.0, '', 7.5, 'MemoryUsedPercent', 'memory')}\n"
    assert system(content.encode(), "f") == [
        Metric(1.5, "algo-1", "cpu", "cpu0", "CPUUtilization", 40.0),
        Metric(2.0, "algo-1", "memory", "MemoryUsedPercent", "", 7.5),
    ]


def test_a_last_line_that_was_cut_off_is_left_out_and_another_one_is_an_error() -> None:
    whole = line(1.0, "CPUUtilization", 1)
    assert len(system(f"{whole}\n{whole[:20]}".encode(), "f")) == 1
    with pytest.raises(JobError, match=r"The profile cannot be read: f\.json, line 2"):
        system(f"{whole}\n{whole[:20]}\n{whole}".encode(), "f.json")
    with pytest.raises(JobError, match="line 1: KeyError"):
        system(b'{"Type": "cpu"}\n{}', "f.json")


def test_phases_are_chromes_trace_events() -> None:
    text = events(("DataLoading", 0.5, 2.0, None), ("Step:ModeKeys.TRAIN", 3.0, 0.25, 4))
    expected = [Phase("DataLoading", 1000.5, 2.0, None), Phase("Train steps", 1003.0, 0.25, 4)]
    assert framework(text.encode(), "f") == expected
    assert framework(f"{text[:-1]},\n".encode(), "f") == expected, "a file that is still open"
    pair = [
        {"name": "A", "ph": "B", "pid": 1, "ts": 1e6},
        {"name": "A", "ph": "E", "pid": 1, "ts": 3e6},
        {"name": "B", "ph": "E", "pid": 2, "ts": 3e6},
    ]
    assert framework(json.dumps(pair).encode(), "f") == [Phase("A", 1.0, 2.0, None)]


@pytest.mark.parametrize("text", ["[{]", '[{"ph": "X"}]', "[1]"])
def test_a_damaged_timeline_is_named(text: str) -> None:
    with pytest.raises(JobError, match=r"The profile cannot be read: f\.json"):
        framework(text.encode(), "f.json")


def test_a_profile_grows_file_by_file(tmp_path: Path) -> None:
    profile = Profile(Folder(tmp_path))
    profile.refresh()
    assert (profile.steps(), profile.ended) == ((), False)
    for index, folder in enumerate(("system/incremental/2026010100", "framework/pevents/2026010100", "other")):
        (tmp_path / folder).mkdir(parents=True)
        text = events(("DataLoading", 0, 1, None)) if index else line(1.0, "CPUUtilization", 1)
        (tmp_path / folder / "1.json").write_text(text)
    profile.refresh()
    profile.refresh()
    assert (len(profile.steps()), len(profile.metrics), len(profile.phases), profile.ended) == (3, 1, 1, False)
    (tmp_path / "system/training_job_end.ts").touch()
    profile.refresh()
    assert profile.ended


def test_figures_are_means_over_cores_and_sums_of_flows() -> None:
    lines = [
        *(line(10.0 + time, "CPUUtilization", 20.0 * core, f"cpu{core}") for time in (0, 1) for core in (0, 1, 2)),
        line(10.0, "GPUUtilization", 99, "gpu0", "gpu"),
        line(10.0, "", 5e6, "ReadThroughputInBytesPerSecond", "i/o"),
        line(10.0, "I/OWaitPercentage", 4),
        line(11.0, "", 30, "MemoryUsedPercent", "memory"),
    ]
    profile = Profile(Folder(Path()), metrics=system("\n".join(lines).encode(), "f"))
    assert usage.courses(profile) == {
        CPU: Course([0.0, 1.0], [20.0, 20.0]),
        WAIT: Course([0.0], [4.0]),
        MEMORY: Course([1.0], [30.0]),
        "read from disks": Course([0.0], [5e6]),
    }
    assert usage.cores(profile) == {f"algo-1 cpu{core}": [20.0 * core] * 2 for core in (0, 1, 2)}


def test_a_long_course_is_thinned_by_means() -> None:
    long = Course([float(index) for index in range(2000)], [1.0, 3.0] * 1000)
    assert usage.thinned(long) == Course([0.5 + 2 * index for index in range(1000)], [2.0] * 1000)
    short = Course([0.0, 1.0], [5.0, 6.0])
    assert usage.thinned(short) is short


def test_statistics_are_those_of_aws() -> None:
    values = [float(value) for value in range(101)]
    assert usage.statistics(values) == {"max": 100, "p99": 99, "p95": 95, "p50": 50, "min": 0}


@pytest.mark.parametrize(
    ("loads", "words"),
    [
        ([91.0] * 11 + [89.0] * 9, "above 90 % for 55 % of the time: more cores would help"),
        ([91.0] * 10 + [89.0] * 10, "The CPU was well used: 95 % of the time below 91 %"),
        ([69.0] * 20, "a smaller instance would do"),
        ([70.0] * 20, "The CPU was well used"),
        ([1.0] * 9, "so short that the CPU was looked at 9 times only"),
    ],
)
def test_the_cpu_is_judged(loads: list[float], words: str) -> None:
    (finding,) = usage.on_machine({CPU: Course([], loads)}, DEFAULTS)
    assert words in finding.text


@pytest.mark.parametrize(("peak", "mood"), [(90.0, "good"), (90.1, "bad")])
def test_memory_is_judged_by_its_peak(peak: float, mood: str) -> None:
    (finding,) = usage.on_machine({MEMORY: Course([], [10.0, peak])}, DEFAULTS)
    assert finding.mood == mood


@pytest.mark.parametrize(("waits", "said"), [([51.0, 51.0, 49.0], True), ([51.0, 49.0], False)])
def test_waiting_for_disks_is_told_when_it_is_half_of_the_time(waits: list[float], said: bool) -> None:
    assert bool(usage.on_machine({WAIT: Course([], waits)}, DEFAULTS)) is said


@pytest.mark.parametrize(("loading", "mood"), [(5.0, "good"), (5.1, "warn")])
def test_loading_may_take_half_of_the_time(loading: float, mood: str) -> None:
    phases = [Phase("DataLoading", 0, loading, None), Phase("Train steps", 0, 10 - loading, 0)]
    found = usage.by_phase(phases)
    assert usage.share(found, "DataLoading") == pytest.approx(10 * loading)
    assert usage.on_phases(found)[0].mood == mood


def test_saving_that_takes_a_quarter_is_told() -> None:
    phases = [Phase("SaveTensors", 0, 2.6, 0), Phase("Train steps", 0, 7.4, 0)]
    assert "Saving tensors took 26 % of the time" in usage.on_phases(usage.by_phase(phases))[1].text


def test_outliers_are_steps_far_above_the_mean() -> None:
    steps = [Phase("Train steps", 0, 1.0, number) for number in range(20)]
    late = Phase("Train steps", 0, 3.0, 20)
    assert usage.outliers([*steps, late, Phase("SaveTensors", 0, 99.0, 1)], 3.0) == [late]
    assert usage.outliers([*steps, late], 5.0) == []
    assert usage.outliers([late] * 3, 0.0) == [], "too few to tell"


def test_parameters_are_those_of_awss_rules(capsys: pytest.CaptureFixture[str]) -> None:
    given = {"CPUBottleneck_cpu_threshold": "80", "stepoutlier_stddev": "2", "LowGPUUtilization_window": "5"}
    assert usage.read(given) == {"CPUBottleneck_cpu_threshold": 80.0, "StepOutlier_stddev": 2.0}
    assert "LowGPUUtilization_window has no effect in this container" in capsys.readouterr().out
    with pytest.raises(JobError, match="ProfilerReport has no parameter CPU_threshold"):
        usage.read({"CPU_threshold": "1"})
    with pytest.raises(JobError, match="must be a number at least 0 and at most 100, not '101'"):
        usage.read({"IOBottleneck_threshold": "101"})


def profiled(tmp_path: Path) -> Profile:
    metrics = [
        line(1000 + index / 2, "CPUUtilization", 30.0 + core, f"cpu{core}") for index in range(40) for core in (0, 1)
    ]
    steps = [("Step:ModeKeys.TRAIN", 2 + number / 10, 0.5 if number == 30 else 0.1, number) for number in range(50)]
    timeline = events(("DataLoading", 0, 2, None), *steps, (EVIL, 9, 0.5, None))
    return Profile(
        Folder(tmp_path), metrics=system("\n".join(metrics).encode(), "f"), phases=framework(timeline.encode(), "f")
    )


def test_the_page_tells_of_phases_machine_cores_and_steps(tmp_path: Path) -> None:
    report = ProfilerReport(profiled(tmp_path), "job-1")
    assert report.write(tmp_path) == "The report profiler-output/profiler-report.html was written: 4 chapters"
    page = (tmp_path / "profiler-output/profiler-report.html").read_text()
    titles = re.findall(r"<h2>([^<]*)</h2>", page)
    assert titles == ["Time by phase", "CPU and memory over time", "Load of each core", "Time by step"]
    assert "The CPU was below 30 % for 95 % of the time (under 70 %): a smaller instance would do." in page
    assert "1 step took longer than the mean by 3 standard deviations." in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    figures = {path.stem: json.loads(path.read_text()) for path in tmp_path.glob("profiler-output/profiler-reports/*")}
    assert figures["OverallSystemUsage"][CPU]["p95"] == 30.5
    assert figures["OverallFrameworkMetrics"]["phases"]["DataLoading"]["seconds"] == 2.0
    assert figures["OverallFrameworkMetrics"]["data_loading_percent"] == pytest.approx(100 * 2 / 7.9)
    assert [one["step"] for one in figures["StepOutlier"]["steps"]] == [30]
    assert figures["LoadBalancing"] == {"algo-1 cpu0": 30.0, "algo-1 cpu1": 31.0}


def test_without_phases_the_machine_is_shown(tmp_path: Path) -> None:
    profile = profiled(tmp_path)
    profile.phases.clear()
    ProfilerReport(profile, "job-1").write(tmp_path)
    page = (tmp_path / "profiler-output/profiler-report.html").read_text()
    assert "the training container wrote none; its image has no profiler." in page


def test_a_late_first_step_is_told(tmp_path: Path) -> None:
    ProfilerReport(profiled(tmp_path), "job-1", {"MaxInitializationTime_threshold": 0.01}).write(tmp_path)
    page = (tmp_path / "profiler-output/profiler-report.html").read_text()
    assert "The first step began after 0.0 minutes, more than 0.01." in page


def test_an_empty_profile_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="no system metrics and no phases"):
        ProfilerReport(Profile(Folder(tmp_path)), "job-1").write(tmp_path)

"""ProfilerReport: where a training's time went and how it used its machine, as a page to learn from and as figures.

Source: "SageMaker Debugger profiling report" in SageMaker's guide, as far as it applies without a GPU.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from specimen_pages.markup import Child, table

from specimen_jobs.container import JobError
from specimen_jobs.debugger.reports import charts, usage
from specimen_jobs.debugger.reports.charts import figure
from specimen_jobs.debugger.reports.page import Chapter, Finding, Report, plots, write
from specimen_jobs.debugger.reports.profile import Profile

FOLDER: Final = "profiler-output"
PAGE: Final = "profiler-report.html"
FIGURES: Final = "profiler-reports"
LONGEST: Final = 10  # steps in a table
SPANS: Final = 2000  # in a chart


@dataclass
class ProfilerReport:
    """The report on a training's profile; its condition is never met."""

    profile: Profile
    training_job: str
    given: Mapping[str, Any] = field(default_factory=dict)

    def invoke_at_step(self, step: int) -> bool:
        """Take in nothing: the profile keeps what its files held."""
        return False

    def write(self, folder: Path) -> str:
        """Write the page and its figures; raise JobError when there is nothing in the profile."""
        given = {parameter.name: parameter.default for parameter in usage.PARAMETERS} | dict(self.given)
        chapters = [chapter for make in CHAPTERS if (chapter := make(self.profile, given)) is not None]
        if not chapters:
            raise JobError("The profiler wrote no system metrics and no phases")
        report = Report(
            "Profiler report",
            self.training_job,
            _lead(self.profile),
            _facts(self.profile),
            chapters,
            _absent(self.profile),
        )
        write(folder / FOLDER, PAGE, report, figures(self.profile, given), FIGURES)
        return f"The report {FOLDER}/{PAGE} was written: {len(chapters)} chapters"


def _lead(profile: Profile) -> str:
    return f"Where {_length(profile):.1f} seconds of training went, and how they used the machine."


def _length(profile: Profile) -> float:
    ends = [*(metric.time for metric in profile.metrics), *(phase.start + phase.seconds for phase in profile.phases)]
    return max(ends) - usage.start(profile) if ends else 0.0


def _facts(profile: Profile) -> dict[str, str]:
    begun = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(usage.start(profile)))
    nodes = sorted({metric.node for metric in profile.metrics})
    return {
        "Begun": begun,
        "Length": f"{_length(profile):.1f} s",
        "Nodes": ", ".join(nodes) or "not known",
        "Cores": str(len(usage.cores(profile))) if profile.metrics else "not known",
        "Steps": str(len({phase.step for phase in profile.phases if phase.step is not None})),
    }


def phases(profile: Profile, given: Mapping[str, Any]) -> Chapter | None:
    """The time by phase, and when each phase was."""
    if not profile.phases:
        return None
    found, begin = usage.by_phase(profile.phases), usage.start(profile)
    rows = [
        (
            name,
            f"{one['count']:,.0f}",
            f"{one['seconds']:.3f} s",
            f"{usage.share(found, name):.1f} %",
            f"{1000 * one['mean']:.1f} ms",
            f"{1000 * one['longest']:.1f} ms",
        )
        for name, one in found.items()
    ]
    shares = {name: usage.share(found, name) for name in found}
    shown = sorted(profile.phases, key=lambda phase: -phase.seconds)[:SPANS]
    when = {name: [(one.start - begin, one.seconds) for one in shown if one.name == name] for name in found}
    return Chapter(
        "phases",
        "Time by phase",
        "What share of the training's own time each phase took: loading the data, the boosting rounds, saving "
        "tensors for Debugger, saving the model.",
        "If loading takes most of it, a binary format or fewer columns help more than a faster machine. If saving "
        "tensors does, raise the collections' save_interval; full_shap and predictions are the largest.",
        [
            plots(("share of the time", charts.bars("phases", shares, "per cent", "Share of the time by phase", " %"))),
            table(("phase", "times", "in all", "share", "mean", "longest"), rows),
            charts.spans("when", when, "seconds since the start", "When each phase was"),
        ],
        usage.on_phases(found),
    )


def machine(profile: Profile, given: Mapping[str, Any]) -> Chapter | None:
    """CPU, waiting and memory over time, and their statistics."""
    found = usage.courses(profile)
    if not found:
        return None
    shares = {name: usage.thinned(course) for name, course in found.items() if name in usage.PERCENTS}
    series = {name: (course.times, course.values) for name, course in shares.items()}
    content: list[Child] = []
    if series:
        axis = ("seconds since the start", "per cent")
        content.append(charts.lines("machine", series, axis, "CPU, I/O wait and memory over time", wide=True))
    rows = [
        (name, *(_shown(name, value) for value in usage.statistics(course.values).values()))
        for name, course in found.items()
    ]
    content.append(table(("", "max", "p99", "p95", "p50", "min"), rows))
    return Chapter(
        "machine",
        "CPU and memory over time",
        "The mean load of all cores, the share of their time that they waited for disks, and the memory in use. The "
        "table gives the percentiles: p95 is the value that 95 % of the samples stay below.",
        "Low load all along means that the instance is too large, or that one thread does the work. High load all "
        "along means that more cores would shorten the training. Memory near 100 % ends in a killed job: take a "
        "larger instance.",
        content,
        usage.on_machine(found, given),
    )


def _shown(name: str, value: float) -> str:
    return f"{value:.1f} %" if name in usage.PERCENTS else f"{figure(value / 1e6)} MB/s"


def balance(profile: Profile, given: Mapping[str, Any]) -> Chapter | None:
    """The load of each core."""
    found = usage.cores(profile)
    if not found:
        return None
    means = {name: sum(values) / len(values) for name, values in found.items()}
    shown = dict(list(means.items())[:32])
    rest = f"; {len(means) - len(shown)} more are not drawn" if len(means) > len(shown) else ""
    spread = max(means.values()) - min(means.values())
    uneven = spread > 50 and len(means) > 1
    text = f"The busiest core had {max(means.values()):.0f} % on average, the idlest {min(means.values()):.0f} %."
    return Chapter(
        "cores",
        "Load of each core",
        f"The mean load of every core{rest}. XGBoost spreads its work over all of them.",
        "If few cores do the work, nthread is too small, the data are too few to be worth spreading, or a phase "
        "that uses one thread (loading) takes most of the time.",
        [plots(("mean load", charts.bars("cores", shown, "per cent", text, " %")))],
        [Finding("warn" if uneven else "good", text)],
    )


def steps(profile: Profile, given: Mapping[str, Any]) -> Chapter | None:
    """How long each step took, and those that took much longer."""
    found = [phase for phase in profile.phases if phase.step is not None]
    if not found:
        return None
    series = {
        name: (
            [one.step or 0 for one in found if one.name == name],
            [1000 * one.seconds for one in found if one.name == name],
        )
        for name in dict.fromkeys(phase.name for phase in found)
    }
    late = usage.outliers(found, given["StepOutlier_stddev"])
    findings = [_on_outliers(late, given["StepOutlier_stddev"])]
    minutes, limit = usage.initialization(profile), given["MaxInitializationTime_threshold"]
    if minutes is not None and minutes > limit:
        findings.append(Finding("warn", f"The first step began after {minutes:.1f} minutes, more than {limit:g}."))
    rows = [(f"{one.name}, step {one.step}", f"{1000 * one.seconds:.1f} ms") for one in late[:LONGEST]]
    axis = ("step", "milliseconds")
    content: list[Child] = [charts.lines("steps", series, axis, "Milliseconds by step", wide=True)]
    return Chapter(
        "steps",
        "Time by step",
        "How long each boosting round took, and what was done within it. Rounds take alike: each grows trees of the "
        "same depth on the same rows.",
        "Single peaks come from other work on the machine or from saving. Rounds that grow slower and slower point "
        "to dart (which looks at all trees again) or to memory running out.",
        [*content, table(("longest", ""), rows)] if rows else content,
        findings,
    )


def _on_outliers(late: list[Any], deviations: float) -> Finding:
    if not late:
        return Finding("good", "No step took much longer than the others.")
    count = "1 step" if len(late) == 1 else f"{len(late)} steps"
    return Finding("quiet", f"{count} took longer than the mean by {deviations:g} standard deviations.")


def _absent(profile: Profile) -> dict[str, str]:
    missing = {}
    if not profile.phases:
        missing["Phases and steps"] = "the training container wrote none; its image has no profiler."
    if not profile.metrics:
        missing["CPU and memory"] = "no system metrics were written; the training may have ended before the first one."
    return missing


def figures(profile: Profile, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report's figures, by the name of their file."""
    found = usage.courses(profile)
    stats = {name: usage.statistics(course.values) for name, course in found.items()}
    by_phase = usage.by_phase(profile.phases)
    loading = usage.share(by_phase, usage.LOADING) if by_phase else None
    late = usage.outliers(profile.phases, given["StepOutlier_stddev"])
    result: dict[str, Any] = {
        "OverallSystemUsage": stats,
        "SystemMetrics": {name: asdict(usage.thinned(course)) for name, course in found.items()},
        "OverallFrameworkMetrics": {"phases": by_phase, "data_loading_percent": loading} if by_phase else {},
        "StepOutlier": {"steps": [{"name": one.name, "step": one.step, "seconds": one.seconds} for one in late]},
        "LoadBalancing": {name: sum(values) / len(values) for name, values in usage.cores(profile).items()},
    }
    return {name: value for name, value in result.items() if value}


CHAPTERS: Final = (phases, machine, balance, steps)

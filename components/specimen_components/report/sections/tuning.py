"""The search for good hyperparameters: what each training job tried and measured, and what mattered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from specimen_pages.markup import Markup, facts, joined, table, tag

from specimen_components.report import plots, searchplots
from specimen_components.report.model import Trial
from specimen_components.report.numbers import duration, figure
from specimen_components.report.search import Axis, Job, axes, chance, influences, jobs, measured
from specimen_components.report.sections.parts import code, details, missing, why_absent

_BADGES = {"Completed": "good", "Failed": "bad"}
_WORDS = {"maximize": "the larger the better", "minimize": "the smaller the better"}


def tuning(trial: Trial) -> Markup:
    """Give the search: its course, its jobs on parallel axes, the hyperparameters' importance, and all jobs."""
    if (nothing := why_absent(trial.sections, "tune", "tuning")) is not None:
        return nothing
    found = details(trial.sections["tune"])["tuning"]
    searched, done = axes(found["ranges"]), jobs(found["jobs"])
    name, metric = plots.identifier(trial.name), found["metric"]
    if not measured(done):
        return joined(_facts(found, done), missing("No training job measured its metric."), _all(searched, done, ""))
    larger = found["goal"] == "maximize"
    across = searchplots.parallel(f"parallel-{name}", metric, searched, done, found["best"], larger=larger)
    return joined(
        _facts(found, done),
        tag("h3", "From job to job"),
        tag("div", searchplots.over_jobs(f"search-{name}", metric, done), class_="plots"),
        tag("h3", "What was tried"),
        tag("p", "A line is a training job: the darker, the better. The best one stands out."),
        tag("div", across, class_="scroll"),
        tag("h3", "Importance of the hyperparameters"),
        *_importance(name, searched, done),
        _all(searched, done, found["best"]),
    )


def _facts(found: Mapping[str, Any], done: Sequence[Job]) -> Markup:
    counts = Counter(job.status for job in done)
    best = next((job for job in done if job.name == found["best"]), None)
    return facts(
        {
            "Tuning job": code(found["job"]),
            "Searched for": joined(code(found["metric"]), f", {_WORDS[found['goal']]}"),
            "Strategy": found["strategy"],
            "Training jobs": ", ".join(f"{count} {status.lower()}" for status, count in sorted(counts.items())),
            "At a time": str(found["limits"]["MaxParallelTrainingJobs"]),
            "Best": f"{figure(best.objective)}, job {best.number}" if best else None,
        }
    )


def _importance(name: str, searched: Sequence[Axis], done: Sequence[Job]) -> list[Markup]:
    shares = influences(searched, done)
    if not shares:
        return [missing(f"{len(measured(done))} training jobs with a value are too few to tell.")]
    said = (
        "How much of the metric's variance from job to job goes with each hyperparameter alone: "
        "R\u00b2 of a parabola through ranks, of listed values of their means. "
        f"By chance it would be about {chance(searched, done):.2f} on average, "
        "and what hyperparameters do together is not seen."
    )
    chart = plots.bars(f"influence-{name}", shares, "share of the variance of the metric's ranks")
    return [tag("p", said), tag("div", chart, class_="plots")]


def _all(searched: Sequence[Axis], done: Sequence[Job], best: str) -> Markup:
    names = [axis.name for axis in searched]
    rows = [
        (
            joined(str(job.number), tag("small", code(job.name))),
            joined(tag("span", job.status, class_=f"badge {_BADGES.get(job.status, 'quiet')}"), _why(job)),
            joined(figure(job.objective), " ", tag("span", "best", class_="badge good") if job.name == best else None),
            *(_value(job.hyperparameters.get(name)) for name in names),
            duration(_seconds(job)),
        )
        for job in done
    ]
    head = ("Job", "Status", "Metric", *(code(name) for name in names), "Took")
    return tag("details", tag("summary", f"All {len(done):,} training jobs"), table(head, rows))


def _why(job: Job) -> Markup | None:
    return tag("small", job.reason) if job.reason else None


def _value(text: str | None) -> str:
    """Give a hyperparameter with as many digits as one can take in; whole numbers stay whole."""
    if text is None:
        return figure(None)
    try:
        return text if text.lstrip("-").isdigit() else f"{float(text):.4g}"
    except ValueError:
        return text


def _seconds(job: Job) -> float | None:
    if job.started is None or job.ended is None:
        return None
    return (datetime.fromisoformat(job.ended) - datetime.fromisoformat(job.started)).total_seconds()

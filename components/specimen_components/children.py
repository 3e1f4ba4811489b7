"""The training jobs of a tuning job: what each tried, what came of it, and why those failed that did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from specimen_components import adopt
from specimen_components.command import Call
from specimen_components.jsondata import Json
from specimen_components.problems import Failure

_FIRST = 3  # different reasons that are told


def listed(call: Call, tuning_job: str, **more: str) -> list[Mapping[str, Any]]:
    """List the training jobs of a tuning job, the oldest first; `more` are members of the request."""
    asked = {
        "HyperParameterTuningJobName": tuning_job,
        "SortBy": "CreationTime",
        "SortOrder": "Ascending",
        **more,
    }
    operation = "ListTrainingJobsForHyperParameterTuningJob"
    return call.ask(lambda: list(call.aws.pages(adopt.SERVICE, operation, asked, "TrainingJobSummaries")))


def table(jobs: Sequence[Mapping[str, Any]], goal: str) -> list[Json]:
    """Give a row for each job: name, status, hyperparameters, objective, the best one so far, times, why it failed.

    `goal` is the objective's type, Maximize or Minimize; what a job does not have is None.
    """
    better = max if goal == "Maximize" else min
    rows: list[Json] = []
    best: float | None = None
    for job in jobs:
        objective = value(job)
        best = objective if best is None else best if objective is None else better(best, objective)
        rows.append(
            {
                "name": job["TrainingJobName"],
                "status": job["TrainingJobStatus"],
                "hyperparameters": dict(job["TunedHyperParameters"]),
                "objective": objective,
                "best_so_far": best,
                "started": _time(job.get("TrainingStartTime")),
                "ended": _time(job.get("TrainingEndTime")),
                "reason": job.get("FailureReason"),
            }
        )
    return rows


def value(job: Mapping[str, Any]) -> float | None:
    """Give what a job's objective came to; None when it has none."""
    found = job.get("FinalHyperParameterTuningJobObjectiveMetric")
    return None if found is None else float(found["Value"])


def explained(call: Call, tuning_job: str, failure: Failure) -> Failure:
    """Add to a tuning job's failure why its first training jobs failed; the same failure when none did."""
    try:
        failed = listed(call, tuning_job, StatusEquals="Failed")
    except Failure:
        return failure  # which says more than that the jobs cannot be listed
    reasons = Counter(str(job.get("FailureReason") or "no reason was given") for job in failed)
    if not reasons:
        return failure
    first = [f"{reason} ({count:,} of {len(failed):,})" for reason, count in list(reasons.items())[:_FIRST]]
    said = str(failure).rstrip(".")
    return Failure(f"{said}. Why training jobs failed: {'; '.join(first)}", hint=adopt.what_to_do(next(iter(reasons))))


def _time(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()

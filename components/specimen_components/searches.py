"""What a tuning job's description says of how far its search has come, and how long it may take."""

import math
from collections.abc import Mapping
from typing import Any

ROUND = 900  # seconds that AWS may need to begin a training job and to end it, beside what it may run
_DAY = 86_400  # AWS's own limit for a job that names none


def limit(description: Mapping[str, Any]) -> float | None:
    """Give the seconds after which a tuning job has ended; None of what is no tuning job.

    It has a limit of its own, or runs all of its training jobs one after the other, as many at a time as it may.
    """
    if (config := description.get("HyperParameterTuningJobConfig")) is None:
        return None
    limits = config["ResourceLimits"]
    if whole := limits.get("MaxRuntimeInSeconds"):
        return float(whole)
    condition = (description.get("TrainingJobDefinition") or {}).get("StoppingCondition", {})
    each = condition.get("MaxWaitTimeInSeconds") or condition.get("MaxRuntimeInSeconds") or _DAY
    rounds = math.ceil(limits.get("MaxNumberOfTrainingJobs", 1) / limits["MaxParallelTrainingJobs"])
    return float(rounds * (each + ROUND))


def progress(description: Mapping[str, Any]) -> str | None:
    """Say how many jobs are done, and what the best of them came to; None of what is no tuning job."""
    if (counts := description.get("TrainingJobStatusCounters")) is None:
        return None
    failed = counts.get("RetryableError", 0) + counts.get("NonRetryableError", 0)
    stopped = counts.get("Stopped", 0)
    done = counts.get("Completed", 0) + failed + stopped
    limits = description["HyperParameterTuningJobConfig"]["ResourceLimits"]
    said = f"{done} of {limits.get('MaxNumberOfTrainingJobs', '?')} training jobs done"
    exceptions = [f"{count} {name}" for count, name in ((failed, "failed"), (stopped, "stopped")) if count]
    said += f" ({', '.join(exceptions)})" if exceptions else ""
    return f"{said}; {_best(description)}"


def _best(description: Mapping[str, Any]) -> str:
    best = description.get("BestTrainingJob") or {}
    if (found := best.get("FinalHyperParameterTuningJobObjectiveMetric")) is None:
        return "none has measured its metric yet"
    chosen = ", ".join(f"{name} {_short(value)}" for name, value in sorted(best["TunedHyperParameters"].items()))
    return f"best {found['MetricName']} {found['Value']:.6g} with {chosen}"


def _short(value: str) -> str:
    """Give a number with as many digits as one can take in."""
    try:
        return f"{float(value):.4g}"
    except ValueError:
        return value

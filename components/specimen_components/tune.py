"""One SageMaker tuning job: the search through the ranges, and its best training job in the place of a trained one."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from specimen_components import adopt, children, outputs, parts, resources, trained, trialcomponents
from specimen_components.command import Call, Result, run
from specimen_components.interface import TUNE
from specimen_components.jsondata import Json
from specimen_components.problems import Failure, Refused, Stopped, Unreachable

_OWN = "_tuning_objective_metric"  # by which SageMaker tells its container what is tuned for; nobody asked for it


def work(call: Call) -> Result:
    """Search, or use the tuning job that has searched the same already."""
    parts.refuse_incomplete(call, "train", "validation")
    tuning = _searched(call)
    best = _best(call, tuning.description)
    job = str(best["TrainingJobName"])
    description = trained.with_metrics(call, job, best)
    jobs = children.listed(call, tuning.resource.name)
    names = [str(one["TrainingJobName"]) for one in jobs]
    trialcomponents.associate(call, resources.TRAINING_JOB, [job, *(name for name in names if name != job)])
    metrics = trained.metrics(description)
    return Result(
        {
            "job": job,
            "arn": description["TrainingJobArn"],
            "artifact": trained.artifact(description),
            "metrics": metrics,
            "hyperparameters": chosen(description),
            "tuning_job": tuning.resource.name,
        },
        artifacts={"metrics_view": outputs.metrics(metrics)},
        details={**trained.details(call, job, description), "tuning": _told(tuning, job, jobs)},
    )


def _searched(call: Call) -> adopt.Owned:
    """Give the completed tuning job; why its training jobs failed stands in the failure of one that failed by them."""
    kind, request = resources.TUNING_JOB, call.mapping("request")
    try:
        return adopt.job(
            call, kind, call.text("prefix"), request, output=lambda found: trained.artifact(_best(call, found))
        )
    except (Refused, Stopped, Unreachable):
        raise
    except Failure as failure:
        resource = call.recorder.record.resource
        raise (children.explained(call, resource.name, failure) if resource else failure) from failure


def _best(call: Call, tuning: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe the best training job of a tuning job; raise `Failure` when there is none."""
    name = tuning["HyperParameterTuningJobName"]
    if not (found := tuning.get("BestTrainingJob") or {}).get("TrainingJobName"):
        raise Failure(
            f"tuning job {name} has no best training job: none of them measured its metric",
            hint="Look at a training job's log: it may have ended before its first round.",
        )
    described = adopt.describe(call, resources.TRAINING_JOB, found["TrainingJobName"])
    if described is None:
        raise Failure(
            f"training job {found['TrainingJobName']}, the best of tuning job {name}, is not there any more",
            hint="Change the search, so that it is done anew.",
        )
    return described


def chosen(description: Mapping[str, Any]) -> dict[str, Json]:
    """Give the best job's hyperparameters, such that a job with them measures, and ends, as it did.

    The metric that is tuned for is measured beside those that are asked for; as the last one it also ends a training
    that stops early, which is what XGBoost's container makes of `_OWN`.
    """
    given = dict(description.get("HyperParameters", {}))
    tuned = str(given.pop(_OWN, "")).partition(":")[2]
    asked = [metric for metric in str(given.get("eval_metric", "")).split(",") if metric and metric != tuned]
    return {**given, **({"eval_metric": ",".join([*asked, tuned])} if tuned else {})}


def _told(tuning: adopt.Owned, best: str, jobs: Sequence[Mapping[str, Any]]) -> dict[str, Json]:
    """Give what was searched, and what each training job found."""
    config = tuning.description["HyperParameterTuningJobConfig"]
    objective = config["HyperParameterTuningJobObjective"]
    return {
        "job": tuning.resource.name,
        "best": best,
        "metric": objective["MetricName"],
        "goal": objective["Type"].lower(),
        "strategy": config["Strategy"],
        "limits": dict(config["ResourceLimits"]),
        "ranges": config.get("ParameterRanges", {}),
        "jobs": children.table(jobs, objective["Type"]),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(TUNE, work, argv)


if __name__ == "__main__":
    sys.exit(main())

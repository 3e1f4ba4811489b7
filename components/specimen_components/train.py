"""One SageMaker training job: its model's artifact, its final metrics, its learning curves and feature importance."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from specimen_components import adopt, outputs, resources, waiting
from specimen_components.command import Call, Result, run
from specimen_components.curves import curves
from specimen_components.importance import importance
from specimen_components.interface import TRAIN
from specimen_components.jsondata import Json
from specimen_components.logs import Log
from specimen_components.problems import Failure
from specimen_components.progress import say


def work(call: Call) -> Result:
    """Train, or use the job that has trained the same already."""
    job = adopt.job(call, resources.TRAINING_JOB, call.text("prefix"), call.mapping("request"), output=_artifact)
    description = _with_metrics(call, job)
    found: dict[str, Json] = {
        metric["MetricName"]: metric["Value"] for metric in description.get("FinalMetricDataList", [])
    }
    artifact = _artifact(description)
    return Result(
        {"job": job.resource.name, "arn": job.resource.arn, "artifact": artifact, "metrics": found},
        artifacts={"metrics_view": outputs.metrics(found)},
        details={
            "hyperparameters": description.get("HyperParameters", {}),
            "image": description["AlgorithmSpecification"].get("TrainingImage"),
            "seconds": description.get("TrainingTimeInSeconds"),
            "billable_seconds": description.get("BillableTimeInSeconds"),
            "final_metrics": found,
            **_from_log(call, job.resource.name),
            **_importance(call, artifact),
        },
    )


def _artifact(description: Mapping[str, Any]) -> str:
    return str(description["ModelArtifacts"]["S3ModelArtifacts"])


def _with_metrics(call: Call, job: adopt.Owned) -> Mapping[str, Any]:
    """Describe the job until its final metrics are there: they may arrive after "Completed"."""

    def look() -> dict[str, Any] | None:
        request = {"TrainingJobName": job.resource.name}
        description = call.aws.call(adopt.SERVICE, resources.TRAINING_JOB.describe, request)
        return description if description.get("FinalMetricDataList") else None

    if job.description.get("FinalMetricDataList"):
        return job.description
    if (described := waiting.until(call.clock, call.pace, look)) is not None:
        return described
    say(f"no final metrics came within {call.pace.late:.0f} s of the job's end; going on without")
    return job.description


def _from_log(call: Call, job: str) -> dict[str, Json]:
    """Give the curves, and the line with which XGBoost says what runs; an unreadable log gives none."""
    log = Log(call.aws, str(resources.TRAINING_JOB.log_group), job)
    try:
        lines = call.ask(log.fresh)
    except Failure as failure:
        say(f"the learning curves cannot be read: {failure}")
        return {"curves": {}, "started_line": None}
    started = next((line for line in lines if "xgboost" in line.lower()), None)
    return {"curves": curves(lines), "started_line": started}


def _importance(call: Call, artifact: str) -> dict[str, Json]:
    features = [str(column) for column in call.items("columns")[1:]]
    try:
        found = call.ask(lambda: importance(call.aws, artifact, features))
        return {"importance": found, "importance_reason": None}
    except Failure as failure:
        say(f"no feature importance: {failure}")
        return {"importance": None, "importance_reason": str(failure)}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(TRAIN, work, argv)


if __name__ == "__main__":
    sys.exit(main())

"""What a completed training job has left: its artifact, final metrics, learning curves and feature importance."""

from collections.abc import Mapping
from typing import Any

from specimen_components import adopt, resources, waiting
from specimen_components.cluster import cluster, features
from specimen_components.command import Call
from specimen_components.curves import curves
from specimen_components.importance import importance
from specimen_components.jsondata import Json
from specimen_components.logs import Log
from specimen_components.problems import Failure
from specimen_components.progress import say


def artifact(description: Mapping[str, Any]) -> str:
    """Give the S3 URI of the job's model."""
    return str(description["ModelArtifacts"]["S3ModelArtifacts"])


def metrics(description: Mapping[str, Any]) -> dict[str, Json]:
    """Give the job's final metrics by their names."""
    return {metric["MetricName"]: metric["Value"] for metric in description.get("FinalMetricDataList", [])}


def with_metrics(call: Call, job: str, description: Mapping[str, Any]) -> Mapping[str, Any]:
    """Describe the job until its final metrics are there: they may arrive after "Completed"."""

    def look() -> dict[str, Any] | None:
        described = call.aws.call(adopt.SERVICE, resources.TRAINING_JOB.describe, {"TrainingJobName": job})
        return described if described.get("FinalMetricDataList") else None

    if description.get("FinalMetricDataList"):
        return description
    if (described := waiting.until(call.clock, call.pace, look)) is not None:
        return described
    say(f"no final metrics came within {call.pace.late:.0f} s of the job's end; going on without")
    return description


def details(call: Call, job: str, description: Mapping[str, Any]) -> dict[str, Json]:
    """Give all that the report shows of the job; the call's `columns` are its data's, the label first."""
    return {
        "hyperparameters": description.get("HyperParameters", {}),
        "image": description["AlgorithmSpecification"].get("TrainingImage"),
        "seconds": description.get("TrainingTimeInSeconds"),
        "billable_seconds": description.get("BillableTimeInSeconds"),
        "cluster": cluster(description),
        "final_metrics": metrics(description),
        **_from_log(call, job),
        **_importance(call, description),
    }


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


def _importance(call: Call, description: Mapping[str, Any]) -> dict[str, Json]:
    names = features(description, call.items("columns"))
    try:
        found = call.ask(lambda: importance(call.aws, artifact(description), names))
        return {"importance": found, "importance_reason": None}
    except Failure as failure:
        say(f"no feature importance: {failure}")
        return {"importance": None, "importance_reason": str(failure)}

"""The tuning component: the best training job in the place of a trained one, and the table of all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from specimen_components import searches, tune
from specimen_components.interface import TUNE
from specimen_components.jsondata import Json
from specimen_components.problems import Failure, Stopped

ARN = "arn:aws:sagemaker:eu-west-1:111122223333:"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
OBJECTIVE = {"Type": "Maximize", "MetricName": "validation:auc"}
CONFIG: dict[str, Any] = {
    "Strategy": "Random",
    "HyperParameterTuningJobObjective": OBJECTIVE,
    "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
    "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]},
}
ARGUMENTS: dict[str, Json] = {
    "prefix": "demo-tune",
    "request": {"HyperParameterTuningJobName": {"$ref": "name"}, "HyperParameterTuningJobConfig": CONFIG},
    "train": "s3://b/train.csv",
    "validation": "s3://b/validation.csv",
    "columns": ["label", "LIMIT", "AGE"],
    "trials": ["demo-default"],
}


def summary(number: int, status: str, value: float | None, **more: Any) -> dict[str, Any]:
    """A training job as its tuning job lists it."""
    measured = {} if value is None else {"FinalHyperParameterTuningJobObjectiveMetric": {**OBJECTIVE, "Value": value}}
    return {
        "TrainingJobName": f"demo-{number}",
        "TrainingJobArn": f"{ARN}training-job/demo-{number}",
        "CreationTime": BEGAN,
        "TrainingStartTime": BEGAN,
        "TrainingEndTime": BEGAN + timedelta(seconds=30),
        "TrainingJobStatus": status,
        "TunedHyperParameters": {"eta": f"0.{number}"},
        **measured,
        **more,
    }


JOBS = [summary(1, "Completed", 0.7), summary(2, "Completed", 0.8), summary(3, "Failed", None, FailureReason="bad")]


def tuning(status: str, done: int, best: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A tuning job as it is described."""
    return {
        "HyperParameterTuningJobName": "demo",
        "HyperParameterTuningJobArn": f"{ARN}hyper-parameter-tuning-job/demo",
        "HyperParameterTuningJobConfig": CONFIG,
        "HyperParameterTuningJobStatus": status,
        "CreationTime": BEGAN,
        "TrainingJobStatusCounters": {"Completed": done, "NonRetryableError": 1},
        "ObjectiveStatusCounters": {"Succeeded": done, "Pending": 0, "Failed": 1},
        **({"BestTrainingJob": best} if best else {}),
        **more,
    }


def described(number: int) -> dict[str, Any]:
    """A training job as it is described."""
    return {
        "TrainingJobName": f"demo-{number}",
        "TrainingJobArn": f"{ARN}training-job/demo-{number}",
        "ModelArtifacts": {"S3ModelArtifacts": f"s3://b/out/{number}/model.tar.gz"},
        "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed",
        "HyperParameters": {"num_round": "2", "eta": f"0.{number}", "_tuning_objective_metric": "validation:auc"},
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 5},
        "StoppingCondition": {},
        "CreationTime": BEGAN,
        "FinalMetricDataList": [{"MetricName": "validation:auc", "Value": 0.8, "Timestamp": BEGAN}],
    }


def shown(script: Any, *jobs: str) -> None:
    for job in jobs:
        name = f"{job}-aws-training-job"
        script.answers("sagemaker:describe_trial_component", {}, {"TrialComponentName": name})
        asked = {"TrialComponentName": name, "TrialName": "demo-default"}
        script.answers("sagemaker:associate_trial_component", {}, asked)


def unseen(script: Any) -> None:
    """What is only for show cannot be read: neither the best job's log nor its model."""
    script.refuses("logs:describe_log_streams", "AccessDeniedException", "no")
    script.refuses("s3:head_object", "403", "Forbidden", 403)


def test_the_best_training_job_counts_as_the_trained_one(script: Any, make_call: Any, capsys: Any) -> None:
    script.refuses("sagemaker:describe_hyper_parameter_tuning_job", "ResourceNotFound", "no such job")
    script.answers("sagemaker:create_hyper_parameter_tuning_job", {"HyperParameterTuningJobArn": f"{ARN}x/demo"})
    for done in (0, 1):
        script.answers("sagemaker:describe_hyper_parameter_tuning_job", tuning("InProgress", done, JOBS[0]))
    script.answers("sagemaker:describe_hyper_parameter_tuning_job", tuning("Completed", 2, JOBS[1]))
    script.records()
    script.answers("sagemaker:describe_training_job", described(2), {"TrainingJobName": "demo-2"})
    listed = {"TrainingJobSummaries": JOBS}
    script.answers("sagemaker:list_training_jobs_for_hyper_parameter_tuning_job", listed)
    shown(script, "demo-2", "demo-1", "demo-3")
    unseen(script)
    result = tune.work(make_call(TUNE, ARGUMENTS))
    assert result.outputs["job"] == "demo-2"
    assert result.outputs["arn"] == f"{ARN}training-job/demo-2"
    assert result.outputs["artifact"] == "s3://b/out/2/model.tar.gz"
    assert result.outputs["metrics"] == {"validation:auc": 0.8}
    # a job with these measures what was tuned for, without being told what a tuning job's are told
    assert result.outputs["hyperparameters"] == {"num_round": "2", "eta": "0.2", "eval_metric": "auc"}
    assert str(result.outputs["tuning_job"]).startswith("demo-tune-")
    told: Any = result.details["tuning"]
    assert [(row["name"], row["objective"], row["best_so_far"]) for row in told["jobs"]] == [
        ("demo-1", 0.7, 0.7),
        ("demo-2", 0.8, 0.8),
        ("demo-3", None, 0.8),
    ]
    assert told["jobs"][2]["reason"] == "bad"
    assert told["jobs"][0]["started"] == "2026-01-01T00:00:00+00:00"
    assert (told["best"], told["goal"], told["metric"]) == ("demo-2", "maximize", "validation:auc")
    said = capsys.readouterr().out
    assert "InProgress: 2 of 4 training jobs done (1 failed); best validation:auc 0.7 with eta 0.1" in said


def test_why_the_training_jobs_failed_is_why_the_step_does(script: Any, make_call: Any) -> None:
    reason = "All training jobs failed. Please take a look at the training jobs failures to get more details."
    ended = tuning("Failed", 0, FailureReason=reason)
    script.answers("sagemaker:describe_hyper_parameter_tuning_job", ended)
    script.records()
    script.answers("sagemaker:list_tags", {"Tags": [{"Key": "specimen:run", "Value": "r-1"}]})
    failed = [summary(number, "Failed", None, FailureReason=f"AlgorithmError: {number // 2}") for number in range(1, 9)]
    script.answers("sagemaker:list_training_jobs_for_hyper_parameter_tuning_job", {"TrainingJobSummaries": failed})
    with pytest.raises(Failure) as caught:
        tune.work(make_call(TUNE, ARGUMENTS))
    reasons = "AlgorithmError: 0 (1 of 8); AlgorithmError: 1 (2 of 8); AlgorithmError: 2 (2 of 8)"
    assert str(caught.value).endswith(f"more details. Why training jobs failed: {reasons}")
    assert caught.value.hint == "The job's own log says more; mend the spec or the data, and run again."


def test_a_search_that_was_stopped_is_no_failure_of_its_jobs(script: Any, make_call: Any) -> None:
    script.answers("sagemaker:describe_hyper_parameter_tuning_job", tuning("Stopped", 1, JOBS[0]))
    script.records()
    script.answers("sagemaker:list_tags", {"Tags": [{"Key": "specimen:run", "Value": "r-1"}]})
    with pytest.raises(Stopped):
        tune.work(make_call(TUNE, ARGUMENTS))


def test_a_search_without_a_measured_metric_has_no_best_job(script: Any, make_call: Any) -> None:
    for status in ("InProgress", "Completed"):
        script.answers("sagemaker:describe_hyper_parameter_tuning_job", tuning(status, 1))
    script.records()
    with pytest.raises(Failure, match="has no best training job: none of them measured its metric"):
        tune.work(make_call(TUNE, ARGUMENTS))


@pytest.mark.parametrize(
    ("limits", "condition", "seconds"),
    [
        ({"MaxRuntimeInSeconds": 7200}, {"MaxRuntimeInSeconds": 60}, 7200),
        ({}, {"MaxRuntimeInSeconds": 3600}, 5 * (3600 + searches.ROUND)),
        ({}, {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 90}, 5 * (90 + searches.ROUND)),
    ],
)
def test_a_search_is_waited_for_as_long_as_its_jobs_may_take(
    limits: dict[str, int], condition: dict[str, int], seconds: float
) -> None:
    """Nine jobs, two at a time, are five rounds."""
    description = {
        "HyperParameterTuningJobConfig": {
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 9, "MaxParallelTrainingJobs": 2, **limits}
        },
        "TrainingJobDefinition": {"StoppingCondition": condition},
    }
    assert searches.limit(description) == seconds
    assert searches.limit({"StoppingCondition": condition}) is None


def test_progress_says_when_there_is_no_best_yet() -> None:
    assert searches.progress(tuning("InProgress", 0)) == (
        "1 of 4 training jobs done (1 failed); none has measured its metric yet"
    )
    assert searches.progress({}) is None


@pytest.mark.parametrize(
    ("asked", "chosen"), [(None, "auc"), ("logloss", "logloss,auc"), ("auc,logloss", "logloss,auc"), ("", "auc")]
)
def test_what_was_tuned_for_is_measured_last(asked: str | None, chosen: str) -> None:
    """XGBoost's container stops early by the last metric, and a tuning job's by the one that is tuned for."""
    given = {} if asked is None else {"eval_metric": asked}
    found = tune.chosen({"HyperParameters": {**given, "_tuning_objective_metric": "validation:auc"}})
    assert found == {"eval_metric": chosen}


def test_hyperparameters_of_an_ordinary_job_stay_as_they_are() -> None:
    assert tune.chosen({"HyperParameters": {"eval_metric": "auc,logloss"}}) == {"eval_metric": "auc,logloss"}

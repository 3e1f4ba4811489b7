"""The training component: final metrics, curves and importance beside the artifact."""

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from botocore.response import StreamingBody
from specimen_components import train
from specimen_components.interface import TRAIN
from specimen_components.jsondata import Json

ARN = "arn:aws:sagemaker:eu-west-1:111122223333:training-job/demo"
ARGUMENTS: dict[str, Json] = {
    "prefix": "demo",
    "request": {"TrainingJobName": {"$ref": "name"}},
    "train": "s3://b/train.csv",
    "validation": "s3://b/validation.csv",
    "columns": ["label", "LIMIT", "AGE"],
}
METRICS = [{"MetricName": "validation:logloss", "Value": 0.25, "Timestamp": datetime.now(UTC)}]


def described(**more: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": "demo",
        "TrainingJobArn": ARN,
        "ModelArtifacts": {"S3ModelArtifacts": "s3://b/out/model.tar.gz"},
        "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed",
        "HyperParameters": {"num_round": "2"},
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 5},
        "StoppingCondition": {},
        "CreationTime": datetime.now(UTC),
        "TrainingTimeInSeconds": 12,
        "BillableTimeInSeconds": 12,
        **more,
    }


def model() -> bytes:
    """A ``model.tar.gz`` as SageMaker's XGBoost leaves it."""
    rows = np.random.default_rng(3).random((100, 2))
    booster = xgboost.train({"max_depth": 1}, xgboost.DMatrix(rows, rows[:, 1]), num_boost_round=1)
    content, packed = bytes(booster.save_raw("ubj")), io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("xgboost-model")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def logged(script: Any, *lines: str) -> None:
    script.answers("logs:describe_log_streams", {"logStreams": [{"logStreamName": "demo/algo-1-1"}]})
    events = [{"message": line} for line in lines]
    script.answers("logs:get_log_events", {"events": events, "nextForwardToken": "f/1"})
    script.answers("logs:get_log_events", {"events": [], "nextForwardToken": "f/1"})


def kept(script: Any) -> None:
    """The job's artifact, which is looked for before the job is used again."""
    script.answers("s3:head_object", {"ContentLength": 1, "ETag": '"e"'})


def stored(script: Any, content: bytes) -> None:
    """One object, as a transfer asks for it."""
    script.answers("s3:head_object", {"ContentLength": len(content), "ETag": '"e"'})
    body = StreamingBody(io.BytesIO(content), len(content))
    script.answers("s3:get_object", {"Body": body, "ContentLength": len(content), "ETag": '"e"'})


def test_a_completed_job_gives_all_that_the_report_shows(script: Any, make_call: Any, tmp_path: Path) -> None:
    script.answers("sagemaker:describe_training_job", described(FinalMetricDataList=METRICS))
    script.records()
    kept(script)
    logged(script, "XGBoost 3.2.0 runs in place of 3.0-5", "[0]#011train-logloss:0.5", "[1]#011train-logloss:0.25")
    stored(script, model())
    result = train.work(make_call(TRAIN, ARGUMENTS))
    assert result.outputs == {
        "job": result.outputs["job"],
        "arn": ARN,
        "artifact": "s3://b/out/model.tar.gz",
        "metrics": {"validation:logloss": 0.25},
    }
    assert result.artifacts == {"metrics_view": {"validation:logloss": 0.25}}
    assert result.details["curves"] == {"train": {"logloss": [0.5, 0.25]}}
    assert result.details["started_line"] == "XGBoost 3.2.0 runs in place of 3.0-5"
    assert (result.details["seconds"], result.details["image"]) == (12, "image")
    importance: Any = result.details["importance"]
    assert list(importance["weight"]) == ["AGE"]
    assert result.details["importance_reason"] is None


def test_final_metrics_are_waited_for(script: Any, make_call: Any) -> None:
    """They may arrive after AWS says Completed."""
    for metrics in ([], [], METRICS):
        script.answers("sagemaker:describe_training_job", described(FinalMetricDataList=metrics))
    script.records()
    kept(script)
    logged(script)
    stored(script, b"broken")
    result = train.work(make_call(TRAIN, ARGUMENTS))
    assert result.outputs["metrics"] == {"validation:logloss": 0.25}
    assert result.details["importance"] is None
    assert "no readable archive" in str(result.details["importance_reason"])


def test_what_is_only_for_show_does_not_fail_the_step(
    script: Any, make_call: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(7):  # pauses of 1, 1.5, 2.25, 3.4 and 4 s
        script.answers("sagemaker:describe_training_job", described())
    script.records()
    kept(script)
    script.refuses("logs:describe_log_streams", "AccessDeniedException", "not authorized")
    script.refuses("s3:head_object", "403", "Forbidden", 403)
    result = train.work(make_call(TRAIN, ARGUMENTS))
    assert result.outputs["metrics"] == {}
    assert (result.details["curves"], result.details["importance"]) == ({}, None)
    said = capsys.readouterr().out
    assert "no final metrics came within 10 s" in said
    assert "the learning curves cannot be read: DescribeLogStreams: AccessDeniedException" in said
    assert "no feature importance: GetObject: 403" in said

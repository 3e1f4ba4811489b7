"""`evaluate` reads what the transform job wrote, and nothing else of the model."""

import json
from typing import Any

import pytest
from specimen_components.clients import Aws
from specimen_components.command import Call
from specimen_components.environment import Environment
from specimen_components.evaluate import work
from specimen_components.interface import EVALUATE
from specimen_components.problems import Failure
from specimen_components.records import Recorder

from tests.fakes import Buckets

TEST, OUTPUT = "s3://b/data/abc/test.csv", "s3://b/evaluation/job-1"
REQUEST: dict[str, Any] = {
    "TransformJobName": {"$ref": "name"},
    "ModelName": {"$ref": "model"},
    "TransformInput": {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": {"$ref": "test"}}},
        "ContentType": "text/csv",
        "SplitType": "Line",
    },
    "TransformOutput": {"S3OutputPath": {"$join": ["s3://b/evaluation/", {"$ref": "name"}]}},
    "DataProcessing": {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
    "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
}

ARN = "arn:aws:sagemaker:eu-west-1:111122223333:transform-job/job-1"
DESCRIBED = {
    "TransformJobName": "job-1",
    "TransformJobArn": ARN,
    "TransformJobStatus": "Completed",
    "ModelName": "m",
    "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": TEST}}},
    "TransformOutput": {"S3OutputPath": OUTPUT},
    "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
    "CreationTime": 0,
}


@pytest.fixture
def buckets() -> Buckets:
    made = Buckets()
    made.put(TEST, "0,5,6\n0,5,7\n0,5,8\n1,5,9\n")
    made.put(f"{OUTPUT}/test.csv.out", "0,0.2\n0,0.5\n0,0.7\n1,0.9\n")
    return made


def call(script: Any, clock: Any, pace: Any, buckets: Buckets, problem: dict[str, Any], request: Any = REQUEST) -> Call:
    script.answers("sagemaker:describe_transform_job", DESCRIBED)
    aws = Aws(Environment("eu-west-1", None, local=True), lambda name: buckets if name == "s3" else script.client(name))
    recorder = Recorder(aws, "s3://b/runs/r-1/evaluate.json", "evaluate", "r-1")
    arguments: dict[str, Any] = {"prefix": "job", "request": request, "problem": problem, "model": "m", "test": TEST}
    return Call(EVALUATE, "r-1", arguments, aws, recorder, clock, pace)


@pytest.fixture
def evaluate(script: Any, clock: Any, make_call: Any, buckets: Buckets) -> Any:
    pace = make_call(EVALUATE, {}).pace
    return lambda problem: work(call(script, clock, pace, buckets, problem))


def test_figures_come_from_the_output_object(evaluate: Any, buckets: Buckets) -> None:
    result = evaluate({"type": "binary", "threshold": 0.5, "classes": 2})
    assert result.outputs["predictions"] == f"{OUTPUT}/test.csv.out"
    assert result.outputs["metrics"]["test:accuracy"] == 0.75
    assert result.outputs["metrics"]["test:auc"] == 1
    assert result.details["confusion"] == [[2, 1], [0, 1]]
    assert result.artifacts["metrics_view"]["test:recall"] == 1
    assert result.artifacts["classification_view"]["confusionMatrix"]["rows"] == [{"row": [2, 1]}, {"row": [0, 1]}]
    assert result.artifacts["classification_view"]["confidenceMetrics"][0] == {
        "confidenceThreshold": 1.0,
        "recall": 0.0,
        "falsePositiveRate": 0.0,
    }


def test_statistics_are_written_under_their_digest(evaluate: Any, buckets: Buckets) -> None:
    uri = evaluate({"type": "binary", "threshold": 0.5}).outputs["statistics"]
    assert uri.startswith(f"{OUTPUT}/statistics/")
    found = json.loads(buckets.text(uri))
    assert found["binary_classification_metrics"]["accuracy"]["value"] == 0.75


def test_one_class_gives_no_auc_and_says_so(
    evaluate: Any, buckets: Buckets, capsys: pytest.CaptureFixture[str]
) -> None:
    buckets.put(f"{OUTPUT}/test.csv.out", "0,0.2\n0,0.5\n0,0.7\n0,0.9\n")
    result = evaluate({"type": "binary", "threshold": 0.5})
    assert result.outputs["metrics"]["test:auc"] is None
    assert "test:auc" not in result.artifacts["metrics_view"]
    assert "AUC and ROC are undefined" in capsys.readouterr().out


def test_a_regression_has_no_classification(evaluate: Any) -> None:
    result = evaluate({"type": "regression"})
    assert set(result.artifacts) == {"metrics_view"}
    assert "test:rmse" in result.outputs["metrics"]


def test_a_short_output_is_refused(evaluate: Any, buckets: Buckets) -> None:
    buckets.put(f"{OUTPUT}/test.csv.out", "0,0.2\n")
    with pytest.raises(Failure, match="answered 1 rows for 4 rows of the test part"):
        evaluate({"type": "binary"})


def test_a_deleted_output_is_made_anew_by_the_next_attempt(
    script: Any, clock: Any, make_call: Any, buckets: Buckets, capsys: pytest.CaptureFixture[str]
) -> None:
    """And if the new job left none either, that is said."""
    del buckets.objects[f"{OUTPUT}/test.csv.out"]
    made = call(script, clock, make_call(EVALUATE, {}).pace, buckets, {"type": "binary"})
    script.refuses("sagemaker:describe_transform_job", "ValidationException", "Could not find requested job with name")
    script.answers("sagemaker:create_transform_job", {"TransformJobArn": ARN})
    script.answers("sagemaker:describe_transform_job", DESCRIBED)
    with pytest.raises(Failure, match=r"its output s3://b/evaluation/job-1/test.csv.out is not there"):
        work(made)
    resource = made.recorder.record.resource
    assert resource is not None
    assert (resource.how, resource.name.endswith("-2")) == ("created", True)
    assert "has completed, but its output is gone; making the next attempt" in capsys.readouterr().out


@pytest.mark.parametrize(("answers", "said"), [("2\n0\n2\n", None), ("2\n0\n", "answered 2 rows for 3 rows")])
def test_libsvm_is_evaluated_from_its_own_labels_row_by_row(
    script: Any, clock: Any, make_call: Any, buckets: Buckets, answers: str, said: str | None
) -> None:
    """SageMaker joins no libsvm; a row may well hold nothing but its label."""
    buckets.put(TEST, "2 1:0.5 3:1\n1\n2 2:4\n")
    buckets.put(f"{OUTPUT}/test.csv.out", answers)
    request = {key: value for key, value in REQUEST.items() if key != "DataProcessing"}
    request["TransformInput"] = {**REQUEST["TransformInput"], "ContentType": "text/libsvm"}
    made = call(script, clock, make_call(EVALUATE, {}).pace, buckets, {"type": "multiclass", "classes": 3}, request)
    if said:
        with pytest.raises(Failure, match=said):
            work(made)
        return
    details: Any = work(made).details
    assert details["confusion"] == [[0, 0, 0], [1, 0, 0], [0, 0, 2]]

"""The explain component: global SHAP values by feature, and what a configuration asked of them."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody
from specimen_components import explain
from specimen_components.interface import EXPLAIN
from specimen_components.jsondata import Json

ARGUMENTS: dict[str, Json] = {
    "prefix": "demo",
    "request": {"ProcessingJobName": {"$ref": "name"}},
    "config": {
        "headers": {"$ref": "columns"},
        "methods": {
            "shap": {
                "baseline": {"$ref": "baseline"},
                "num_samples": 100.0,
                "agg_method": "mean_abs",
                "use_logit": False,
            },
        },
    },
    "destination": "s3://b/configs/",
    "dataset": "s3://b/test.csv",
    "columns": ["y", "AGE"],
    "model": "m",
    "baseline": "s3://b/baseline.csv",
}
ANALYSIS = {"explanations": {"kernel_shap": {"label0": {"global_shap_values": {"AGE": 0.25}, "expected_value": 0.5}}}}


def completed(script: Any) -> None:
    script.answers("s3:head_object", {"ContentLength": 1, "ETag": '"e"'})
    script.answers(
        "sagemaker:describe_processing_job",
        {
            "ProcessingJobName": "demo",
            "ProcessingJobArn": "arn:aws:sagemaker:eu-west-1:111122223333:processing-job/demo",
            "ProcessingJobStatus": "Completed",
            "ProcessingResources": {
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 5}
            },
            "AppSpecification": {"ImageUri": "image"},
            "CreationTime": 0,
            "ProcessingOutputConfig": {
                "Outputs": [{"OutputName": "o", "S3Output": {"S3Uri": "s3://b/x/demo", "S3UploadMode": "EndOfJob"}}]
            },
        },
    )
    script.records()
    script.answers(
        "s3:head_object", {"ContentLength": 1, "ETag": '"e"'}, {"Bucket": "b", "Key": "x/demo/analysis.json"}
    )
    for key, content in {"analysis.json": json.dumps(ANALYSIS).encode(), "report.html": b"<h1>"}.items():
        body = StreamingBody(io.BytesIO(content), len(content))
        script.answers("s3:get_object", {"Body": body}, {"Bucket": "b", "Key": f"x/demo/{key}"})


LOCAL = {"Bucket": "b", "Key": "x/demo/explanations_shap/out.csv"}


@pytest.mark.parametrize("kept", [True, False])
def test_values_are_given_by_feature_and_files_named(script: Any, make_call: Any, kept: bool) -> None:
    completed(script)
    if kept:
        script.answers("s3:head_object", {"ContentLength": 1, "ETag": '"e"'}, LOCAL)
    else:
        script.refuses("s3:head_object", "404", "Not Found", 404)
    result = explain.work(make_call(EXPLAIN, ARGUMENTS))
    assert result.outputs["metrics"] == {"AGE": 0.25}
    assert result.outputs["analysis"] == "s3://b/x/demo/analysis.json"
    assert result.artifacts == {"report_view": "<h1>", "metrics_view": {"AGE": 0.25}}
    assert result.details["asked"] == {"num_samples": 100.0, "agg_method": "mean_abs", "use_logit": False}
    assert result.details["baseline"] == "s3://b/baseline.csv"
    assert result.details.get("local") == (f"s3://b/{LOCAL['Key']}" if kept else None)


def test_a_model_with_several_answers_has_values_of_each() -> None:
    labels = {label: {"global_shap_values": {"AGE": 0.1}, "expected_value": 0} for label in ("label0", "label1")}
    found = explain.metrics({"explanations": {"kernel_shap": labels}})
    assert found == {"AGE (label0)": 0.1, "AGE (label1)": 0.1}
    assert explain.metrics({"version": "1.0"}) == {}


@pytest.mark.parametrize(
    ("name", "feature", "value"),
    [
        ("explain.analysis.json", "Capital Gain", 0.09933718978948747),
        ("adult_explain.analysis.json", "Country", 0.04712774225543154),
    ],
)
def test_values_of_a_job_of_awss_own(shared_data: Callable[[str], Path], name: str, feature: str, value: float) -> None:
    analysis = json.loads(shared_data(f"reference/clarify_output/{name}").read_text())
    assert explain.metrics(analysis)[feature] == value

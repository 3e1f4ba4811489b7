"""The bias component: its configuration is in the job's digest, and Clarify's own files are what it gives."""

import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody
from specimen_components import bias
from specimen_components.interface import BIAS
from specimen_components.jsondata import Json
from specimen_components.problems import Failure

ARN = "arn:aws:sagemaker:eu-west-1:111122223333:processing-job/demo"
CONFIG: dict[str, Json] = {"label": "y", "facet": [{"name_or_index": "SEX", "value_or_threshold": [1.0]}]}
ARGUMENTS: dict[str, Json] = {
    "prefix": "demo",
    "request": {
        "ProcessingJobName": {"$ref": "name"},
        "ProcessingInputs": [{"InputName": "config", "S3Input": {"S3Uri": {"$ref": "config"}}}],
    },
    "config": {**CONFIG, "headers": {"$ref": "columns"}},
    "destination": "s3://b/configs/",
    "dataset": "s3://b/test.csv",
    "columns": ["y", "SEX"],
}
ANALYSIS = {
    "version": "1.0",
    "pre_training_bias_metrics": {
        "facets": {
            "SEX": [
                {"value_or_threshold": "1", "metrics": [{"name": "DPL", "value": 0.25}, {"name": "KL", "value": None}]}
            ]
        }
    },
    "post_training_bias_metrics": {
        "facets": {"SEX": [{"value_or_threshold": "1", "metrics": [{"name": "DI", "value": "Infinity"}]}]}
    },
}
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def completed(script: Any) -> None:
    script.answers(
        "sagemaker:describe_processing_job",
        {
            "ProcessingJobName": "demo",
            "ProcessingJobArn": ARN,
            "ProcessingJobStatus": "Completed",
            "ProcessingResources": {
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 5}
            },
            "AppSpecification": {"ImageUri": "image"},
            "CreationTime": BEGAN,
            "ProcessingStartTime": BEGAN,
            "ProcessingEndTime": BEGAN + timedelta(seconds=90),
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "analysis_result",
                        "S3Output": {"S3Uri": "s3://b/bias/demo", "S3UploadMode": "EndOfJob"},
                    }
                ]
            },
        },
    )
    script.records()
    script.answers(
        "s3:head_object", {"ContentLength": 1, "ETag": '"e"'}, {"Bucket": "b", "Key": "bias/demo/analysis.json"}
    )


def stored(script: Any, key: str, content: bytes) -> None:
    body = StreamingBody(io.BytesIO(content), len(content))
    script.answers("s3:get_object", {"Body": body}, {"Bucket": "b", "Key": key})


def config_is_there(script: Any) -> None:
    script.answers("s3:head_object", {"ContentLength": 1, "ETag": '"e"'})


def test_the_configuration_is_written_under_its_content_and_the_files_are_fetched(script: Any, make_call: Any) -> None:
    script.refuses("s3:head_object", "404", "Not Found", 404)
    text = b'{"facet":[{"name_or_index":"SEX","value_or_threshold":[1]}],"headers":["y","SEX"],"label":"y"}'
    key = f"configs/{hashlib.sha256(text).hexdigest()[:16]}/analysis_config.json"
    script.answers("s3:put_object", {}, {"Bucket": "b", "Key": key, "Body": text, "ContentType": "application/json"})
    completed(script)
    stored(script, "bias/demo/analysis.json", json.dumps(ANALYSIS).encode())
    stored(script, "bias/demo/report.html", b"<h1>Analysis</h1>")
    result = bias.work(make_call(BIAS, ARGUMENTS))
    assert result.outputs["analysis"] == "s3://b/bias/demo/analysis.json"
    assert result.outputs["report"] == "s3://b/bias/demo/report.html"
    assert result.outputs["metrics"] == {"SEX": {"1": {"DPL": 0.25, "KL": None, "DI": "Infinity"}}}
    assert result.artifacts == {"report_view": "<h1>Analysis</h1>", "metrics_view": {"SEX=1 DPL": 0.25}}
    assert result.details == {"analysis": ANALYSIS, "seconds": 90.0}


def test_another_configuration_is_another_job(script: Any, make_call: Any) -> None:
    names = []
    for threshold in (0.5, 0.5, 0.6):
        config_is_there(script)
        completed(script)
        stored(script, "bias/demo/analysis.json", b"{}")
        stored(script, "bias/demo/report.html", b"")
        arguments = {**ARGUMENTS, "config": {**CONFIG, "probability_threshold": threshold}}
        names.append(bias.work(make_call(BIAS, arguments)).outputs["job"])
    assert names[0] == names[1] != names[2]


@pytest.mark.parametrize(("content", "said"), [(b"<html>", "is no JSON"), (b"[]", "holds no analysis")])
def test_an_analysis_that_is_none_is_one_message(script: Any, make_call: Any, content: bytes, said: str) -> None:
    config_is_there(script)
    completed(script)
    stored(script, "bias/demo/analysis.json", content)
    with pytest.raises(Failure, match=f"s3://b/bias/demo/analysis.json {said}"):
        bias.work(make_call(BIAS, ARGUMENTS))


def test_metrics_of_a_job_of_awss_own(shared_data: Callable[[str], Path]) -> None:
    analysis = json.loads(shared_data("reference/clarify_output/adult_bias.analysis.json").read_text())
    found = bias.metrics(analysis)
    assert found["Sex"]["0"]["AD"] == -0.1141572442143538
    listed = [
        metric
        for stage in ("pre_training_bias_metrics", "post_training_bias_metrics")
        for facets in analysis.get(stage, {}).get("facets", {}).values()
        for facet in facets
        for metric in facet["metrics"]
    ]
    assert len(bias.flat(found)) == len(listed)

"""Processing jobs get their inputs, run a container, and store its outputs."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.errors import AwsError
from specimen.emulator.jobs.containers import BUILT_IN

if TYPE_CHECKING:
    from .conftest import Cloud

COUNT = """
    import json, os, pathlib, sys
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    text = (base / "processing/input/data/text.txt").read_text()
    config = json.loads((base / "config/processingjobconfig.json").read_text())
    count = {"words": len(text.split()), "arguments": sys.argv[1:], "mode": os.environ["MODE"]}
    (base / "processing/output/deep").mkdir()
    (base / "processing/output/deep/count.json").write_text(json.dumps(count | {"job": config["ProcessingJobName"]}))
    (base / "output/message").write_text("counted")
    print("endpoint", os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_ACCESS_KEY_ID"])
"""


def process(cloud: "Cloud", name: str, image: str, **more: Any) -> dict[str, Any]:
    """Create a processing job with one input and one output."""
    source = {"S3Uri": f"s3://{cloud.bucket}/text", "LocalPath": "/opt/ml/processing/input/data"}
    target = {"S3Uri": f"s3://{cloud.bucket}/counted", "LocalPath": "/opt/ml/processing/output"}
    request: dict[str, Any] = {
        "AppSpecification": {"ImageUri": image},
        "Environment": {"MODE": "fast"},
        "ProcessingInputs": [{"InputName": "data", "S3Input": {**source, "S3DataType": "S3Prefix"}}],
        "ProcessingOutputConfig": {
            "Outputs": [{"OutputName": "o", "S3Output": {**target, "S3UploadMode": "EndOfJob"}}]
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5}
        },
        "RoleArn": cloud.role,
    }
    return cloud.call("CreateProcessingJob", ProcessingJobName=name, **{**request, **more})


@pytest.fixture
def text(cloud: "Cloud") -> None:
    """The input."""
    cloud.put("text/text.txt", b"one two three")


@pytest.mark.usefixtures("text")
def test_a_job_turns_inputs_into_outputs(cloud: "Cloud") -> None:
    image = cloud.image("counter", COUNT)
    answer = process(cloud, "job", image, AppSpecification={"ImageUri": image, "ContainerArguments": ["--fast"]})
    assert answer == {"ProcessingJobArn": "arn:aws:sagemaker:us-east-1:111122223333:processing-job/job"}
    job = cloud.ended("ProcessingJob", "job")
    assert job["ProcessingJobStatus"] == "Completed", job
    assert job["ExitMessage"] == "counted"
    assert job["CreationTime"] <= job["ProcessingStartTime"] <= job["ProcessingEndTime"]
    expected = b'{"words": 3, "arguments": ["--fast"], "mode": "fast", "job": "job"}'
    assert cloud.get("counted/deep/count.json") == expected
    assert "endpoint http://127.0.0.1:9 AKIAEXAMPLE" in cloud.log("job")


@pytest.mark.usefixtures("text")
def test_a_failure_leaves_no_output_and_a_reason(cloud: "Cloud") -> None:
    source = """
        import os, pathlib
        base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
        (base / "processing/output/half.txt").write_text("half")
        (base / "output/message").write_text("gave up")
        raise SystemExit(3)
    """
    process(cloud, "job", cloud.image("broken", source))
    job = cloud.ended("ProcessingJob", "job")
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert job["ExitMessage"] == "gave up"
    assert cloud.list("counted") == ()


@pytest.mark.usefixtures("text")
def test_a_job_that_takes_too_long_is_stopped(cloud: "Cloud") -> None:
    image = cloud.image("slow", "import signal\nsignal.pause()")
    process(cloud, "job", image, StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert cloud.ended("ProcessingJob", "job")["ProcessingJobStatus"] == "Stopped"


@pytest.mark.usefixtures("text")
def test_a_job_is_stopped_and_listed(cloud: "Cloud") -> None:
    process(cloud, "job", cloud.image("slow", "import signal\nsignal.pause()"))
    cloud.container("ProcessingJob", "job")
    cloud.call("StopProcessingJob", ProcessingJobName="job")
    assert cloud.ended("ProcessingJob", "job")["ProcessingJobStatus"] == "Stopped"
    (summary,) = cloud.call("ListProcessingJobs", StatusEquals="Stopped")["ProcessingJobSummaries"]
    assert summary["ProcessingJobName"] == "job"
    assert cloud.call("ListProcessingJobs", StatusEquals="Failed")["ProcessingJobSummaries"] == []


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "path": (
        {
            "ProcessingInputs": [
                {
                    "InputName": "x",
                    "S3Input": {"S3Uri": "s3://a-bucket/text", "S3DataType": "S3Prefix", "LocalPath": "/a"},
                }
            ]
        },
        r"must begin with /opt/ml/processing/ \(input x\)",
    ),
    "manifest": (
        {
            "ProcessingInputs": [
                {"InputName": "x", "S3Input": {"S3Uri": "s3://a-bucket/t", "S3DataType": "ManifestFile"}}
            ]
        },
        r"S3DataType ManifestFile \(input x\)",
    ),
    "dataset": ({"ProcessingInputs": [{"InputName": "x", "DatasetDefinition": {}}]}, "other than S3Input"),
    "instances": (
        {"ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2}}},
        "InstanceCount 2",
    ),
}


@pytest.mark.usefixtures("text")
@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_run_is_refused(cloud: "Cloud", case: str) -> None:
    request, message = REFUSED[case]
    with pytest.raises(AwsError, match=message):
        process(cloud, "job", cloud.image("counter", COUNT), **request)


def test_an_input_without_objects_is_refused(cloud: "Cloud") -> None:
    with pytest.raises(AwsError, match="No S3 objects found under S3 URL"):
        process(cloud, "job", cloud.image("counter", COUNT))


@pytest.mark.usefixtures("text")
def test_names_are_unique_and_absent_jobs_not_found(cloud: "Cloud") -> None:
    image = cloud.image("counter", COUNT)
    process(cloud, "job", image)
    with pytest.raises(AwsError, match="a job with this name already exists") as taken:
        process(cloud, "job", image)
    assert taken.value.code == "ResourceInUse"
    with pytest.raises(AwsError, match="Could not find requested job with name: other"):
        cloud.describe("ProcessingJob", "other")


@pytest.mark.usefixtures("text")
def test_an_image_of_several_modules_starts_the_one_that_the_entry_point_names(cloud: "Cloud") -> None:
    cloud.image("second", "import sys\nprint('second', sys.argv[1:])")
    first = cloud.image("first", "raise SystemExit(1)")
    cloud.table["first"] = replace(cloud.table["first"], others=("image_second",))
    entry = {"ImageUri": first, "ContainerEntrypoint": ["python", "-m", "image_second", "-x"]}
    process(cloud, "job", first, AppSpecification={**entry, "ContainerArguments": ["--fast"]})
    assert cloud.ended("ProcessingJob", "job")["ProcessingJobStatus"] == "Completed"
    assert "second ['-x', '--fast']" in cloud.log("job")


@pytest.mark.usefixtures("text")
@pytest.mark.parametrize("entrypoint", [None, ["python", "-m", "os"], ["sh", "-c", "true"], ["python", "-m"]])
def test_nothing_else_is_started_of_an_image_of_several_modules(cloud: "Cloud", entrypoint: list[str] | None) -> None:
    first = cloud.image("first", "")
    cloud.table["first"] = replace(cloud.table["first"], others=("image_second", "image_third"))
    entry = {"ImageUri": first, **({} if entrypoint is None else {"ContainerEntrypoint": entrypoint})}
    with pytest.raises(AwsError, match="python -m image_second or python -m image_third") as refused:
        process(cloud, "job", first, AppSpecification=entry)
    assert refused.value.code == "NotImplemented"


def test_the_jobs_image_trains_and_evaluates_and_is_no_algorithm_of_sagemakers() -> None:
    image = BUILT_IN.find("registry.example.com/specimen-jobs@sha256:" + "0" * 64)
    assert image is not None
    assert (image.module, image.metrics) == ("specimen_jobs.xgboost", None)
    assert image.others == ("specimen_jobs.clarify", "specimen_jobs.debugger")

"""Training jobs run, end and fail as SageMaker's do."""

from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.errors import AwsError

if TYPE_CHECKING:
    from .conftest import Cloud

MODEL = """
    import json, os, pathlib, sys
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    rows = (base / "input/data/train/part.csv").read_text()
    parameters = json.loads((base / "input/config/hyperparameters.json").read_text())
    (base / "model/model.json").write_text(json.dumps({"rows": rows, "arguments": sys.argv[1:], **parameters}))
    print("[0]\\ttrain-logloss:0.7\\tvalidation-logloss:0.8")
    print("[1]\\ttrain-logloss:0.5\\tvalidation-logloss:0.6")
"""
METRICS = {"validation:logloss": r".*\[[0-9]+\].*#011validation-logloss:(\S+)", "other": "never (.*)"}


@pytest.fixture
def data(cloud: "Cloud") -> None:
    """One object for the channel."""
    cloud.put("train/part.csv", b"1,2\n")


@pytest.mark.usefixtures("data")
def test_a_job_turns_its_channel_into_a_model(cloud: "Cloud") -> None:
    image = cloud.image("trainer", MODEL, METRICS)
    answer = cloud.train("job", image, HyperParameters={"eta": "0.2"})
    assert answer == {"TrainingJobArn": "arn:aws:sagemaker:us-east-1:111122223333:training-job/job"}
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Completed", job
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": f"s3://{cloud.bucket}/output/job/output/model.tar.gz"}
    assert cloud.packed("output/job/output/model.tar.gz") == {
        "model.json": b'{"rows": "1,2\\n", "arguments": ["train"], "eta": "0.2"}'
    }
    assert "output/job/output/output.tar.gz" not in cloud.list()


@pytest.mark.usefixtures("data")
def test_its_statuses_follow_one_another_without_a_gap(cloud: "Cloud") -> None:
    cloud.train("job", cloud.image("trainer", MODEL))
    job = cloud.ended("TrainingJob", "job")
    steps = job["SecondaryStatusTransitions"]
    assert [step["Status"] for step in steps] == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert all(step["StatusMessage"] for step in steps)
    assert [step["EndTime"] for step in steps] == [*(step["StartTime"] for step in steps[1:]), steps[-1]["StartTime"]]
    assert job["CreationTime"] <= job["TrainingStartTime"] <= job["TrainingEndTime"] <= job["LastModifiedTime"]
    assert job["TrainingTimeInSeconds"] == job["BillableTimeInSeconds"] >= 1


@pytest.mark.usefixtures("data")
def test_a_built_in_image_brings_its_metrics_and_the_last_values_count(cloud: "Cloud") -> None:
    cloud.train("job", cloud.image("trainer", MODEL, METRICS))
    job = cloud.ended("TrainingJob", "job")
    (metric,) = job["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("validation:logloss", 0.6)
    assert {entry["Name"] for entry in job["AlgorithmSpecification"]["MetricDefinitions"]} == set(METRICS)
    assert "[1]#011train-logloss:0.5#011validation-logloss:0.6\n" in cloud.log("job")


@pytest.mark.usefixtures("data")
def test_ones_own_image_may_define_metrics(cloud: "Cloud") -> None:
    algorithm = {
        "TrainingImage": cloud.image("trainer", MODEL),
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": r"train-logloss:([0-9.]+)"}],
    }
    cloud.train("job", "", AlgorithmSpecification=algorithm)
    (metric,) = cloud.ended("TrainingJob", "job")["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("loss", 0.5)


@pytest.mark.usefixtures("data")
def test_output_data_become_an_archive_of_their_own(cloud: "Cloud") -> None:
    image = cloud.image(
        "trainer",
        """
        import os, pathlib
        folder = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"], "output/data/plots")
        folder.mkdir()
        (folder / "a.txt").write_text("A")
        """,
    )
    cloud.train("job", image)
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Completed"
    assert cloud.packed("output/job/output/output.tar.gz") == {"plots/a.txt": b"A"}


FAILURES = {
    "its own words": ("(base / 'output/failure').write_text('no label')", "AlgorithmError: no label, exit code: 1"),
    "a prefix": ("(base / 'output/failure').write_text('ClientError: x')", "ClientError: x, exit code: 1"),
    "no words": ("", "AlgorithmError: , exit code: 1"),
}


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_gives_the_reason_that_the_container_wrote(cloud: "Cloud", case: str) -> None:
    write, reason = FAILURES[case]
    source = f"import os, pathlib, sys\nbase = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR'])\n{write}\nsys.exit(1)"
    cloud.train("job", cloud.image("trainer", source))
    job = cloud.ended("TrainingJob", "job")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"] == reason
    assert job["SecondaryStatusTransitions"][-1]["Status"] == "Failed"


@pytest.mark.usefixtures("data")
def test_a_long_reason_is_cut_and_keeps_its_exit_code(cloud: "Cloud") -> None:
    source = """
        import os, pathlib, sys
        pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"], "output/failure").write_text("x" * 5000)
        sys.exit(7)
    """
    cloud.train("job", cloud.image("trainer", source))
    reason = cloud.ended("TrainingJob", "job")["FailureReason"]
    assert len(reason) == 1024
    assert reason.endswith("x, exit code: 7")


@pytest.mark.usefixtures("data")
def test_an_unknown_image_fails_the_job_and_is_named(cloud: "Cloud") -> None:
    cloud.train("job", "111122223333.dkr.ecr.us-east-1.amazonaws.com/nothing-like-it:1")
    job = cloud.ended("TrainingJob", "job")
    assert job["FailureReason"].startswith("ClientError: Cannot pull algorithm container.")
    assert "nothing-like-it:1" in job["FailureReason"]


def test_a_channel_without_objects_is_refused_as_sagemaker_refuses_it(cloud: "Cloud") -> None:
    with pytest.raises(AwsError) as refused:
        cloud.train("job", cloud.image("trainer", MODEL))
    assert refused.value.code == "ValidationException"
    assert refused.value.message.startswith(
        f'No S3 objects found under S3 URL "s3://{cloud.bucket}/train" given in input data source.'
    )


def test_an_object_that_is_deleted_before_it_is_needed_fails_the_job(cloud: "Cloud") -> None:
    """The job is created while the object is there, and its worker starts when it is gone."""
    cloud.put("train/part.csv", b"1\n")
    cloud.put("second/part.csv", b"2\n")
    launcher, kept = cloud.launcher, {}

    class Late:
        """Keeps the job instead of launching it."""

        images = launcher.images
        grace = launcher.grace

        def launch(self, kind: str, name: str, job: dict[str, Any]) -> None:
            kept["job"] = job

    cloud.launcher = Late()  # type: ignore[assignment] # all of a launcher that creating a job needs
    cloud.train("job", cloud.image("trainer", MODEL), InputDataConfig=[cloud.channel("train"), cloud.channel("second")])
    cloud.launcher = launcher
    cloud.objects.delete(cloud.bucket, "second/part.csv")
    launcher.launch("TrainingJob", "job", kept["job"])
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(
        f'ClientError: No S3 objects found under S3 URL "s3://{cloud.bucket}/second" given in input data source.'
    )
    assert cloud.list("output") == ()


@pytest.mark.usefixtures("data")
def test_a_name_is_taken_for_good(cloud: "Cloud") -> None:
    image = cloud.image("trainer", MODEL)
    cloud.train("job", image)
    with pytest.raises(AwsError, match="must be unique within an AWS account and region") as taken:
        cloud.train("job", image)
    assert taken.value.code == "ResourceInUse"
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Completed"


@pytest.mark.usefixtures("data")
def test_metric_definitions_with_a_built_in_image_are_refused(cloud: "Cloud") -> None:
    algorithm = {
        "TrainingImage": cloud.image("trainer", MODEL, METRICS),
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": "(.*)"}],
    }
    with pytest.raises(AwsError, match="You can't override the metric definitions for Amazon SageMaker algorithms"):
        cloud.train("job", "", AlgorithmSpecification=algorithm)


SPOT: dict[str, tuple[dict[str, Any], str]] = {
    "no wait": ({"EnableManagedSpotTraining": True}, "Invalid MaxWaitTimeInSeconds"),
    "short wait": (
        {
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59},
        },
        "greater than or equal to MaxRuntimeInSeconds",
    ),
    "kept alive": (
        {
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60},
            "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "KeepAlivePeriodInSeconds": 60},
        },
        "KeepAlivePeriodInSeconds",
    ),
    "wait without spot": ({"StoppingCondition": {"MaxWaitTimeInSeconds": 60}}, "EnableManagedSpotTraining"),
}
UNSUPPORTED: dict[str, tuple[dict[str, Any], str]] = {
    "groups": (
        {
            "ResourceConfig": {
                "VolumeSizeInGB": 1,
                "InstanceGroups": [{"InstanceGroupName": "g", "InstanceType": "ml.m5.large", "InstanceCount": 1}],
            }
        },
        "InstanceGroups",
    ),
    "summaries": ({"TensorBoardOutputConfig": {"S3OutputPath": "s3://a-bucket/t"}}, "TensorBoardOutputConfig"),
    "name": ({"AlgorithmSpecification": {"AlgorithmName": "x", "TrainingInputMode": "File"}}, "AlgorithmName"),
}


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("case", SPOT)
def test_spot_needs_a_wait_that_covers_the_run(cloud: "Cloud", case: str) -> None:
    request, message = SPOT[case]
    with pytest.raises(AwsError, match=message) as refused:
        cloud.train("job", cloud.image("trainer", MODEL), **request)
    assert refused.value.code == "ValidationException"


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("case", UNSUPPORTED)
def test_what_is_not_implemented_is_named_and_nothing_is_created(cloud: "Cloud", case: str) -> None:
    request, message = UNSUPPORTED[case]
    with pytest.raises(AwsError, match=message) as refused:
        cloud.train("job", cloud.image("trainer", MODEL), **request)
    assert refused.value.code == "NotImplemented"
    with pytest.raises(AwsError, match=r"^Requested resource not found\.$"):
        cloud.describe("TrainingJob", "job")


@pytest.mark.usefixtures("data")
def test_jobs_are_listed_newest_first_by_status_name_and_page(cloud: "Cloud") -> None:
    image = cloud.image("trainer", MODEL)
    for name in ("a-1", "a-2", "b-1"):
        cloud.train(name, image)
    cloud.train("b-2", cloud.image("broken", "raise SystemExit(1)"))
    for name in ("a-1", "a-2", "b-1", "b-2"):
        cloud.ended("TrainingJob", name)

    def names(**request: Any) -> list[str]:
        answer = cloud.call("ListTrainingJobs", **request)
        return [entry["TrainingJobName"] for entry in answer["TrainingJobSummaries"]]

    assert names() == ["b-2", "b-1", "a-2", "a-1"]
    assert names(NameContains="A-", SortOrder="Ascending") == ["a-1", "a-2"]
    assert names(StatusEquals="Failed") == ["b-2"]
    assert names(SortBy="Name", SortOrder="Ascending") == ["a-1", "a-2", "b-1", "b-2"]
    assert names(CreationTimeAfter=cloud.describe("TrainingJob", "b-1")["CreationTime"]) == ["b-2", "b-1"]
    first = cloud.call("ListTrainingJobs", MaxResults=3)
    assert len(first["TrainingJobSummaries"]) == 3
    assert names(MaxResults=3, NextToken=first["NextToken"]) == ["a-1"]
    with pytest.raises(AwsError, match="NextToken"):
        cloud.call("ListTrainingJobs", NextToken="no token")

"""A container finds what SageMaker's documentation promises it, and nothing that leads it away from this machine."""

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Cloud

TELL = """
    import json, os, pathlib
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    found = {path.relative_to(base).as_posix(): path.read_text() for path in base.rglob("*.json")}
    folders = sorted(path.relative_to(base).as_posix() for path in base.rglob("*") if path.is_dir())
    told = {"files": found, "folders": folders, "environment": dict(os.environ), "cwd": os.getcwd()}
    (base / "TARGET").write_text(json.dumps(told))
"""


@pytest.fixture
def told(cloud: "Cloud", monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the container of a training job was told, on a machine that is set up for AWS."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL_SAGEMAKER", "BOTO_CONFIG", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "aws-itself")
    cloud.put("train/deep/part.csv", b"1,2\n")
    cloud.put("validation/part.csv", b"3,4\n")
    image = cloud.image("teller", TELL.replace("TARGET", "model/told.json"))
    cloud.train(
        "job",
        image,
        HyperParameters={"num_round": "5"},
        InputDataConfig=[cloud.channel("train"), cloud.channel("validation")],
        Environment={"COLOUR": "green", "AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com", "AWS_REGION": "eu-west-1"},
    )
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingJobStatus"] == "Completed", (job, cloud.log("job"))
    answer: dict[str, Any] = json.loads(cloud.packed("output/job/output/model.tar.gz")["told.json"])
    return answer


def test_training_configuration_lies_where_sagemaker_puts_it(told: dict[str, Any]) -> None:
    files = {path: json.loads(text) for path, text in told["files"].items()}
    channel = {
        "TrainingInputMode": "File",
        "S3DistributionType": "FullyReplicated",
        "RecordWrapperType": "None",
        "ContentType": "text/csv",
    }
    assert files["input/config/hyperparameters.json"] == {"num_round": "5"}
    assert files["input/config/inputdataconfig.json"] == {"train": channel, "validation": channel}
    resources = files["input/config/resourceconfig.json"]
    assert (resources["current_host"], resources["hosts"]) == ("algo-1", ["algo-1"])
    assert resources["current_instance_type"] == "ml.m5.xlarge"


def test_training_folders_are_there(told: dict[str, Any]) -> None:
    assert {"model", "output/data", "input/data/train/deep", "input/data/validation"} <= set(told["folders"])
    assert told["cwd"] == told["environment"]["SAGEMAKER_BASE_DIR"]


def test_a_container_knows_its_job_and_its_own_environment(told: dict[str, Any]) -> None:
    environment = told["environment"]
    assert environment["TRAINING_JOB_NAME"] == "job"
    assert environment["TRAINING_JOB_ARN"].endswith(":training-job/job")
    assert environment["COLOUR"] == "green"


def test_nothing_leads_a_container_to_aws(told: dict[str, Any]) -> None:
    environment = told["environment"]
    assert {name: environment[name] for name in environment if name.startswith(("AWS_", "BOTO"))} == {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }


def test_an_instances_disk_goes_with_it(cloud: "Cloud", told: dict[str, Any]) -> None:
    assert told["files"]
    assert sorted(path.name for path in cloud.launcher.folder("TrainingJob", "job").path.iterdir()) == [
        "container.json",
        "job.json",
        "output",
        "result.json",
        "status.jsonl",
        "worker.json",
    ]


def test_a_processing_container_is_told_its_job(cloud: "Cloud") -> None:
    target = {
        "S3Uri": f"s3://{cloud.bucket}/told",
        "LocalPath": "/opt/ml/processing/output",
        "S3UploadMode": "EndOfJob",
    }
    cloud.call(
        "CreateProcessingJob",
        ProcessingJobName="job",
        AppSpecification={"ImageUri": cloud.image("teller", TELL.replace("TARGET", "processing/output/told.json"))},
        ProcessingOutputConfig={"Outputs": [{"OutputName": "told", "S3Output": target}]},
        ProcessingResources={
            "ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5}
        },
        RoleArn=cloud.role,
    )
    assert cloud.ended("ProcessingJob", "job")["ProcessingJobStatus"] == "Completed"
    told = json.loads(cloud.get("told/told.json"))
    config = json.loads(told["files"]["config/processingjobconfig.json"])
    assert config["ProcessingJobArn"].endswith(":processing-job/job")
    assert config["RoleArn"] == cloud.role
    assert config["ProcessingOutputConfig"]["Outputs"][0]["S3Output"] == target
    assert json.loads(told["files"]["config/resourceconfig.json"])["current_host"] == "algo-1"


def test_a_batch_container_is_told_how_it_will_be_asked(cloud: "Cloud") -> None:
    reply = 'self.answer(200, json.dumps(dict(os.environ)).encode(), "application/json")'
    cloud.model("model", cloud.server_image("teller", reply))
    cloud.call(
        "CreateTransformJob",
        TransformJobName="job",
        ModelName="model",
        BatchStrategy="SingleRecord",
        MaxPayloadInMB=3,
        MaxConcurrentTransforms=2,
        Environment={"COLOUR": "blue"},
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": cloud.put("data.csv", b"1")}}
        },
        TransformOutput={"S3OutputPath": f"s3://{cloud.bucket}/told"},
        TransformResources={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
    )
    assert cloud.ended("TransformJob", "job")["TransformJobStatus"] == "Completed"
    environment = json.loads(cloud.get("told/data.csv.out"))
    expected = {
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": "3",
        "SAGEMAKER_BATCH_STRATEGY": "SINGLE_RECORD",
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "2",
        "COLOUR": "blue",
    }
    assert {name: environment.get(name) for name in expected} == expected
    assert environment["SAGEMAKER_BIND_TO_PORT"].isdigit()

"""Batch transform asks a model that is really served, and stores what it answers."""

import gzip
from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.errors import AwsError

if TYPE_CHECKING:
    from .conftest import Cloud

SUMS = """
    lines = body.decode().splitlines()
    os.write(1, f"{len(lines)} lines {self.headers['Content-Type']} {self.headers['Accept']}\\n".encode())
    self.answer(200, "\\n".join(str(sum(map(int, line.split(",")))) for line in lines).encode())
"""


def transform(cloud: "Cloud", name: str, uri: str, **more: Any) -> dict[str, Any]:
    """Create a transform job that writes to ``answers``; a dict replaces members of the request's own."""
    request: dict[str, Any] = {
        "ModelName": "model",
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": f"s3://{cloud.bucket}/answers",
            "AssembleWith": "Line",
            "Accept": "text/csv",
        },
        "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
    }
    for member, value in more.items():
        request[member] = {**request[member], **value} if member in request and isinstance(value, dict) else value
    return cloud.call("CreateTransformJob", TransformJobName=name, **request)


@pytest.fixture
def data(cloud: "Cloud") -> str:
    """Two objects below a prefix."""
    cloud.put("data/a.csv", b"1,2\n3,4\n")
    cloud.put("data/deep/b.csv", b"5,6")
    return f"s3://{cloud.bucket}/data/"


def test_every_object_is_answered_below_the_output_path(cloud: "Cloud", data: str) -> None:
    cloud.model("model", cloud.server_image("sums", SUMS))
    answer = transform(cloud, "job", data)
    assert answer == {"TransformJobArn": "arn:aws:sagemaker:us-east-1:111122223333:transform-job/job"}
    job = cloud.ended("TransformJob", "job")
    assert job["TransformJobStatus"] == "Completed", (job, cloud.log("job"))
    assert job["CreationTime"] <= job["TransformStartTime"] <= job["TransformEndTime"]
    assert cloud.list("answers") == ("answers/a.csv.out", "answers/deep/b.csv.out")
    assert cloud.get("answers/a.csv.out") == b"3\n7\n"
    assert cloud.get("answers/deep/b.csv.out") == b"11\n"
    assert "2 lines text/csv text/csv" in cloud.log("job")


def test_a_single_record_is_a_request_of_its_own_and_order_is_kept(cloud: "Cloud") -> None:
    uri = cloud.put("data.csv", b"".join(b"%d,0\n" % number for number in range(100)))
    cloud.model("model", cloud.server_image("sums", SUMS))
    transform(cloud, "job", uri, BatchStrategy="SingleRecord", MaxConcurrentTransforms=4, MaxPayloadInMB=1)
    assert cloud.ended("TransformJob", "job")["TransformJobStatus"] == "Completed"
    assert cloud.get("answers/data.csv.out") == b"".join(b"%d\n" % number for number in range(100))
    assert cloud.log("job").count(" 1 lines") == 100


def test_an_object_that_is_not_split_is_sent_as_it_is(cloud: "Cloud", data: str) -> None:
    cloud.model("model", cloud.server_image("echo", 'self.answer(200, body + b"!")'))
    given, taken = {"SplitType": "None"}, {"AssembleWith": "None"}
    transform(cloud, "job", data + "a.csv", TransformInput=given, TransformOutput=taken)
    assert cloud.ended("TransformJob", "job")["TransformJobStatus"] == "Completed"
    assert cloud.get("answers/a.csv.out") == b"1,2\n3,4\n!"


def test_filters_choose_what_the_model_sees_and_what_is_kept(cloud: "Cloud", data: str) -> None:
    cloud.model("model", cloud.server_image("sums", SUMS))
    processing = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    transform(cloud, "job", data, DataProcessing=processing)
    assert cloud.ended("TransformJob", "job")["TransformJobStatus"] == "Completed"
    assert cloud.get("answers/a.csv.out") == b"1,2\n3,4\n"
    assert cloud.get("answers/deep/b.csv.out") == b"5,6\n"


def test_the_model_is_served_from_its_data_in_its_environment(cloud: "Cloud", data: str) -> None:
    reply = """
        with open(os.environ["SAGEMAKER_BASE_DIR"] + "/model/colour.txt") as file:
            self.answer(200, (file.read() + os.environ["COLOUR"] + os.environ["SAGEMAKER_BATCH"]).encode())
    """
    cloud.model("model", cloud.server_image("colours", reply), **{"colour.txt": b"dark "})
    transform(cloud, "job", data + "deep/")
    assert cloud.ended("TransformJob", "job")["TransformJobStatus"] == "Completed"
    assert cloud.get("answers/b.csv.out") == b"dark greentrue\n"


@pytest.mark.parametrize(("status", "reason"), [(400, "ClientError"), (500, "AlgorithmError")])
def test_a_refused_record_fails_the_whole_job(cloud: "Cloud", data: str, status: int, reason: str) -> None:
    reply = f'self.answer(200, b"0") if b"1,2" in body else self.answer({status}, b"will not do")'
    cloud.model("model", cloud.server_image("picky", reply))
    transform(cloud, "job", data)
    job = cloud.ended("TransformJob", "job")
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == f"{reason}: See job logs for more information"
    where = f"[sagemaker logs]: {cloud.bucket}/data/deep/b.csv: "
    assert f"{where}Bad HTTP status received from algorithm: {status}" in cloud.log("job")
    assert f"{where}will not do" in cloud.log("job")


def test_a_failing_answer_is_asked_for_again_as_often_as_the_job_allows(cloud: "Cloud", data: str) -> None:
    reply = """
        self.server.asked = getattr(self.server, "asked", 0) + 1
        self.answer(200 if self.server.asked % 3 == 0 else 503, b"at last")
    """
    cloud.model("model", cloud.server_image("moody", reply))
    transform(cloud, "job", data, ModelClientConfig={"InvocationsMaxRetries": 2})
    assert cloud.ended("TransformJob", "job")["TransformJobStatus"] == "Completed"
    assert cloud.get("answers/a.csv.out") == b"at last\n"


def test_a_job_that_does_not_say_asks_three_times_more(cloud: "Cloud") -> None:
    reply = """
        self.server.asked = getattr(self.server, "asked", 0) + 1
        self.answer(200 if self.server.asked == 4 else 503, b"at last")
    """
    cloud.model("model", cloud.server_image("moodier", reply))
    transform(cloud, "job", cloud.put("data/a.csv", b"1\n"))
    assert cloud.ended("TransformJob", "job")["TransformJobStatus"] == "Completed"


def test_a_damaged_compressed_object_fails_the_job(cloud: "Cloud") -> None:
    damaged = gzip.compress(b"1,2\n") + b"\x1f\x8b\x08" + bytes(7) + b"\x07"  # no kind of block begins so
    cloud.model("model", cloud.server_image("sums", SUMS))
    data = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": cloud.put("data/a.csv.gz", damaged)}}}
    transform(cloud, "job", "", TransformInput={**data, "SplitType": "Line", "CompressionType": "Gzip"})
    assert cloud.ended("TransformJob", "job")["FailureReason"].startswith(
        f"ClientError: cannot read s3://{cloud.bucket}/data/a.csv.gz: Error -3"
    )


def test_a_container_that_dies_or_never_answers_a_ping_fails_the_job(cloud: "Cloud", data: str) -> None:
    cloud.model("model", cloud.image("broken", "raise SystemExit('no model')"))
    transform(cloud, "job", data)
    job = cloud.ended("TransformJob", "job")
    assert job["FailureReason"].startswith("AlgorithmError: Model container failed to respond to ping.")
    assert "no model" in cloud.log("job")


def test_a_container_that_dies_over_a_record_fails_the_job(cloud: "Cloud", data: str) -> None:
    cloud.model("model", cloud.server_image("mortal", "os._exit(1)"))
    transform(cloud, "job", data)
    reason = cloud.ended("TransformJob", "job")["FailureReason"]
    assert reason.startswith("AlgorithmError: Unable to get response from algorithm")


def test_model_data_deleted_after_the_model_was_created_fail_the_job(cloud: "Cloud", data: str) -> None:
    cloud.model("model", cloud.server_image("sums", SUMS), **{"model.json": b"{}"})
    cloud.objects.delete(cloud.bucket, "models/model/model.tar.gz")
    transform(cloud, "job", data)
    reason = cloud.ended("TransformJob", "job")["FailureReason"]
    assert reason == f"ClientError: Could not find model data at s3://{cloud.bucket}/models/model/model.tar.gz."


def test_a_job_is_stopped_in_the_middle(cloud: "Cloud", data: str) -> None:
    cloud.model(
        "model", cloud.server_image("slow", 'print("asked", flush=True)\nimport threading\nthreading.Event().wait(3)')
    )
    transform(cloud, "job", data, ModelClientConfig={"InvocationsTimeoutInSeconds": 1})
    container = cloud.container("TransformJob", "job")
    cloud.call("StopTransformJob", TransformJobName="job")
    assert cloud.ended("TransformJob", "job")["TransformJobStatus"] in ("Stopped", "Failed")
    assert not container.alive()


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "path": ({"DataProcessing": {"InputFilter": "$.a"}}, r"InputFilter is not a JSONPath .*: \$\.a"),
    "type": (
        {"DataProcessing": {"JoinSource": "Input"}, "TransformInput": {"ContentType": "application/json"}},
        "DataProcessing of application/json",
    ),
    "split": (
        {"DataProcessing": {"InputFilter": "$[1]"}, "TransformInput": {"SplitType": "None"}},
        "SplitType must be Line",
    ),
    "assemble": (
        {"DataProcessing": {"JoinSource": "Input"}, "TransformOutput": {"AssembleWith": "None"}},
        "AssembleWith must be Line",
    ),
    "payload": ({"MaxPayloadInMB": 60, "MaxConcurrentTransforms": 2}, "must not exceed 100 MB"),
    "record": ({"TransformInput": {"SplitType": "RecordIO"}}, "SplitType RecordIO"),
    "instances": ({"TransformResources": {"InstanceCount": 2}}, "InstanceCount above 1"),
    "capture": ({"DataCaptureConfig": {"DestinationS3Uri": "s3://a-bucket/c"}}, "DataCaptureConfig"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_transformed_is_refused(cloud: "Cloud", data: str, case: str) -> None:
    cloud.model("model", cloud.server_image("sums", SUMS))
    request, message = REFUSED[case]
    with pytest.raises(AwsError, match=message):
        transform(cloud, "job", data, **request)


def test_model_and_data_must_be_there(cloud: "Cloud", data: str) -> None:
    with pytest.raises(AwsError, match="Could not find model"):
        transform(cloud, "job", data)
    cloud.model("model", cloud.server_image("sums", SUMS))
    with pytest.raises(AwsError, match="No S3 objects found"):
        transform(cloud, "job", f"s3://{cloud.bucket}/nothing")
    transform(cloud, "job", data)
    with pytest.raises(AwsError, match="a job with this name already exists"):
        transform(cloud, "job", data)
    (summary,) = cloud.call("ListTransformJobs")["TransformJobSummaries"]
    assert summary["TransformJobName"] == "job"

"""What a server keeps to itself: its files, its folder, and whatever was not signed with its keys."""

import http.client
import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, WaiterError
from hypothesis import given, settings
from hypothesis import strategies as st
from specimen.emulator import control
from specimen.emulator.control import Server

BUCKET = "bucket"
EXAMPLES = settings(max_examples=60, deadline=None)
NASTY = (
    "..",
    ".",
    "/",
    "\\",
    "\0",
    "%2e%2e",
    "%00",
    "~",
    "a",
    "é",
    "e\u0301",
    "\u202e",
    "\x1b[2J",
    "x" * 300,
    "C:",
    " ",
)
NAMES = st.lists(st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=5)))
NAME = NAMES.map("".join)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("closed") / "state"


@pytest.fixture(scope="module")
def server(state: Path) -> Iterator[Server]:
    """A server whose state folder stands alone in a folder, so that whatever left it would be seen."""
    (state / "aws").mkdir(parents=True, mode=0o755)  # as an older version, or its user, may have left it
    running = control.start(state)
    client(running, "s3").create_bucket(Bucket=BUCKET)
    yield running
    control.stop(state)
    assert [path.name for path in state.parent.iterdir()] == ["state"]
    assert sorted(path.name for path in state.iterdir()) == ["aws", "server.json"]


def client(server: Server, service: Any, **changed: str) -> Any:
    given: Any = {"aws_access_key_id": server.access_key, "aws_secret_access_key": server.secret_key, **changed}
    config = Config(retries={"max_attempts": 1})
    return boto3.client(service, endpoint_url=server.endpoint, region_name="us-east-1", config=config, **given)


def send(
    server: Server, method: str, target: str, body: bytes = b"", service: str = "s3", **headers: str
) -> tuple[int, bytes]:
    """Send a request as it stands, which no client library would, and return status and body."""
    request = AWSRequest(method, f"{server.endpoint}{target}", headers, body)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(Credentials(server.access_key, server.secret_key), service, "us-east-1").add_auth(request)
    return raw(server, method, target, body, dict(request.headers.items()))


def raw(server: Server, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def ask(server: Server, target: str, request: Mapping[str, Any]) -> tuple[int, Any]:
    """Send a JSON request that botocore's own checks would not let out."""
    service = "logs" if target.startswith("Logs") else "sagemaker"
    status, body = send(server, "POST", "/", json.dumps(request).encode(), service, **{"X-Amz-Target": target})
    return status, json.loads(body)


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("s3", "list_buckets", "SignatureDoesNotMatch", 403),
        ("sagemaker", "list_models", "InvalidSignatureException", 400),
        ("logs", "describe_log_groups", "InvalidSignatureException", 400),
        ("ecr", "describe_repositories", "InvalidSignatureException", 400),
        ("sts", "get_caller_identity", "SignatureDoesNotMatch", 403),
        ("iam", "list_roles", "SignatureDoesNotMatch", 403),
    ],
)
def test_another_secret_is_refused(server: Server, service: str, operation: str, code: str, status: int) -> None:
    """Each service says so in its own way, and in its own protocol."""
    with pytest.raises(ClientError) as raised:
        getattr(client(server, service, aws_secret_access_key="guessed"), operation)()
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_an_endpoint_is_not_invoked_with_another_secret(server: Server) -> None:
    """The runtime answers in REST."""
    runtime = client(server, "sagemaker-runtime", aws_secret_access_key="guessed")
    with pytest.raises(ClientError) as raised:
        runtime.invoke_endpoint(EndpointName="e", Body=b"1")
    assert raised.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_a_target_alone_lets_nobody_in(server: Server) -> None:
    """A web page could send that much."""
    status, body = raw(server, "POST", "/", b"{}", {"X-Amz-Target": "SageMaker.ListModels"})
    assert (status, json.loads(body)["__type"]) == (400, "MissingAuthenticationTokenException")


@pytest.mark.parametrize("host", ["[", "[::1", "user@127.0.0.1", "127.0.0.1.evil.example", "127.0.0.1:80:80", "127.1"])
def test_a_host_that_only_looks_like_loopback_is_refused(server: Server, host: str) -> None:
    """Whatever a URL parser might make of it."""
    status, body = raw(server, "GET", "/", b"", {"Host": host})
    assert status == 403
    assert b"loopback" in body


def test_a_changed_body_leaves_no_object(server: Server) -> None:
    """The signature covers the content's hash, and that is compared after the last byte."""
    request = AWSRequest("PUT", f"{server.endpoint}/{BUCKET}/changed", {}, b"signed")
    S3SigV4Auth(Credentials(server.access_key, server.secret_key), "s3", "us-east-1").add_auth(request)
    status, body = raw(server, "PUT", f"/{BUCKET}/changed", b"SIGNED", dict(request.headers.items()))
    assert status == 400
    assert b"<Code>XAmzContentSHA256Mismatch</Code>" in body
    with pytest.raises(ClientError):
        client(server, "s3").head_object(Bucket=BUCKET, Key="changed")


def test_a_session_token_must_be_the_one_given_out(server: Server) -> None:
    """Temporary keys without their token are nobody's."""
    role = "arn:aws:iam::111122223333:role/any"
    keys = client(server, "sts").assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
    secret = {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"]}
    assert client(server, "s3", **secret, aws_session_token=keys["SessionToken"]).list_buckets()["Buckets"]
    with pytest.raises(ClientError) as raised:
        client(server, "s3", **secret, aws_session_token="other").list_buckets()
    assert raised.value.response["Error"]["Code"] == "InvalidToken"


def test_state_is_for_its_owners_eyes(server: Server, state: Path) -> None:
    """Files 600 and folders 700, of the server and of its jobs' workers, even in a folder that was open."""
    sagemaker = client(server, "sagemaker")
    client(server, "s3").put_object(Bucket=BUCKET, Key="data/file", Body=b"x")
    training(server, "seen")
    ended = sagemaker.get_waiter("training_job_completed_or_stopped")
    with pytest.raises(WaiterError, match="terminal failure state"):
        ended.wait(TrainingJobName="seen", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    assert stat.S_IMODE(state.joinpath("server.json").stat().st_mode) == 0o600
    state = state / "aws"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    found = [Path(folder) / name for folder, folders, files in os.walk(state) for name in (*folders, *files)]
    assert {"worker.json", "store.sqlite", "index.sqlite", "server.log", "result.json"} <= {path.name for path in found}
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in found}
    assert {path: oct(mode) for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}


def training(server: Server, name: str) -> tuple[int, Any]:
    request: dict[str, Any] = {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": "no-such-image:1", "TrainingInputMode": "File"},
        "RoleArn": "arn:aws:iam::111122223333:role/any",
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/output"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    return ask(server, "SageMaker.CreateTrainingJob", request)


@EXAMPLES
@given(NAME.filter(lambda name: name.strip("/") != ""))
def test_a_key_is_a_key_and_no_path(server: Server, key: str) -> None:
    """Whatever it is, the object is found under it, and under no other form of it; or it is refused."""
    target = f"/{BUCKET}/{quote(key, safe='/~')}"
    status, _ = send(server, "PUT", target, key.encode())
    assert status == (400 if len(key.encode()) > 1024 else 200)
    if status == 200:
        assert send(server, "GET", target) == (200, key.encode())
        assert send(server, "DELETE", target)[0] == 204
        assert send(server, "GET", target)[0] == 404


@EXAMPLES
@given(NAME.filter(lambda name: name != ""))
def test_a_bucket_is_no_path(server: Server, name: str) -> None:
    """A name that S3 refuses is refused, before anything is looked for."""
    target = f"/{quote(name, safe='')}"
    assert send(server, "PUT", target)[0] == 400
    assert send(server, "GET", target)[0] in (400, 404)
    assert send(server, "PUT", f"{target}/key", b"x")[0] in (400, 404)


@EXAMPLES
@given(NAME.filter(lambda name: not name.isalnum() or len(name) > 63))
def test_a_jobs_name_is_no_path(server: Server, name: str) -> None:
    """Nor is that of an endpoint, or of anything else; the model's patterns let none of these through."""
    assert training(server, name)[0] == 400
    for operation in ("DescribeTrainingJob", "StopTrainingJob"):
        assert ask(server, f"SageMaker.{operation}", {"TrainingJobName": name})[0] == 400
    for operation, member in (
        ("DescribeProcessingJob", "ProcessingJobName"),
        ("DescribeTransformJob", "TransformJobName"),
        ("DeleteEndpoint", "EndpointName"),
        ("DeleteModel", "ModelName"),
        ("DescribeTrial", "TrialName"),
    ):
        assert ask(server, f"SageMaker.{operation}", {member: name})[0] == 400
    target = f"/endpoints/{quote(name, safe='')}/invocations"
    assert 400 <= send(server, "POST", target, b"1", "sagemaker")[0] < 500


@EXAMPLES
@given(NAME, NAME)
def test_a_log_is_no_path(server: Server, group: str, stream: str) -> None:
    """A group or a stream that is no log is not there; what else the state folder holds cannot be read so."""
    for names in ({"logGroupName": group}, {"logGroupIdentifier": f"arn:aws:logs:x:1:log-group:{group}:*"}):
        for operation in ("DescribeLogStreams", "FilterLogEvents"):
            assert ask(server, f"Logs_20140328.{operation}", names)[0] == 400
    for known in (group, "/aws/sagemaker/TrainingJobs", "..", "."):
        request = {"logGroupName": known, "logStreamName": stream}
        assert ask(server, "Logs_20140328.GetLogEvents", request)[0] == 400


@pytest.mark.parametrize("stream", ["server.log", "store.sqlite", "..", ".", "../server.log", "x" * 512])
def test_the_servers_own_files_are_no_logs(server: Server, stream: str) -> None:
    """Not by any group that is a folder's name."""
    for group in ("..", ".", "...", "#/..", "x" * 512, "/" * 512):
        status, answer = ask(server, "Logs_20140328.GetLogEvents", {"logGroupName": group, "logStreamName": stream})
        assert (status, answer["__type"]) == (400, "ResourceNotFoundException")


def test_half_a_character_is_no_text(server: Server) -> None:
    """JSON can spell what no file and no database can hold."""
    status, answer = ask(server, "SageMaker.CreateExperiment", {"ExperimentName": "e", "Description": "\ud800"})
    assert (status, answer["__type"]) == (400, "SerializationException")
    assert ask(server, "SageMaker.CreateExperiment", {"ExperimentName": "e", "Description": "💾"})[0] == 200

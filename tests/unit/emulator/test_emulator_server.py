"""What the web server lets in, and to whom it passes it."""

import http.client
import json
import socket
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from specimen.emulator.control import Server


def client(server: "Server", service: Any, **changed: str) -> Any:
    given: Any = {"aws_access_key_id": server.access_key, "aws_secret_access_key": server.secret_key, **changed}
    config = Config(retries={"max_attempts": 1})
    return boto3.client(service, endpoint_url=server.endpoint, region_name="us-east-1", config=config, **given)


def send(server: "Server", body: bytes, service: str = "sagemaker", **headers: str) -> tuple[int, dict[str, Any]]:
    """Send a signed POST and return status and JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = AWSRequest("POST", f"{server.endpoint}/", named, body)
    SigV4Auth(Credentials(server.access_key, server.secret_key), service, "us-east-1").add_auth(request)
    answer = urllib3.request("POST", f"{server.endpoint}/", body=body, headers=dict(request.headers))
    return answer.status, json.loads(answer.data)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "169.254.169.254", "", "localhost.evil.example"])
def test_another_host_than_loopback_is_refused(emulator: "Server", host: str) -> None:
    """A web page cannot reach it by a name that it made lead here."""
    answer = urllib3.request("GET", emulator.endpoint, headers={"Host": host})
    assert answer.status == 403
    assert b"loopback" in answer.data


def test_loopback_has_several_names(emulator: "Server") -> None:
    """Each of them is let in, as far as the signature."""
    for host in ("localhost", f"localhost:{emulator.port}", "127.0.0.1", "[::1]:1"):
        answer = urllib3.request("GET", emulator.endpoint, headers={"Host": host})
        assert b"not signed" in answer.data


def test_a_request_without_a_signature_is_refused(emulator: "Server") -> None:
    """In S3's way, since only S3 has anonymous requests at all."""
    answer = urllib3.request("GET", f"{emulator.endpoint}/bucket/key")
    assert answer.status == 403
    assert b"<Code>AccessDenied</Code>" in answer.data


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [("s3", "list_buckets", "InvalidAccessKeyId"), ("sagemaker", "list_models", "UnrecognizedClientException")],
)
def test_another_key_is_refused(emulator: "Server", service: str, operation: str, code: str) -> None:
    """Someone else on this machine does not know the key; each service says so in its own way."""
    with pytest.raises(ClientError) as raised:
        getattr(client(emulator, service, aws_access_key_id="AKIAOTHER"), operation)()
    assert raised.value.response["Error"]["Code"] == code


def test_sts_iam_and_ecr_answer_for_the_account(emulator: "Server") -> None:
    """By moto, in the same process; a role's temporary keys are let in."""
    sts, iam = client(emulator, "sts"), client(emulator, "iam")
    assert sts.get_caller_identity()["Account"] == emulator.account == "111122223333"
    role = iam.create_role(RoleName="sagemaker", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    assert role == "arn:aws:iam::111122223333:role/sagemaker"
    assert client(emulator, "ecr").describe_repositories()["repositories"] == []
    keys = sts.assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
    temporary = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
    assert client(emulator, "sagemaker", **temporary).list_models(NameContains="never-made")["Models"] == []


def test_services_and_operations_that_are_not_there_are_named(emulator: "Server") -> None:
    """Whoever calls one learns which it was."""
    with pytest.raises(ClientError, match="does not implement the service dynamodb"):
        client(emulator, "dynamodb").list_tables()
    with pytest.raises(ClientError, match="does not implement sagemaker:ListApps"):
        client(emulator, "sagemaker").list_apps()
    status, answer = send(emulator, b"{}", X_Amz_Target="SageMaker.Unheard")
    assert (status, answer["__type"]) == (400, "UnknownOperationException")
    with pytest.raises(ClientError, match="sagemaker-runtime:InvokeEndpointWithResponseStream"):
        client(emulator, "sagemaker-runtime").invoke_endpoint_with_response_stream(EndpointName="e", Body=b"")


def test_application_auto_scaling_is_asked_by_its_own_name(emulator: "Server") -> None:
    """Its client signs for it, and its errors are its own."""
    scaling = client(emulator, "application-autoscaling")
    what = {"ServiceNamespace": "sagemaker", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []
    with pytest.raises(scaling.exceptions.ObjectNotFoundException, match="No scalable target found"):
        scaling.deregister_scalable_target(ResourceId="endpoint/none/variant/v", **what)


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"1", b'"text"', b"[" * 100_000])
def test_a_body_that_is_no_json_object(emulator: "Server", body: bytes) -> None:
    """It is the client's mistake, and told as such."""
    status, answer = send(emulator, body, X_Amz_Target="SageMaker.ListModels")
    assert (status, answer["__type"]) == (400, "SerializationException")


def test_a_body_that_is_too_large(emulator: "Server") -> None:
    """It is not read into memory, and the connection goes on."""
    sagemaker = client(emulator, "sagemaker")
    status, answer = send(emulator, b" " * (17 << 20), X_Amz_Target="SageMaker.ListModels")
    assert (status, answer["__type"]) == (413, "RequestEntityTooLargeException")
    assert sagemaker.list_models(NameContains="never-made")["Models"] == []


def test_a_payload_that_no_endpoint_takes(emulator: "Server") -> None:
    """SageMaker Runtime refuses it whoever's endpoint it is for, and what it takes goes to the endpoint."""
    runtime = client(emulator, "sagemaker-runtime")
    for size, said in ((6 << 20, "Endpoint none of account"), ((6 << 20) + 1, "less than or equal to 6291456")):
        with pytest.raises(ClientError, match=said) as refused:
            runtime.invoke_endpoint(EndpointName="none", Body=b"1" * size)
        assert refused.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(ClientError, match=r"\(ValidationError\).*'endpointName' failed to satisfy constraint"):
        runtime.invoke_endpoint(EndpointName="no_name", Body=b"1")


def test_a_refused_body_in_chunks_leaves_the_connection_in_order(emulator: "Server") -> None:
    """What is left of it is not taken for the next request."""
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=30)
    for method, body in (("PUT", iter([b"a body", b"in chunks"])), ("GET", None)):
        connection.request(method, "/bucket/key", body, encode_chunked=body is not None)
        answer = connection.getresponse()
        assert (answer.status, b"<Code>AccessDenied</Code>" in answer.read()) == (403, True)
    connection.close()


def test_requests_that_do_not_wait_for_answers_are_answered_in_order(emulator: "Server") -> None:
    """The second one has come by the time that the first is answered; a client that closes is no error."""
    lines = f"HTTP/1.1\r\nHost: 127.0.0.1:{emulator.port}\r\n"
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=30) as connection:
        for _ in range(2):
            connection.sendall(f"GET /first {lines}\r\nGET /second {lines}\r\n".encode())
            read = b""
            while read.count(b"</Error>") < 2:
                read += connection.recv(1 << 16)
            assert 0 < read.index(b"/first<") < read.index(b"/second<")


def test_an_answer_has_a_request_id(emulator: "Server") -> None:
    """boto3 shows it; an error says its kind in a header too."""
    with pytest.raises(ClientError) as raised:
        client(emulator, "sagemaker").describe_model(ModelName="absent")
    response = raised.value.response["ResponseMetadata"]
    assert response["RequestId"]
    assert response["HTTPHeaders"]["x-amzn-errortype"] == "ValidationException"


def test_an_absent_endpoint_answers_in_the_runtimes_way(emulator: "Server") -> None:
    """REST and JSON, by the path of the request."""
    with pytest.raises(ClientError) as raised:
        client(emulator, "sagemaker-runtime").invoke_endpoint(
            EndpointName="absent", Body=b"1,2", ContentType="text/csv"
        )
    assert raised.value.response["Error"]["Code"] == "ValidationError"
    assert "absent" in raised.value.response["Error"]["Message"]

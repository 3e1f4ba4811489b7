"""Whatever AWS or the network does becomes one of our errors, with what to do."""

import os
import subprocess
import sys
from typing import Any

import boto3
import pytest
from botocore import exceptions
from specimen.schemas import schema
from specimen_components import refusals
from specimen_components.clients import SERVICES, Aws, translated
from specimen_components.environment import Environment, read
from specimen_components.interface import MODEL
from specimen_components.problems import Failure, Refused, Unreachable, Unusable

ENDPOINT = {"AWS_ENDPOINT_URL": "http://127.0.0.1:8000", "SPECIMEN_LOCAL": "1", "AWS_REGION": "eu-west-1"}


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (exceptions.EndpointConnectionError(endpoint_url="http://x"), Unreachable, "no answer"),
        (exceptions.ConnectTimeoutError(endpoint_url="http://x"), Unreachable, "no answer"),
        (exceptions.ReadTimeoutError(endpoint_url="http://x"), Unreachable, "no answer"),
        (exceptions.ConnectionClosedError(endpoint_url="http://x"), Unreachable, "no answer"),
        (exceptions.ProxyConnectionError(proxy_url="http://x"), Unreachable, "no answer"),
        (exceptions.NoCredentialsError(), Failure, "credentials"),
        (exceptions.ParamValidationError(report="RoleArn is missing"), Refused, "RoleArn is missing"),
        (exceptions.UnknownServiceError(service_name="x", known_service_names="y"), Failure, "Unknown service"),
        (boto3.exceptions.S3UploadFailedError("gone"), Failure, "gone"),
        (boto3.exceptions.RetriesExceededError(boto3.exceptions.Boto3Error("slow")), Unreachable, "no answer from AWS"),
    ],
)
def test_every_error_of_boto3_becomes_ours(raised: Exception, kind: type[Failure], said: str) -> None:
    with pytest.raises(kind, match="DescribeModel: ") as caught, translated("DescribeModel"):
        raise raised
    assert said in str(caught.value)
    assert type(caught.value) is kind


def test_our_own_bugs_stay_bugs() -> None:
    with pytest.raises(ZeroDivisionError), translated("DescribeModel"):
        _ = 1 / 0


@pytest.mark.parametrize("code", sorted(refusals.HINTS))
def test_a_refusal_keeps_awss_words_and_says_what_to_do(script: Any, make_call: Any, code: str) -> None:
    script.refuses("sagemaker:describe_model", code, "AWS's own words")
    with pytest.raises(Refused, match=f"^DescribeModel: {code}: AWS's own words$") as caught:
        make_call(MODEL, {}).aws.find("sagemaker", "DescribeModel", {"ModelName": "m"})
    assert (caught.value.operation, caught.value.code, caught.value.reason) == (
        "DescribeModel",
        code,
        "AWS's own words",
    )
    assert caught.value.hint == refusals.HINTS[code]


@pytest.mark.parametrize(("code", "status"), [*((code, 400) for code in sorted(refusals.TRANSIENT)), ("Odd", 503)])
def test_what_passes_by_itself_is_no_refusal(script: Any, make_call: Any, code: str, status: int) -> None:
    script.refuses("sagemaker:describe_model", code, "", status)
    with pytest.raises(Unreachable):
        make_call(MODEL, {}).aws.call("sagemaker", "DescribeModel", {"ModelName": "m"})


def test_what_is_not_implemented_is_not_asked_for_again(script: Any, make_call: Any) -> None:
    script.refuses("sagemaker:describe_model", "NotImplemented", "not here", 501)
    with pytest.raises(Refused, match="DescribeModel: NotImplemented: not here"):
        make_call(MODEL, {}).aws.call("sagemaker", "DescribeModel", {"ModelName": "m"})


def test_a_listing_goes_on_to_its_last_page(script: Any, make_call: Any) -> None:
    first = {"Tags": [{"Key": "a", "Value": "1"}], "NextToken": "t"}
    script.answers("sagemaker:list_tags", first, {"ResourceArn": "arn:aws:sagemaker:eu-west-1:1:model/m"})
    asked = {"ResourceArn": "arn:aws:sagemaker:eu-west-1:1:model/m", "NextToken": "t"}
    script.answers("sagemaker:list_tags", {"Tags": [{"Key": "b", "Value": "2"}]}, asked)
    request = {"ResourceArn": "arn:aws:sagemaker:eu-west-1:1:model/m"}
    listed = make_call(MODEL, {}).aws.pages("sagemaker", "ListTags", request, "Tags")
    assert [tag["Key"] for tag in listed] == ["a", "b"]


def test_a_local_client_speaks_to_its_endpoint_whatever_the_variables_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", "https://elsewhere.example.com")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.com:3128")
    client = Aws(read(ENDPOINT)).client("sagemaker")
    assert client.meta.endpoint_url == "http://127.0.0.1:8000"
    assert client.meta.config.proxies == {}


def test_as_many_connections_are_kept_as_verify_may_ask_over() -> None:
    """botocore keeps ten otherwise, opens all others anew for each request, and warns of it each time."""
    hosting = schema("Experiment")["properties"]["hosting"]["properties"]
    most = hosting["verify"]["properties"]["concurrency"]["maximum"]
    assert Aws(read(ENDPOINT)).client("sagemaker-runtime").meta.config.max_pool_connections >= most


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:1", "http://127.9.9.9", "http://localhost:8000", "http://[::1]:80"]
)
def test_loopback_addresses_are_local(endpoint: str) -> None:
    assert read({**ENDPOINT, "AWS_ENDPOINT_URL": endpoint}) == Environment("eu-west-1", endpoint, local=True)


@pytest.mark.parametrize(
    "endpoint", ["http://localhost.example.com", "http://user@10.0.0.1", "localhost:80", "http://"]
)
def test_others_are_not(endpoint: str) -> None:
    with pytest.raises(Unusable, match="must not reach AWS"):
        read({**ENDPOINT, "AWS_ENDPOINT_URL": endpoint})


def test_aws_itself_needs_no_endpoint() -> None:
    assert read({"AWS_DEFAULT_REGION": "eu-west-1"}) == Environment("eu-west-1", None, local=False)


def test_after_preloading_no_model_is_read_for_a_client() -> None:
    """Nor is any answer from AWS, or a key, needed for it; the client itself has the keys of its own environment."""
    code = """
import os, sys
from specimen_components.clients import SERVICES, Aws, preload
from specimen_components.environment import Environment
preload()
read = []
sys.addaudithook(lambda event, given: read.append(given[0]) if event == "open" else None)
os.environ.update(AWS_ACCESS_KEY_ID="mine", AWS_SECRET_ACCESS_KEY="secret")
aws = Aws(Environment("us-east-1", "http://127.0.0.1:9", local=True))
keys = [aws.client(name)._request_signer._credentials.access_key for name in SERVICES]
print([path for path in read if "botocore/data" in str(path)], *keys)
"""
    closed = {"AWS_CONFIG_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true", "PATH": os.environ["PATH"]}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=closed, check=True).stdout
    assert said == f"[] {' '.join(['mine'] * len(SERVICES))}\n"

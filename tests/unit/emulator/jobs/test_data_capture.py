"""What goes to an endpoint and comes back is captured to S3, in AWS's form and place."""

import base64
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.capture import MOST_BYTES, Capture
from specimen.emulator.captured import Captured, Message

if TYPE_CHECKING:
    from .conftest import Cloud

Eventually = Callable[[Callable[[], Any]], Any]
ANSWERS = 'self.answer(int(body) if body == b"500" else 200, b"[1, 2]", "application/json")'
BOTH: dict[str, Any] = {
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://a-bucket/captured/",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
}
PLACE = r"captured/endpoint/v/\d{4}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl"


def served(cloud: "Cloud", **capture: Any) -> None:
    """Serve an endpoint that is captured."""
    cloud.model("model", cloud.server_image("echo", ANSWERS))
    variant = {"VariantName": "v", "ModelName": "model", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    config = {**BOTH, **capture}
    cloud.call(
        "CreateEndpointConfig", EndpointConfigName="config", ProductionVariants=[variant], DataCaptureConfig=config
    )
    cloud.call("CreateEndpoint", EndpointName="endpoint", EndpointConfigName="config")
    assert cloud.ended("Endpoint", "endpoint")["EndpointStatus"] == "InService"


def ask(cloud: "Cloud", body: bytes, **more: Any) -> None:
    """Invoke the endpoint."""
    cloud.call("InvokeEndpoint", EndpointName="endpoint", Body=body, **{"ContentType": "text/csv", **more})


def lines(cloud: "Cloud") -> list[dict[str, Any]]:
    """Return what is captured, once all of it is written."""
    cloud.traffic.close()
    keys = cloud.list("captured/")
    assert all(re.fullmatch(PLACE, key) for key in keys), keys
    return [json.loads(line) for key in keys for line in cloud.get(key).splitlines()]


def test_requests_and_answers_are_lines_in_s3(cloud: "Cloud") -> None:
    served(cloud)
    ask(cloud, b"1,2", InferenceId="one", CustomAttributes="who=me")
    ask(cloud, b"0:1 1:2", ContentType="text/libsvm")
    first, second = lines(cloud)
    assert first["eventVersion"] == "0"
    assert first["eventMetadata"].keys() == {"eventId", "inferenceTime", "inferenceId", "customAttributes"}
    assert first["captureData"] == {
        "endpointInput": {"observedContentType": "text/csv", "mode": "INPUT", "data": "1,2", "encoding": "CSV"},
        "endpointOutput": {
            "observedContentType": "application/json",
            "mode": "OUTPUT",
            "data": "[1, 2]",
            "encoding": "JSON",
        },
    }
    given = second["captureData"]["endpointInput"]
    assert (given["encoding"], base64.b64decode(given["data"])) == ("BASE64", b"0:1 1:2")


def test_they_are_there_without_an_end_of_the_server(cloud: "Cloud", eventually: Eventually) -> None:
    served(cloud)
    ask(cloud, b"1,2")
    eventually(lambda: cloud.list("captured/"))


def test_one_side_is_captured_where_only_one_is_asked_for(cloud: "Cloud") -> None:
    served(cloud, CaptureOptions=[{"CaptureMode": "Output"}], CaptureContentTypeHeader={})
    ask(cloud, b"1,2")
    (line,) = lines(cloud)
    assert line["captureData"].keys() == {"endpointOutput"}
    assert line["captureData"]["endpointOutput"]["encoding"] == "BASE64"


def test_a_share_of_the_requests_is_captured(cloud: "Cloud") -> None:
    served(cloud, InitialSamplingPercentage=40)
    for _ in range(60):
        ask(cloud, b"1,2")
    assert 5 < len(lines(cloud)) < 45


@pytest.mark.parametrize("capture", [{"EnableCapture": False}, {"InitialSamplingPercentage": 0}])
def test_nothing_is_captured_where_that_is_asked_for(cloud: "Cloud", capture: dict[str, Any]) -> None:
    served(cloud, **capture)
    ask(cloud, b"1,2")
    assert lines(cloud) == []
    summary = cloud.describe("Endpoint", "endpoint")["DataCaptureConfig"]
    assert summary["CaptureStatus"] == ("Stopped" if "EnableCapture" in capture else "Started")


def test_an_endpoint_goes_on_where_nothing_can_be_written(cloud: "Cloud", capsys: pytest.CaptureFixture[str]) -> None:
    served(cloud, DestinationS3Uri="s3://no-bucket")
    ask(cloud, b"1,2")
    assert lines(cloud) == []
    assert "cannot write to s3://no-bucket/endpoint/v/" in capsys.readouterr().err
    ask(cloud, b"1,2")


def test_what_is_too_much_at_a_time_is_left_out(cloud: "Cloud") -> None:
    capture = Capture(cloud.objects)
    large, small = Message("text/csv", b"1" * (MOST_BYTES - 10)), Message("text/csv", b"1")
    for number, message in enumerate((large, small, large, small)):
        capture.note(Captured(BOTH, "endpoint", "v", message, small, 1e9 + number, {}))
    capture.close()
    (key,) = cloud.list("captured/")
    assert key.startswith("captured/endpoint/v/2001/09/09/01/46-40-000-")
    assert len(cloud.get(key).splitlines()) == 3

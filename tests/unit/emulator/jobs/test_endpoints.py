"""Endpoints serve until they are deleted: through a container's death, a worker's, and a server's restart."""

import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.errors import AwsError

if TYPE_CHECKING:
    from .conftest import Cloud

Eventually = Callable[[Callable[[], Any]], Any]
ECHO = """
    if body == b"die":
        os._exit(1)
    status = int(body) if body.isdigit() else 200
    self.answer(status, self.headers["Content-Type"].encode() + b": " + body, "text/plain")
"""


def variant(**more: Any) -> list[dict[str, Any]]:
    """Form the only variant of a configuration."""
    given = {"ModelName": "model", "VariantName": "AllTraffic"}
    return [{**given, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large", **more}]


def serverless(**more: Any) -> dict[str, Any]:
    """Form a serverless variant."""
    config = {"MemorySizeInMB": 2048, "MaxConcurrency": 2, **more}
    return {"ModelName": "model", "VariantName": "v", "ServerlessConfig": config}


@pytest.fixture
def served(cloud: "Cloud") -> "Cloud":
    """A cloud with a model, a configuration of it, and an endpoint of that, in service."""
    cloud.model("model", cloud.server_image("echo", ECHO), **{"model.json": b"{}"})
    cloud.call("CreateEndpointConfig", EndpointConfigName="config", ProductionVariants=variant())
    cloud.call("CreateEndpoint", EndpointName="endpoint", EndpointConfigName="config")
    endpoint = cloud.ended("Endpoint", "endpoint")
    assert endpoint["EndpointStatus"] == "InService", endpoint
    return cloud


def ask(cloud: "Cloud", body: bytes, **more: Any) -> dict[str, Any]:
    """Invoke the endpoint."""
    return cloud.call("InvokeEndpoint", EndpointName="endpoint", Body=body, ContentType="text/csv", **more)


def test_an_endpoint_answers_what_its_container_answers(served: "Cloud") -> None:
    answer = {"Body": b"text/csv: hello", "ContentType": "text/plain", "InvokedProductionVariant": "AllTraffic"}
    assert ask(served, b"hello") == answer
    assert ask(served, b"again", TargetVariant="AllTraffic")["Body"] == b"text/csv: again"


def test_it_is_described_with_its_variant_and_image(served: "Cloud") -> None:
    endpoint = served.describe("Endpoint", "endpoint")
    assert endpoint["EndpointArn"] == "arn:aws:sagemaker:us-east-1:111122223333:endpoint/endpoint"
    (summary,) = endpoint["ProductionVariants"]
    assert (summary["VariantName"], summary["CurrentInstanceCount"], summary["CurrentWeight"]) == ("AllTraffic", 1, 1.0)
    assert summary["DeployedImages"][0]["SpecifiedImage"].endswith("/echo:1")
    config = served.call("DescribeEndpointConfig", EndpointConfigName="config")
    assert config["ProductionVariants"] == variant(InitialVariantWeight=1.0)
    assert [entry["EndpointName"] for entry in served.call("ListEndpoints")["Endpoints"]] == ["endpoint"]
    assert [entry["EndpointConfigName"] for entry in served.call("ListEndpointConfigs")["EndpointConfigs"]] == [
        "config"
    ]


@pytest.mark.parametrize(("status", "kind"), [(404, "client"), (503, "server")])
def test_what_the_model_refuses_is_a_model_error(served: "Cloud", status: int, kind: str) -> None:
    with pytest.raises(
        AwsError, match=rf'Received {kind} error \({status}\) from primary with message "text/csv'
    ) as error:
        ask(served, str(status).encode())
    assert (error.value.code, error.value.status) == ("ModelError", 424)
    assert error.value.members["OriginalStatusCode"] == status
    assert error.value.members["OriginalMessage"] == f"text/csv: {status}"


def test_an_absent_endpoint_is_a_validation_error_of_the_runtime(served: "Cloud") -> None:
    with pytest.raises(AwsError, match=r"^Endpoint other of account 111122223333 not found\.$") as error:
        served.call("InvokeEndpoint", EndpointName="other", Body=b"")
    assert error.value.code == "ValidationError"
    with pytest.raises(AwsError, match="Variant other not found"):
        ask(served, b"", TargetVariant="other")


def test_a_container_that_dies_comes_back(served: "Cloud", eventually: Eventually) -> None:
    container = served.container("Endpoint", served.serving("endpoint"))
    with pytest.raises(AwsError, match="The container did not answer"):
        ask(served, b"die")
    eventually(lambda: not container.alive())
    assert ask(served, b"hello")["Body"] == b"text/csv: hello"
    assert served.describe("Endpoint", "endpoint")["EndpointStatus"] == "InService"


def test_an_endpoint_outlives_its_server(served: "Cloud") -> None:
    worker = served.worker("Endpoint", served.serving("endpoint"))
    served.restart()
    assert ask(served, b"hello")["Body"] == b"text/csv: hello"
    assert served.worker("Endpoint", served.serving("endpoint")) == worker


def test_one_that_was_lost_before_anybody_saw_it_in_service_comes_back_too(
    cloud: "Cloud", eventually: Eventually
) -> None:
    cloud.model("model", cloud.server_image("echo", ECHO), **{"model.json": b"{}"})
    cloud.call("CreateEndpointConfig", EndpointConfigName="config", ProductionVariants=variant())
    cloud.call("CreateEndpoint", EndpointName="endpoint", EndpointConfigName="config")
    folder = cloud.launcher.folder("Endpoint", cloud.serving("endpoint"))
    eventually(lambda: folder.read("serving.json"))
    worker = cloud.worker("Endpoint", cloud.serving("endpoint"))
    worker.signal(signal.SIGKILL)
    eventually(lambda: not worker.alive())
    assert cloud.ended("Endpoint", "endpoint")["EndpointStatus"] == "InService"


def test_an_endpoint_whose_worker_was_lost_comes_back(served: "Cloud", eventually: Eventually) -> None:
    worker = served.worker("Endpoint", served.serving("endpoint"))
    worker.signal(signal.SIGKILL)
    eventually(lambda: not worker.alive())
    assert ask(served, b"hello")["Body"] == b"text/csv: hello"


def test_a_server_that_goes_takes_its_endpoints_along_until_it_comes_back(
    served: "Cloud", eventually: Eventually
) -> None:
    worker, container = (
        served.worker("Endpoint", served.serving("endpoint")),
        served.container("Endpoint", served.serving("endpoint")),
    )
    served.launcher.suspend("Endpoint")
    eventually(lambda: not worker.alive() and not container.alive())
    served.restart()
    assert served.describe("Endpoint", "endpoint")["EndpointStatus"] == "InService"
    assert ask(served, b"hello")["Body"] == b"text/csv: hello"


def test_a_deleted_endpoint_is_gone_with_its_processes(served: "Cloud", eventually: Eventually) -> None:
    worker, container = (
        served.worker("Endpoint", served.serving("endpoint")),
        served.container("Endpoint", served.serving("endpoint")),
    )
    served.call("DeleteEndpointConfig", EndpointConfigName="config")
    assert ask(served, b"hello")["Body"] == b"text/csv: hello"
    served.call("DeleteEndpoint", EndpointName="endpoint")
    eventually(lambda: not worker.alive() and not container.alive())
    for operation in ("DescribeEndpoint", "DeleteEndpoint"):
        with pytest.raises(
            AwsError, match='Could not find endpoint "arn:aws:sagemaker:us-east-1:111122223333:endpoint/'
        ):
            served.call(operation, EndpointName="endpoint")
    with pytest.raises(AwsError, match="Could not find endpoint configuration"):
        served.call("CreateEndpoint", EndpointName="endpoint", EndpointConfigName="config")


def test_a_container_that_never_answers_a_ping_fails_the_endpoint(cloud: "Cloud") -> None:
    cloud.model("model", cloud.image("broken", "raise SystemExit(1)"))
    cloud.call("CreateEndpointConfig", EndpointConfigName="config", ProductionVariants=variant())
    cloud.call("CreateEndpoint", EndpointName="endpoint", EndpointConfigName="config")
    endpoint = cloud.ended("Endpoint", "endpoint")
    assert endpoint["EndpointStatus"] == "Failed"
    assert "for production variant AllTraffic did not pass the ping health check" in endpoint["FailureReason"]
    with pytest.raises(AwsError, match="not found"):
        ask(cloud, b"hello")


def test_an_endpoint_whose_model_data_are_gone_fails(cloud: "Cloud") -> None:
    cloud.model("model", cloud.server_image("echo", ECHO), **{"model.json": b"{}"})
    cloud.call("CreateEndpointConfig", EndpointConfigName="config", ProductionVariants=variant())
    cloud.objects.delete(cloud.bucket, "models/model/model.tar.gz")
    cloud.call("CreateEndpoint", EndpointName="endpoint", EndpointConfigName="config")
    assert "Could not find model data" in cloud.ended("Endpoint", "endpoint")["FailureReason"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "variants": ({"ProductionVariants": variant() + variant()}, "AllTraffic is given more than once"),
    "no model": ({"ProductionVariants": [{"VariantName": "v"}]}, "production variants without a model"),
    "model": ({"ProductionVariants": variant(ModelName="other")}, 'Could not find model "arn:.*model/other"'),
    "capture": (
        {"ProductionVariants": variant(), "DataCaptureConfig": {"DestinationS3Uri": "https://a-bucket/x"}},
        "DestinationS3Uri https://a-bucket/x is not an S3 URI",
    ),
    "explainer": ({"ProductionVariants": variant(), "ExplainerConfig": {"ClarifyExplainerConfig": {}}}, "ExplainerC"),
    "async": ({"ProductionVariants": variant(), "AsyncInferenceConfig": {"OutputConfig": {}}}, "AsyncInferenceConfig"),
    "shadow": ({"ProductionVariants": variant(), "ShadowProductionVariants": variant()}, "ShadowProductionVariants"),
    "no instances": ({"ProductionVariants": [{"ModelName": "model", "VariantName": "v"}]}, "InstanceType is required"),
    "memory": ({"ProductionVariants": [serverless(MemorySizeInMB=1500)]}, "Value '1500' at .*memorySizeInMB"),
    "concurrency": ({"ProductionVariants": [serverless(MaxConcurrency=201)]}, "Value '201' at .*maxConcurrency"),
    "provisioned": ({"ProductionVariants": [serverless(ProvisionedConcurrency=3)]}, "less than or equal to MaxConc"),
    "serverless twice": (
        {"ProductionVariants": [serverless(), *variant(VariantName="other")]},
        "one production variant only",
    ),
    "serverless instances": (
        {"ProductionVariants": [{**serverless(), "InstanceType": "ml.m5.large"}]},
        "InstanceType cannot be given for variant v: it has ServerlessConfig",
    ),
    "serverless capture": (
        {"ProductionVariants": [serverless()], "DataCaptureConfig": {"DestinationS3Uri": "s3://a-bucket/x"}},
        "DataCaptureConfig is not supported for serverless",
    ),
    "name": ({"ProductionVariants": variant(), "EndpointConfigName": "config"}, "Cannot create already existing"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_configurations_that_cannot_be_served_are_refused(cloud: "Cloud", case: str) -> None:
    cloud.model("model", cloud.server_image("echo", ECHO))
    cloud.call("CreateEndpointConfig", EndpointConfigName="config", ProductionVariants=variant())
    request, message = REFUSED[case]
    with pytest.raises(AwsError, match=message):
        cloud.call("CreateEndpointConfig", **{"EndpointConfigName": "new", **request})


def test_an_endpoint_whose_container_cannot_be_replaced_fails(served: "Cloud", eventually: Eventually) -> None:
    served.objects.delete(served.bucket, "models/model/model.tar.gz")
    worker = served.worker("Endpoint", served.serving("endpoint"))
    worker.signal(signal.SIGKILL)
    eventually(lambda: not worker.alive())
    with pytest.raises(AwsError, match=r"The container does not answer|not found"):
        ask(served, b"hello")
    described = served.describe("Endpoint", "endpoint")
    assert described["EndpointStatus"] == "Failed"
    assert "Could not find model data" in described["FailureReason"]
    with pytest.raises(AwsError, match=r"^Endpoint endpoint of account 111122223333 not found\.$"):
        ask(served, b"hello")
    served.call("DeleteEndpoint", EndpointName="endpoint")
    assert served.launcher.names("Endpoint") == ()

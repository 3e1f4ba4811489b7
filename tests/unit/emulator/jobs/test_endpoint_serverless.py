"""A serverless endpoint takes so many requests at a time, of at most 4 MB."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.errors import AwsError

if TYPE_CHECKING:
    from .conftest import Cloud

Eventually = Callable[[Callable[[], Any]], Any]
WAITS = """
    while body == b"wait" and not os.path.exists("go"):
        __import__("time").sleep(0.01)
    self.answer(200, b"%d" % len(body))
"""


@pytest.fixture
def served(cloud: "Cloud") -> "Cloud":
    """A serverless endpoint in service, of two requests at a time."""
    cloud.model("model", cloud.server_image("waits", WAITS))
    config = {"MemorySizeInMB": 3072, "MaxConcurrency": 2, "ProvisionedConcurrency": 1}
    variant = {"ModelName": "model", "VariantName": "v", "ServerlessConfig": config}
    cloud.call("CreateEndpointConfig", EndpointConfigName="config", ProductionVariants=[variant], KmsKeyId="a-key")
    cloud.call("CreateEndpoint", EndpointName="endpoint", EndpointConfigName="config")
    assert cloud.ended("Endpoint", "endpoint")["EndpointStatus"] == "InService"
    return cloud


def ask(cloud: "Cloud", body: bytes) -> bytes:
    """Return the endpoint's answer."""
    answer: bytes = cloud.call("InvokeEndpoint", EndpointName="endpoint", Body=body)["Body"]
    return answer


def test_its_configuration_is_described(served: "Cloud") -> None:
    (summary,) = served.describe("Endpoint", "endpoint")["ProductionVariants"]
    config = {"MemorySizeInMB": 3072, "MaxConcurrency": 2, "ProvisionedConcurrency": 1}
    assert (summary["CurrentServerlessConfig"], summary["DesiredServerlessConfig"]) == (config, config)
    assert "CurrentInstanceCount" not in summary
    assert served.call("DescribeEndpointConfig", EndpointConfigName="config")["KmsKeyId"] == "a-key"


def test_more_requests_than_its_concurrency_are_throttled(served: "Cloud", eventually: Eventually) -> None:
    answers: list[bytes] = []

    def wait() -> None:
        """Be answered in the end, also where the question below was there first."""
        while True:
            with suppress(AwsError):
                answers.append(ask(served, b"wait"))
                return
            time.sleep(0.01)

    asking = [threading.Thread(target=wait) for _ in range(2)]
    for thread in asking:
        thread.start()

    def throttled() -> bool:
        try:
            return not ask(served, b"x")
        except AwsError as error:
            return (error.code, error.status) == ("ThrottlingException", 400)

    eventually(throttled)
    folder = served.launcher.folder("Endpoint", served.serving("endpoint", "v")).path
    folder.joinpath("ml/go").touch()
    for thread in asking:
        thread.join()
    assert answers == [b"4", b"4"]
    assert ask(served, b"x") == b"1"


def test_its_concurrency_can_be_changed(served: "Cloud") -> None:
    def change(**config: int) -> None:
        desired = [{"VariantName": "v", "ServerlessUpdateConfig": config}]
        served.call("UpdateEndpointWeightsAndCapacities", EndpointName="endpoint", DesiredWeightsAndCapacities=desired)

    change(MaxConcurrency=50, ProvisionedConcurrency=10)
    (summary,) = served.describe("Endpoint", "endpoint")["ProductionVariants"]
    assert summary["CurrentServerlessConfig"]["MaxConcurrency"] == 50
    with pytest.raises(AwsError, match="less than or equal to MaxConcurrency"):
        change(MaxConcurrency=5)


def test_a_body_over_four_megabytes_is_refused(served: "Cloud") -> None:
    assert ask(served, b"1" * (4 << 20)) == b"4194304"
    with pytest.raises(AwsError, match=r"Value at 'body' failed .* less than or equal to 4194304") as refused:
        ask(served, b"1" * ((4 << 20) + 1))
    assert refused.value.code == "ValidationError"


def test_it_is_updated_blue_green_and_not_rolling(served: "Cloud") -> None:
    def update(policy: dict[str, object]) -> None:
        served.call("UpdateEndpoint", EndpointName="endpoint", EndpointConfigName="config", DeploymentConfig=policy)

    size = {"Type": "CAPACITY_PERCENT", "Value": 50}
    with pytest.raises(AwsError, match="RollingUpdatePolicy is not supported for serverless"):
        update({"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": 0}})
    routing = {"Type": "CANARY", "WaitIntervalInSeconds": 0, "CanarySize": size}
    update({"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}})
    assert served.describe("Endpoint", "endpoint")["EndpointStatus"] == "Updating"

"""Several variants behind one endpoint: who answers, by weights or by name."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.errors import AwsError
from specimen.emulator.sagemaker.deployments import by_weight

if TYPE_CHECKING:
    from .conftest import Cloud

NAMED = 'self.answer(200, os.environ["COLOUR"].encode() + b" " + body)'
Eventually = Callable[[Callable[[], Any]], Any]


def variant(name: str, model: str, **more: Any) -> dict[str, Any]:
    """Form a variant of a model."""
    on = {"InitialInstanceCount": 2, "InstanceType": "ml.m5.large"}
    return {"VariantName": name, "ModelName": model, **on, **more}


@pytest.fixture
def served(cloud: "Cloud") -> "Cloud":
    """An endpoint in service of two variants, `a` with three quarters of the traffic."""
    for colour in ("green", "red"):
        cloud.model(colour, cloud.server_image(colour, NAMED.replace('os.environ["COLOUR"]', repr(colour))))
    variants = [variant("a", "green", InitialVariantWeight=3.0), variant("b", "red")]
    cloud.call("CreateEndpointConfig", EndpointConfigName="config", ProductionVariants=variants)
    cloud.call("CreateEndpoint", EndpointName="endpoint", EndpointConfigName="config")
    assert cloud.ended("Endpoint", "endpoint")["EndpointStatus"] == "InService"
    return cloud


def ask(cloud: "Cloud", **more: Any) -> tuple[str, bytes]:
    """Invoke the endpoint; tell which variant answered, and what."""
    answer = cloud.call("InvokeEndpoint", EndpointName="endpoint", Body=b"x", **more)
    return answer["InvokedProductionVariant"], answer["Body"]


def test_each_variant_answers_with_its_own_model(served: "Cloud") -> None:
    assert ask(served, TargetVariant="a") == ("a", b"green x")
    assert ask(served, TargetVariant="b") == ("b", b"red x")
    assert {ask(served) for _ in range(60)} == {("a", b"green x"), ("b", b"red x")}
    with pytest.raises(AwsError, match="Variant c not found in endpoint endpoint"):
        ask(served, TargetVariant="c")


def test_each_variant_has_a_log_stream_of_its_own(served: "Cloud") -> None:
    streams = sorted(path.name.partition("%2F")[0] for path in served.state.glob("logs/*Endpoints%2Fendpoint/*"))
    assert streams == ["a", "b"]


def test_weights_and_counts_are_described_and_can_be_changed(served: "Cloud") -> None:
    desired = [{"VariantName": "a", "DesiredWeight": 0.0}, {"VariantName": "b", "DesiredInstanceCount": 5}]
    served.call("UpdateEndpointWeightsAndCapacities", EndpointName="endpoint", DesiredWeightsAndCapacities=desired)
    first, second = served.describe("Endpoint", "endpoint")["ProductionVariants"]
    assert (first["CurrentWeight"], first["DesiredInstanceCount"]) == (0.0, 2)
    assert (second["DesiredWeight"], second["CurrentInstanceCount"]) == (1.0, 5)
    assert {ask(served)[0] for _ in range(20)} == {"b"}
    assert ask(served, TargetVariant="a")[0] == "a"


@pytest.mark.parametrize(
    ("desired", "said"),
    [
        ({"VariantName": "c", "DesiredWeight": 1.0}, 'variant "c" does not exist'),
        ({"VariantName": "a", "DesiredInstanceCount": 0}, "must be at least 1"),
        ({"VariantName": "a", "ServerlessUpdateConfig": {"MaxConcurrency": 1}}, "is not serverless"),
    ],
)
def test_what_a_variant_cannot_be_is_refused(served: "Cloud", desired: dict[str, Any], said: str) -> None:
    before = served.describe("Endpoint", "endpoint")
    with pytest.raises(AwsError, match=said):
        served.call(
            "UpdateEndpointWeightsAndCapacities", EndpointName="endpoint", DesiredWeightsAndCapacities=[desired]
        )
    assert served.describe("Endpoint", "endpoint") == before


def test_a_variant_that_fails_fails_the_endpoint_and_leaves_nothing_running(
    cloud: "Cloud", eventually: Eventually
) -> None:
    cloud.model("sound", cloud.server_image("echo", NAMED))
    cloud.model("broken", cloud.image("broken", "raise SystemExit(1)"))
    variants = [variant("sound", "sound"), variant("broken", "broken")]
    cloud.call("CreateEndpointConfig", EndpointConfigName="config", ProductionVariants=variants)
    cloud.call("CreateEndpoint", EndpointName="endpoint", EndpointConfigName="config")
    worker = cloud.worker("Endpoint", cloud.serving("endpoint", "sound"))
    endpoint = cloud.ended("Endpoint", "endpoint")
    assert endpoint["EndpointStatus"] == "Failed"
    assert "production variant broken did not pass" in endpoint["FailureReason"]
    eventually(lambda: not worker.alive())
    assert cloud.launcher.names("Endpoint") == ()
    with pytest.raises(AwsError, match="Cannot update failed endpoint"):
        cloud.call("UpdateEndpoint", EndpointName="endpoint", EndpointConfigName="config")
    cloud.call("DeleteEndpoint", EndpointName="endpoint")


def test_traffic_falls_to_variants_by_their_shares() -> None:
    variants = [{"Name": "a", "Weight": 3.0}, {"Name": "b", "Weight": 0.0}, {"Name": "c", "Weight": 1.0}]
    drawn = Counter((by_weight(variants, step / 100) or {})["Name"] for step in range(100))
    assert drawn == {"a": 75, "c": 25}
    assert by_weight(variants, 1.0) == variants[2]
    assert by_weight(variants[1:2], 0.5) is None

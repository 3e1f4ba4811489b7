"""What is sent: requests that are small enough, each for the rows behind those of the one before; and deletions."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from specimen.endpoints import deleting, invoking
from specimen.endpoints.manifests import Table
from specimen.errors import Refused, SpecimenError

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
OURS = [{"Key": "specimen:experiment", "Value": "loans"}]


@dataclass
class Endpoints:
    """A cloud of endpoints, each with its configuration and tags; they answer the sum of a row."""

    configs: dict[str, str] = field(default_factory=dict)  # by endpoint
    tags: dict[str, list[dict[str, str]]] = field(default_factory=dict)  # by ARN
    targets: list[dict[str, str]] = field(default_factory=list)
    deletions: int = 1  # descriptions of an endpoint until it is gone
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    name: str = "the test's cloud"
    elsewhere: str = "nowhere"
    going: dict[str, int] = field(default_factory=dict)
    answer: bytes | None = None

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer an invocation."""
        assert (service, operation) == ("sagemaker-runtime", "InvokeEndpoint")
        self.asked.append((operation, request))
        if request["EndpointName"] == "broken":
            raise Refused("refused", code="ModelError", reason="Received client error (400)")
        rows = [line.split(",") for line in request["Body"].decode().splitlines()]
        scores = {"predictions": [{"score": sum(map(float, row))} for row in rows]}
        return {"Body": self.answer or json.dumps(scores).encode(), "InvokedProductionVariant": "v"}

    def find(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """Describe or delete."""
        match operation:
            case "DescribeEndpoint":
                return self._endpoint(request["EndpointName"])
            case "DescribeEndpointConfig":
                name = request["EndpointConfigName"]
                return {"EndpointConfigName": name, "EndpointConfigArn": f"arn:{name}"} if name != "gone" else None
        self.asked.append((operation, request))
        if operation == "DeleteEndpoint":
            self.going[request["EndpointName"]] = self.deletions
        return {}

    def _endpoint(self, name: str) -> dict[str, Any] | None:
        left = self.going.get(name)
        if left == 0 or name not in self.configs:
            self.configs.pop(name, None)
            return None
        if left is not None:
            self.going[name] = left - 1
        variants = [{"VariantName": "v", "CurrentWeight": 1.0, "CurrentInstanceCount": 1}]
        named = {"EndpointName": name, "EndpointArn": f"arn:{name}", "EndpointConfigName": self.configs[name]}
        return {**named, "EndpointStatus": "InService", "ProductionVariants": variants, "LastModifiedTime": NOON}

    def pages(self, service: str, operation: str, request: Mapping[str, Any], member: str) -> Iterator[Any]:
        """List."""
        match operation:
            case "ListEndpoints":
                yield from ({"EndpointName": name} for name in list(self.configs))
            case "ListTags":
                yield from self.tags.get(request["ResourceArn"], [])
            case _:
                yield from (one for one in self.targets if one["ResourceId"] in request["ResourceIds"])

    def read(self, uri: str) -> bytes | None:
        """Hold nothing."""
        return None


def table(columns: list[str]) -> Table:
    """A table of such features, and a label y."""
    source: dict[str, Any] = {"source_columns": [*columns, "y"], "label": "y", "drop": [], "encode": {}}
    encoding = {**source, "impute": {}, "classes": None}
    return Table("s3://bucket/manifest.json", {"encoding": encoding, "columns": ["y", *columns]})


def asked(endpoint: str = "loans") -> invoking.Asked:
    return invoking.Asked(endpoint, None, {}, table(["a", "b"]))


def rows(count: int) -> pd.DataFrame:
    return pd.DataFrame({"b": np.arange(count), "a": np.arange(count) * 1000})


def test_rows_are_asked_in_batches_and_answered_in_their_order() -> None:
    cloud = Endpoints()
    answers = list(invoking.invoke(cloud, asked(), rows(2 * invoking.ROWS + 1)))
    assert [answer.value for answer in answers] == [1001.0 * number for number in range(2 * invoking.ROWS + 1)]
    assert [answer.row for answer in answers] == list(range(1, 2 * invoking.ROWS + 2))
    assert [request["Body"].count(b"\n") for _, request in cloud.asked] == [invoking.ROWS, invoking.ROWS, 1]
    assert cloud.asked[0][1]["Body"].startswith(b"0,0\n1000,1\n")


def test_long_rows_go_in_smaller_requests() -> None:
    """None is larger than endpoints take, and none is left out."""
    wide = pd.DataFrame({f"c{number}": np.full(invoking.ROWS, 123456789) for number in range(700)})
    cloud = Endpoints()
    answers = list(invoking.invoke(cloud, invoking.Asked("loans", "v", {}, table([*map(str, wide)])), wide))
    assert len(answers) == invoking.ROWS
    assert len(cloud.asked) == 2
    assert all(len(request["Body"]) <= invoking.LARGEST for _, request in cloud.asked)
    assert {request["TargetVariant"] for _, request in cloud.asked} == {"v"}


def test_an_endpoint_that_refuses_is_quoted_with_the_rows() -> None:
    with pytest.raises(SpecimenError) as raised:
        list(invoking.invoke(Endpoints(), asked("broken"), rows(3)))
    assert str(raised.value) == ("endpoint broken does not answer rows 1 to 3: ModelError: Received client error (400)")
    assert raised.value.hint == "its log group is /aws/sagemaker/Endpoints/broken"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"0.5,0.5", "answers rows 1 to 3 with no predictions: 0.5,0.5"),
        (b'{"predictions": [{"score": "high"}]}', "with no predictions"),
        (b'{"predictions": [{"score": 1}]}', "has 1 answers to rows 1 to 3"),
    ],
)
def test_an_answer_of_something_else_is_no_answer(answer: bytes, said: str) -> None:
    with pytest.raises(SpecimenError, match=said):
        list(invoking.invoke(Endpoints(answer=answer), asked(), rows(3)))


def deleted(cloud: Endpoints) -> list[str]:
    said: list[str] = []
    deleting.delete(cloud, "loans", said.append, lambda seconds: None)
    return said


def test_an_endpoint_is_waited_for_and_stops_to_scale() -> None:
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/loans/variant/v",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    cloud = Endpoints({"loans": "c"}, {"arn:loans": OURS, "arn:c": OURS}, [{**target, "MinCapacity": "1"}], deletions=3)
    assert deleted(cloud)[:3] == [
        "endpoint loans: deleted",
        "endpoint/loans/variant/v: no longer a target of autoscaling",
        "endpoint configuration c: deleted",
    ]
    assert cloud.asked[1] == ("DeregisterScalableTarget", target)


@pytest.mark.parametrize(
    ("cloud", "said"),
    [
        (Endpoints({"loans": "c", "b": "c"}, {"arn:loans": OURS, "arn:c": OURS}), "c: kept, since b has it too"),
        (Endpoints({"loans": "c"}, {"arn:loans": OURS}), "c: kept, since it was not made by Specimen"),
        (Endpoints({"loans": "gone"}, {"arn:loans": OURS}), None),
    ],
)
def test_a_configuration_that_is_not_the_endpoints_alone_is_kept(cloud: Endpoints, said: str | None) -> None:
    lines = deleted(cloud)
    assert [line for line in lines if "configuration" in line] == ([f"endpoint configuration {said}"] if said else [])
    assert [operation for operation, _ in cloud.asked] == ["DeleteEndpoint"]


def test_an_endpoint_that_does_not_go_is_said_to_stay() -> None:
    cloud = Endpoints({"loans": "c"}, {"arn:loans": OURS, "arn:c": OURS}, deletions=10**9)
    with pytest.raises(SpecimenError, match="endpoint loans is still there after 600 s"):
        deleted(cloud)
    assert [operation for operation, _ in cloud.asked] == ["DeleteEndpoint"]

"""What must hold of an endpoint before it is asked."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from specimen.endpoints.questions import Question, answers
from specimen.errors import SpecimenError, UsageError

OURS = {"specimen:experiment": "loans", "specimen:manifest:a": "s3://b/a", "specimen:manifest:b": "s3://b/b"}
ENCODING: dict[str, Any] = {
    "source_columns": ["x", "y"],
    "label": "y",
    "drop": [],
    "encode": {},
    "impute": {},
    "classes": None,
}


@dataclass
class Cloud:
    """One endpoint of two variants, with tags and manifests; its model is of nobody knows which training."""

    status: str = "InService"
    reason: str | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: OURS)
    objects: Mapping[str, Any] = field(default_factory=dict)
    name: str = "the test's cloud"
    elsewhere: str = "nowhere"

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer 1 to each row."""
        rows = request["Body"].count(b"\n")
        body = json.dumps({"predictions": [{"score": 1.0}] * rows}).encode()
        return {"Body": body, "InvokedProductionVariant": request.get("TargetVariant", "a")}

    def find(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """Describe the endpoint."""
        if operation != "DescribeEndpoint":
            return None
        return {
            "EndpointName": "loans",
            "EndpointArn": "arn",
            "EndpointStatus": self.status,
            "EndpointConfigName": "c",
            "LastModifiedTime": datetime(2026, 1, 1, tzinfo=UTC),
            "ProductionVariants": [{"VariantName": name} for name in "ab"],
            **({"FailureReason": self.reason} if self.reason else {}),
        }

    def pages(self, service: str, operation: str, request: Mapping[str, Any], member: str) -> Iterator[Any]:
        """List the tags."""
        yield from ({"Key": key, "Value": value} for key, value in self.tags.items())

    def read(self, uri: str) -> bytes | None:
        """Give a manifest."""
        found = self.objects.get(uri)
        return found if found is None or isinstance(found, bytes) else json.dumps(found).encode()


def manifest(**changes: Any) -> dict[str, Any]:
    return {"columns": ["y", "x"], "content_type": "csv", "encoding": {**ENCODING, **changes}}


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        ("Creating", "wait until it is InService"),
        ("Failed", "run its spec again: it makes the endpoint anew"),
        ("Deleting", "run its spec again: it makes the endpoint anew"),
    ],
)
def test_an_endpoint_that_does_not_serve_is_not_asked(status: str, hint: str) -> None:
    with pytest.raises(SpecimenError) as raised:
        answers(Cloud(status, "no capacity"), "loans", Question(None, ("1",), None))
    assert str(raised.value) == f"endpoint loans is {status} and does not answer: no capacity"
    assert raised.value.hint == hint


@pytest.mark.parametrize("status", ["InService", "Updating", "RollingBack"])
def test_an_endpoint_that_is_changed_still_answers(status: str) -> None:
    cloud = Cloud(status, objects={"s3://b/a": manifest(), "s3://b/b": manifest()})
    assert [answer.value for answer in answers(cloud, "loans", Question(None, ("1", "2"), None))] == [1.0, 1.0]


def test_variants_of_other_tables_are_asked_by_name() -> None:
    cloud = Cloud(objects={"s3://b/a": manifest(), "s3://b/b": manifest(classes=["no", "yes"])})
    with pytest.raises(UsageError, match="were trained on tables that are not alike") as raised:
        answers(cloud, "loans", Question(None, ("1",), None))
    assert raised.value.hint == "say which is meant by --variant: `a` or `b`"
    assert answers(cloud, "loans", Question(None, ("1",), "b"))[0].variant == "b"


@pytest.mark.parametrize("content", [b"{", b"[]", {"columns": []}, {"encoding": {"label": "y"}}, {"encoding": None}])
def test_a_manifest_of_something_else_is_said_to_be(content: Any) -> None:
    cloud = Cloud(objects={"s3://b/a": content, "s3://b/b": content})
    with pytest.raises(SpecimenError, match="the manifest s3://b/a does not say how rows are encoded"):
        answers(cloud, "loans", Question(None, ("1",), None))

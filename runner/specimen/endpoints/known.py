"""The endpoints that there are, and what their tags say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from specimen.asking import SAGEMAKER, Cloud
from specimen.errors import SpecimenError, UsageError
from specimen.spec.words import closest, several

EXPERIMENT, RUN, KEEP = "specimen:experiment", "specimen:run", "specimen:keep"
SERVING = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"})
MANIFEST = "specimen:manifest:"  # and a variant's name: what the table was that its model was trained on


@dataclass(frozen=True)
class Variant:
    """A production variant: its share of the requests, and how many instances; None where it is serverless."""

    name: str
    weight: float
    instances: int | None


@dataclass(frozen=True)
class Endpoint:
    """An endpoint as it is now, with its tags."""

    name: str
    arn: str
    status: str
    reason: str | None  # why it, or its last change, failed
    config: str
    variants: tuple[Variant, ...]  # that serve; none where it is not in service
    modified: datetime
    tags: Mapping[str, str]

    @property
    def experiment(self) -> str | None:
        """The experiment that made it; None where Specimen did not."""
        return self.tags.get(EXPERIMENT)

    @property
    def serves(self) -> bool:
        """Whether it answers; while it is changed, what was there before does."""
        return self.status in SERVING


def listed(cloud: Cloud) -> tuple[Endpoint, ...]:
    """All endpoints, by name; one that is deleted meanwhile is left out."""
    return tuple(filter(None, (_described(cloud, name) for name in sorted(_names(cloud)))))


def find(cloud: Cloud, name: str) -> Endpoint:
    """The endpoint of a name.

    Raises:
        UsageError: there is none.
    """
    found = _described(cloud, name)
    if found is None:
        raise _absent(cloud, name)
    return found


def ours(endpoint: Endpoint, instead: str) -> Endpoint:
    """Give the endpoint if an experiment made it; `instead` says what to do with another's.

    Raises:
        SpecimenError: it was not made by Specimen.
    """
    if endpoint.experiment is None:
        raise SpecimenError(
            f"endpoint {endpoint.name} was not made by Specimen: it has no tag {EXPERIMENT}", hint=instead
        )
    return endpoint


def tags(cloud: Cloud, arn: str) -> dict[str, str]:
    """A resource's tags by key."""
    return {tag["Key"]: tag["Value"] for tag in cloud.pages(SAGEMAKER, "ListTags", {"ResourceArn": arn}, "Tags")}


def _names(cloud: Cloud) -> list[str]:
    return [one["EndpointName"] for one in cloud.pages(SAGEMAKER, "ListEndpoints", {}, "Endpoints")]


def _described(cloud: Cloud, name: str) -> Endpoint | None:
    body = cloud.find(SAGEMAKER, "DescribeEndpoint", {"EndpointName": name})
    if body is None:
        return None
    return Endpoint(
        name=body["EndpointName"],
        arn=body["EndpointArn"],
        status=body["EndpointStatus"],
        reason=body.get("FailureReason"),
        config=body["EndpointConfigName"],
        variants=tuple(_variants(body.get("ProductionVariants", ()))),
        modified=body["LastModifiedTime"],
        tags=tags(cloud, body["EndpointArn"]),
    )


def _variants(bodies: Sequence[Mapping[str, Any]]) -> Iterator[Variant]:
    for body in bodies:
        yield Variant(body["VariantName"], body.get("CurrentWeight", 1.0), body.get("CurrentInstanceCount"))


def _absent(cloud: Cloud, name: str) -> UsageError:
    names = sorted(_names(cloud))
    if not names:
        return UsageError(f"{cloud.name} has no endpoint", hint=f"a spec's `hosting` makes one; {cloud.elsewhere}")
    near = closest(name, names)
    meant = f"did you mean `{near}`?" if near else f"there are {several(names)}"
    return UsageError(f"{cloud.name} has no endpoint `{name}`", hint=meant)

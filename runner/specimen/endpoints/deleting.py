"""Endpoints deleted: those that an experiment made, with all that was made for them alone."""

import time
from collections.abc import Callable, Iterator

from specimen.asking import SAGEMAKER, SCALING, Cloud
from specimen.endpoints.known import EXPERIMENT, Endpoint, find, listed, ours, tags
from specimen.errors import SpecimenError

PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 600.0  # for an endpoint that was asked to go
DELETING = "Deleting"


def delete(cloud: Cloud, name: str, say: Callable[[str], None], sleep: Callable[[float], None] = time.sleep) -> None:
    """Delete an endpoint, what scales it, and its configuration if no other endpoint has that; wait until it is gone.

    Raises:
        UsageError: there is no such endpoint.
        SpecimenError: it was not made by Specimen, or does not go.
    """
    instead = f"nothing was deleted; if it is yours: aws sagemaker delete-endpoint --endpoint-name {name}"
    endpoint = ours(find(cloud, name), instead)
    scaled = list(_scaled(cloud, endpoint))
    if endpoint.status != DELETING:
        cloud.find(SAGEMAKER, "DeleteEndpoint", {"EndpointName": name})
    _wait(cloud, name, sleep)
    say(f"endpoint {name}: deleted")
    for target in scaled:
        cloud.find(SCALING, "DeregisterScalableTarget", target)
        say(f"{target['ResourceId']}: no longer a target of autoscaling")
    _configuration(cloud, endpoint.config, say)
    say("its models, its data and its lineage are kept")


def _scaled(cloud: Cloud, endpoint: Endpoint) -> Iterator[dict[str, str]]:
    """What scales the endpoint's variants, as the requests that end it."""
    resources = [f"endpoint/{endpoint.name}/variant/{variant.name}" for variant in endpoint.variants]
    if not resources:
        return
    request = {"ServiceNamespace": SAGEMAKER, "ResourceIds": resources}
    for target in cloud.pages(SCALING, "DescribeScalableTargets", request, "ScalableTargets"):
        yield {key: target[key] for key in ("ServiceNamespace", "ResourceId", "ScalableDimension")}


def _wait(cloud: Cloud, name: str, sleep: Callable[[float], None]) -> None:
    for _ in range(int(PATIENCE_SECONDS / PAUSE_SECONDS)):
        if cloud.find(SAGEMAKER, "DescribeEndpoint", {"EndpointName": name}) is None:
            return
        sleep(PAUSE_SECONDS)
    raise SpecimenError(
        f"endpoint {name} is still there after {PATIENCE_SECONDS:.0f} s", hint="it was asked to go; look again later"
    )


def _configuration(cloud: Cloud, name: str, say: Callable[[str], None]) -> None:
    body = cloud.find(SAGEMAKER, "DescribeEndpointConfig", {"EndpointConfigName": name})
    if body is None:
        return
    others = [other.name for other in listed(cloud) if other.config == name]
    if others:
        say(f"endpoint configuration {name}: kept, since {', '.join(others)} has it too")
    elif EXPERIMENT not in tags(cloud, body["EndpointConfigArn"]):
        say(f"endpoint configuration {name}: kept, since it was not made by Specimen")
    else:
        cloud.find(SAGEMAKER, "DeleteEndpointConfig", {"EndpointConfigName": name})
        say(f"endpoint configuration {name}: deleted")

"""Automatic scaling of an endpoint's variants, by Application Auto Scaling.

AWS refuses an update that changes the instance type of a variant while that is a scalable target, so that such targets
are set aside for the time of the update.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from specimen_components import requests
from specimen_components.command import Call
from specimen_components.progress import say

SERVICE = "application-autoscaling"
NAMESPACE = "sagemaker"
OURS = "specimen-"  # how the names of policies begin that Specimen has made
_TARGET = ("ServiceNamespace", "ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity", "SuspendedState")
_POLICY = (
    *("PolicyName", "ServiceNamespace", "ResourceId", "ScalableDimension", "PolicyType"),
    *("StepScalingPolicyConfiguration", "TargetTrackingScalingPolicyConfiguration"),
)

Asked = Sequence[Mapping[str, Any]]  # of each variant: `target`, RegisterScalableTarget; `policy`, PutScalingPolicy


@dataclass(frozen=True)
class Aside:
    """A scalable target that was set aside: the requests that register it again as it was."""

    target: Mapping[str, Any]
    policies: tuple[Mapping[str, Any], ...]

    @property
    def ours(self) -> bool:
        """Whether Specimen has made it scale."""
        return _named(self.policies)


def resource(endpoint: str, variant: str) -> str:
    """Give the name that Application Auto Scaling has for a variant."""
    return f"endpoint/{endpoint}/variant/{variant}"


def register(call: Call, asked: Asked) -> None:
    """Let variants scale as asked; what is registered so already stays as it is."""
    for one in asked:
        for operation, request in (("RegisterScalableTarget", one["target"]), ("PutScalingPolicy", one["policy"])):
            body = requests.prepared(SERVICE, operation, request, {})
            call.ask(partial(call.aws.call, SERVICE, operation, body))
        target = one["target"]
        say(f"{target['ResourceId']} scales from {target['MinCapacity']:g} to {target['MaxCapacity']:g} instances")


def targets(call: Call, endpoint: str, variants: Iterable[str]) -> list[dict[str, Any]]:
    """Describe the variants that are scalable targets."""
    asked = {"ServiceNamespace": NAMESPACE, "ResourceIds": [resource(endpoint, variant) for variant in variants]}
    if not asked["ResourceIds"]:
        return []
    return call.ask(lambda: list(call.aws.pages(SERVICE, "DescribeScalableTargets", asked, "ScalableTargets")))


def remove(call: Call, found: Iterable[Mapping[str, Any]]) -> list[str]:
    """Deregister scalable targets, and their policies with them; give their names."""
    removed = []
    for target in found:
        asked = {member: target[member] for member in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
        call.ask(partial(call.aws.find, SERVICE, "DeregisterScalableTarget", asked))
        removed.append(str(target["ResourceId"]))
    return removed


def set_aside(call: Call, found: Iterable[Mapping[str, Any]]) -> tuple[Aside, ...]:
    """Deregister scalable targets, and keep what registers them again."""
    kept = tuple(Aside(_members(target, _TARGET), _policies(call, target)) for target in found)
    for name in remove(call, [one.target for one in kept]):
        say(f"{name} does not scale for the time of the update")
    return kept


def put_back(call: Call, aside: Iterable[Aside]) -> None:
    """Register scalable targets again as they were."""
    for one in aside:
        call.ask(partial(call.aws.call, SERVICE, "RegisterScalableTarget", one.target))
        for policy in one.policies:
            call.ask(partial(call.aws.call, SERVICE, "PutScalingPolicy", policy))
        say(f"{one.target['ResourceId']} scales again as before")


def ours(call: Call, target: Mapping[str, Any]) -> bool:
    """Tell whether Specimen has made a variant scale."""
    return _named(_policies(call, target))


def _named(policies: Iterable[Mapping[str, Any]]) -> bool:
    return any(str(policy["PolicyName"]).startswith(OURS) for policy in policies)


def _policies(call: Call, target: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    asked = {member: target[member] for member in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
    found = call.ask(lambda: list(call.aws.pages(SERVICE, "DescribeScalingPolicies", asked, "ScalingPolicies")))
    return tuple(_members(policy, _POLICY) for policy in found)


def _members(description: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: description[name] for name in names if name in description}

"""An endpoint under its stable name: created, or updated without downtime, and never touched unless it is ours.

The configuration that serves goes on serving until another is in service; that an update has succeeded is told by the
configuration which AWS says is served, not by the status alone, which is "InService" after a failed update too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specimen_components import adopt, answers, requests
from specimen_components.command import Call
from specimen_components.hosting import deletion, ownership, scaling
from specimen_components.logs import Log
from specimen_components.problems import Failure, Refused
from specimen_components.progress import say
from specimen_components.records import Resource
from specimen_components.resources import ENDPOINT, ENDPOINT_CONFIG, console
from specimen_components.statuses import Phase
from specimen_components.waiting import until

_MIXED = "UpdateRollbackFailed"
_LOGS = "/aws/sagemaker/Endpoints"
_TAKEN_ANEW = ("DesiredWeight",)  # of the configuration, where instance counts are left as they are
_LINES = 20  # of a container's log, which are said when it has failed
Description = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """What is to be served: CreateEndpoint's members but for the configuration, whose name stands beside them."""

    request: Mapping[str, Any]  # EndpointName, Tags, and DeploymentConfig where an update is to follow one
    config: str
    instances: Mapping[str, str | None]  # instance types by variant; None for serverless

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return str(self.request["EndpointName"])

    @property
    def tags(self) -> dict[str, str]:
        """The endpoint's tags."""
        return ownership.given(self.request)


@dataclass(frozen=True)
class Served:
    """An endpoint that serves what was asked; `outcome` is created, updated or reused."""

    description: Description
    tags: Mapping[str, str]
    outcome: str
    previous: str | None  # the configuration that was replaced


def serve(call: Call, asked: Asked) -> Served:
    """Create the endpoint or update it, whatever state it is in, and wait until it serves the configuration.

    Raises:
        Failure: the endpoint is not the experiment's, could not be created, or could not be updated.
        Refused: AWS does not take the request; what was served is served further.
    """
    outcome = "reused"
    while True:
        found = adopt.describe(call, ENDPOINT, asked.name)
        if found is None:
            outcome = _create(call, asked)
            continue
        tags = adopt.tags_of(call, found["EndpointArn"])
        ownership.require(asked.name, tags, asked.tags[ownership.EXPERIMENT])
        call.announce(_resource(call, found, outcome))
        phase = adopt.phase(ENDPOINT, found)
        if phase is Phase.GOING:
            adopt.wait(call, ENDPOINT, asked.name)
        elif phase is Phase.FAILED:
            _give_way(call, asked, found, tags, outcome)
        elif found["EndpointConfigName"] == asked.config:
            say(f"endpoint {asked.name}: {outcome}, serves {asked.config}")
            return Served(found, tags, outcome, None)
        else:
            previous = str(found["EndpointConfigName"])
            return Served(_update(call, asked, found), tags, "updated", previous)


def _create(call: Call, asked: Asked) -> str:
    body = {key: value for key, value in asked.request.items() if key != "DeploymentConfig"}  # there is none to go from
    body[ENDPOINT_CONFIG.name] = asked.config
    try:
        call.ask(lambda: call.aws.call(adopt.SERVICE, ENDPOINT.create, body))
    except Refused as refusal:
        if answers.exists(ENDPOINT.create, refusal.code, refusal.reason):
            return "reused"  # made by another at the same time, or the answer to this very request was lost
        raise
    until(call.clock, call.pace, lambda: call.aws.find(adopt.SERVICE, ENDPOINT.describe, {ENDPOINT.name: asked.name}))
    return "created"


def _give_way(call: Call, asked: Asked, found: Description, tags: Mapping[str, str], outcome: str) -> None:
    """Delete an endpoint that an earlier run could not create; raise `Failure` for this run's, and one that serves."""
    if found["EndpointStatus"] == _MIXED:
        raise Failure(
            f"endpoint {asked.name} is {_MIXED}: it serves with two configurations side by side, and takes no update",
            hint="AWS's documentation of rolling deployments says how to recover it; then run again.",
        )
    if outcome == "created" or tags.get(requests.RUN_TAG) == call.run:
        _say_log(call, asked)
        raise adopt.failure(ENDPOINT, adopt.Owned(_resource(call, found, "created"), found))
    say(f"endpoint {asked.name} has failed in an earlier run; it is deleted and made anew")
    deletion.endpoint(call, asked.name)


def _update(call: Call, asked: Asked, found: Description) -> Description:
    """Change over to another configuration; raise `Failure` when that one is not what is served in the end."""
    previous = str(found["EndpointConfigName"])
    variants = [str(variant["VariantName"]) for variant in found.get("ProductionVariants", ())]
    _require_names(asked, variants)
    say(f"endpoint {asked.name}: updating from {previous} to {asked.config}")
    scaled = scaling.targets(call, asked.name, variants)
    hindering = _hindering(call, asked, found, scaled)
    aside = scaling.set_aside(call, hindering)
    try:
        _ask_for_update(call, asked, counted=not scaled or bool(hindering) or set(variants) != asked.instances.keys())
        _wait_for_change(call, found, asked)
        served = adopt.wait(call, ENDPOINT, asked.name)
        if served is None or served.get("EndpointConfigName") != asked.config:
            _say_log(call, asked)
            raise _not_updated(call, asked.name, previous, served)
    except Failure:
        scaling.put_back(call, aside)
        raise
    scaling.put_back(call, [one for one in aside if not one.ours and _scalable(asked, one)])
    say(f"endpoint {asked.name}: updated, serves {asked.config}")
    return served


def _require_names(asked: Asked, variants: Sequence[str]) -> None:
    """Refuse a deployment in steps to variants of other names, which AWS does not take."""
    if "DeploymentConfig" in asked.request and set(variants) != asked.instances.keys():
        raise Failure(
            f"endpoint {asked.name} serves {' and '.join(variants)}, and AWS updates it by `hosting.deployment` to "
            f"variants of the same names only, not to {' and '.join(asked.instances)}; it was left untouched",
            hint="Give `hosting.variants` the names that are served, or leave `deployment` out of this one update.",
        )


def _hindering(call: Call, asked: Asked, found: Description, scaled: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the scalable targets of variants that go, or change their instance type."""
    if not scaled:
        return []
    config = adopt.describe(call, ENDPOINT_CONFIG, str(found["EndpointConfigName"])) or {}
    served = {variant["VariantName"]: variant.get("InstanceType") for variant in config.get("ProductionVariants", ())}
    changing = {
        scaling.resource(asked.name, variant)
        for variant in served
        if variant not in asked.instances or asked.instances[variant] != served.get(variant)
    }
    return [target for target in scaled if target["ResourceId"] in changing]


def _scalable(asked: Asked, aside: scaling.Aside) -> bool:
    """Tell whether the variant of a target is there still, and has instances."""
    machines = [variant for variant, instance in asked.instances.items() if instance is not None]
    return aside.target["ResourceId"] in [scaling.resource(asked.name, variant) for variant in machines]


def _ask_for_update(call: Call, asked: Asked, *, counted: bool) -> None:
    """Ask for it; unless they are `counted` anew, variants keep the instances that they have been scaled to."""
    body = {key: value for key, value in asked.request.items() if key != "Tags"}
    body[ENDPOINT_CONFIG.name] = asked.config
    if not counted:
        body["RetainAllVariantProperties"] = True
        body["ExcludeRetainedVariantProperties"] = [{"VariantPropertyType": kind} for kind in _TAKEN_ANEW]
    try:
        call.ask(lambda: call.aws.call(adopt.SERVICE, "UpdateEndpoint", body))
    except Refused as refusal:
        now = adopt.describe(call, ENDPOINT, asked.name) or {}
        # the answer to this very request may have been lost, or another run was quicker
        if (
            not answers.exists("UpdateEndpoint", refusal.code, refusal.reason)
            and now.get(ENDPOINT_CONFIG.name) != asked.config
        ):
            raise


def _wait_for_change(call: Call, before: Description, asked: Asked) -> None:
    """Wait until the description shows that the update has begun, or is over; AWS may need a moment."""

    def changed() -> Description | None:
        now = call.aws.find(adopt.SERVICE, ENDPOINT.describe, {ENDPOINT.name: asked.name}) or {}
        same = ("EndpointStatus", "EndpointConfigName", "LastModifiedTime")
        return None if [now.get(member) for member in same] == [before.get(member) for member in same] else now

    until(call.clock, call.pace, changed)


def _not_updated(call: Call, name: str, previous: str, now: Description | None) -> Failure:
    if now is None:
        return Failure(f"endpoint {name} was deleted while it was updated", hint="Run again; it is created anew.")
    serving, status = now.get("EndpointConfigName"), now["EndpointStatus"]
    if adopt.phase(ENDPOINT, now) is Phase.FAILED:
        return adopt.failure(ENDPOINT, adopt.Owned(_resource(call, now, "updated"), now))
    if serving != previous:
        return Failure(
            f"endpoint {name} is {status} with {serving}, which something else has put in the place of this update",
            hint="Two runs that host different models under one name undo each other: give one another `hosting.name`.",
        )
    reason = now.get("FailureReason") or "AWS gives no reason"
    return Failure(
        f"the update of endpoint {name} failed, {previous} still serves: {reason}",
        hint=f"{adopt.what_to_do(reason)} The endpoint's log is in {_LOGS}/{name}.",
    )


def _say_log(call: Call, asked: Asked) -> None:
    """Say how the containers' logs end, which tell why one does not answer."""
    for variant in asked.instances:
        try:
            for line in Log(call.aws, f"{_LOGS}/{asked.name}", variant).fresh()[-_LINES:]:
                say(line)
        except Failure as failure:
            say(f"the log of variant {variant} cannot be read: {failure}")


def _resource(call: Call, found: Description, outcome: str) -> Resource:
    name, place = str(found["EndpointName"]), call.aws.environment
    link = console(place.region, ENDPOINT, name, local=place.local)
    return Resource(ENDPOINT.type, name, found["EndpointArn"], outcome, link)


def instances(variants: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    """Give the instance types of a configuration's variants; None for serverless ones."""
    return {str(variant["VariantName"]): variant.get("InstanceType") for variant in variants}

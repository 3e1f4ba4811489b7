"""An endpoint for the models of an experiment: its configuration by digest, and the endpoint under its stable name."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from specimen_components import adopt, answers, requests, resources, siblings
from specimen_components.command import Call, Result, run
from specimen_components.hosting import deletion, ownership, scaling, served
from specimen_components.hosting.endpoint import Asked, Served, instances, serve
from specimen_components.interface import HOST
from specimen_components.jsondata import Json
from specimen_components.problems import Refused
from specimen_components.progress import say

_TRIES = 5  # how often a configuration may vanish before the endpoint is made of it


def work(call: Call) -> Result:
    """Serve the models, or find that they are served already."""
    records = siblings.records(call)
    variants = served.variants(call)
    models = {variant.name: str(variant.output(records, "model", "model")) for variant in variants}
    manifests = {variant.name: str(variant.output(records, "prepare", "manifest")) for variant in variants}
    tags = {requests.MANAGED_TAG: "true", ownership.KEEP: call.text("keep")}
    config, found = _served(call, models, tags, {**tags, **ownership.manifests(manifests)})
    arn = str(found.description["EndpointArn"])
    _scale(call, found)
    kept = ownership.kept(found.tags, tags)
    if kept and tags[ownership.KEEP] == "false":
        say(f"endpoint {found.description['EndpointName']} stays, since an earlier run was to keep it")
    return Result(
        {
            "endpoint": found.description["EndpointName"],
            "arn": arn,
            "config": config["EndpointConfigName"],
            "manifests": dict(manifests),
        },
        details={
            "endpoint": found.description["EndpointName"],
            "config": config["EndpointConfigName"],
            "previous": found.previous,
            "outcome": found.outcome,
            "variants": [_told(one, variants, models) for one in config["ProductionVariants"]],
            "keep": kept,
            "status": found.description["EndpointStatus"],
        },
    )


def _served(
    call: Call, models: Mapping[str, str], config_tags: Mapping[str, str], tags: Mapping[str, str]
) -> tuple[Mapping[str, Any], Served]:
    """Give the configuration and the endpoint that serves it, with tags that say so."""
    values = {**call.arguments, **{f"model:{name}": model for name, model in models.items()}}
    request = requests.tagged(call.mapping("request"), config_tags)
    endpoint = requests.prepared(adopt.SERVICE, "CreateEndpoint", call.mapping("endpoint_request"), {})
    body = requests.tagged(endpoint, {**tags, requests.RUN_TAG: call.run})
    for attempt in range(1, _TRIES + 1):
        owned = adopt.job(call, resources.ENDPOINT_CONFIG, call.text("prefix"), request, values)
        config = owned.description
        asked = Asked(body, str(config["EndpointConfigName"]), instances(config["ProductionVariants"]))
        try:
            found = serve(call, asked)
        except ownership.Foreign:
            if owned.resource.how == "created":
                deletion.configuration(call, asked.config)  # no endpoint will ever have it
            raise
        except Refused as refusal:
            if attempt == _TRIES or not answers.absent(refusal.operation, refusal.code, refusal.reason):
                raise
            call.clock.sleep(call.pace.first)  # another run has deleted one of both meanwhile
            continue
        if found.outcome != "created":
            ownership.renew(call, str(found.description["EndpointArn"]), found.tags, tags)
        return config, found
    raise AssertionError("unreachable")


def _scale(call: Call, found: Served) -> None:
    """Let the variants scale as asked, and those no more that are not to."""
    items = call.items("autoscaling") if "autoscaling" in call.arguments else ()
    asked = [one for one in items if isinstance(one, Mapping)]
    scaling.register(call, asked)
    if found.outcome == "created":
        return
    meant = {str(one["target"]["ResourceId"]) for one in asked if isinstance(one["target"], Mapping)}
    variants = [variant["VariantName"] for variant in found.description.get("ProductionVariants", ())]
    name = str(found.description["EndpointName"])
    left = [target for target in scaling.targets(call, name, variants) if target["ResourceId"] not in meant]
    for name in scaling.remove(call, [target for target in left if scaling.ours(call, target)]):
        say(f"{name} does not scale any more")


def _told(variant: Mapping[str, Any], variants: Sequence[served.Variant], models: Mapping[str, str]) -> dict[str, Json]:
    """Give a variant as the record holds it."""
    name = str(variant["VariantName"])
    serverless = variant.get("ServerlessConfig")
    size: dict[str, Json] = (
        {"memory": serverless["MemorySizeInMB"], "count": None}
        if serverless
        else {"instance": variant["InstanceType"], "count": variant["InitialInstanceCount"]}
    )
    trial = next(one.trial for one in variants if one.name == name)
    return {
        "name": name,
        "trial": trial,
        "model": models[name],
        "weight": variant.get("InitialVariantWeight", 1.0),
        **size,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(HOST, work, argv)


if __name__ == "__main__":
    sys.exit(main())

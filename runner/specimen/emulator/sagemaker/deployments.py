"""A deployment: the workers that serve one endpoint configuration, one a production variant.

An endpoint has one that serves and, while it is created or updated, one that is pending: its containers start beside
the old ones, and take their place when all of them answer.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from specimen.emulator.context import Context
from specimen.emulator.jobs.job import REASON_LENGTH
from specimen.emulator.jobs.launch import LOST
from specimen.emulator.sagemaker import jobs, models
from specimen.emulator.store import Transaction

KIND = "Endpoint"
GROUP = "/aws/sagemaker/Endpoints"
READY = ""  # what a pending deployment has come to, if not a reason why it failed
MOST_RELAUNCHES = 5  # of a pending deployment's workers, which a server that ends takes along
_TIMED_OUT = "The deployment exceeded its MaximumExecutionTimeoutInSeconds of {limit} seconds."
Deployment = dict[str, Any]


def start(context: Context, name: str, config: Mapping[str, Any], policy: Mapping[str, Any]) -> Deployment:
    """Start the containers of an endpoint configuration, beside any that serve already."""
    made = [_variant(context, name, variant) for variant in config["ProductionVariants"]]
    deployment: Deployment = {
        "EndpointConfigName": config["EndpointConfigName"],
        "StartTime": context.now(),
        "Relaunches": 0,
        "Variants": made,
    }
    if "DataCaptureConfig" in config:
        deployment["DataCaptureConfig"] = config["DataCaptureConfig"]
    limits = [given.get("MaximumExecutionTimeoutInSeconds") for given in policy.values() if isinstance(given, dict)]
    if any(limits):
        deployment["Limit"] = next(filter(None, limits))
    for variant in made:
        _launch(context, name, variant)
    return deployment


def _variant(context: Context, name: str, variant: Mapping[str, Any]) -> dict[str, Any]:
    """Write down a variant with its model's image, and with the name of the worker that serves it."""
    model = models.served(models.stored(context, variant["ModelName"]))
    return {
        **variant,
        "Image": model["PrimaryContainer"]["Image"],
        "Weight": variant["InitialVariantWeight"],
        "Count": variant.get("InitialInstanceCount", 0),
        "Worker": f"{name}.{uuid.uuid4().hex[:12]}.{variant['VariantName']}",
    }


def _launch(context: Context, name: str, variant: Mapping[str, Any]) -> None:
    model = models.served(models.stored(context, variant["ModelName"]))
    stream = f"{variant['VariantName']}/i-{int(context.now() * 1000):017x}"
    log = jobs.log_file(context, f"{GROUP}/{name}", stream)
    arn = context.arn(f"endpoint/{name.lower()}")
    job = jobs.brief(context, KIND, variant["Worker"], arn, {"ProductionVariants": [variant]}, variant["Image"], log)
    jobs.launch(context, replace(job, model=model))


def variants(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the variants of an endpoint that serve, and those that are about to."""
    for deployment in (body.get("Serving"), body.get("Pending")):
        if deployment is not None:
            yield from deployment["Variants"]


def known(tx: Transaction, kind: str, name: str) -> bool:
    """Tell whether a job's folder belongs to a job, or to a worker of an endpoint, that the store knows."""
    if kind != KIND:
        return tx.get(kind, name) is not None
    return any(made["Worker"] == name for made in variants(tx.get(KIND, name.partition(".")[0]) or {}))


def come_to(context: Context, pending: Deployment) -> str | None:
    """Tell what a pending deployment has come to: `READY`, the reason why it failed, or None as long as it starts."""
    reason = broken(context, pending)
    if reason is not None:
        return reason
    folders = [context.launcher.folder(KIND, variant["Worker"]) for variant in pending["Variants"]]
    if all(folder.read("serving.json") is not None for folder in folders):
        return READY
    if context.now() > pending["StartTime"] + pending.get("Limit", float("inf")):
        return _TIMED_OUT.format(limit=pending["Limit"])
    return None


def broken(context: Context, deployment: Deployment) -> str | None:
    """Return the reason of a worker that gave up; None if there is none."""
    for variant in deployment["Variants"]:
        folder = context.launcher.folder(KIND, variant["Worker"])
        result = folder.read("result.json")
        if result is not None:
            return str(result["reason"])[:REASON_LENGTH]
        if folder.read("job.json") is None:
            return LOST
    return None


def lost(context: Context, deployment: Deployment) -> list[str]:
    """Name the workers that were lost: killed, or taken along by a server or a machine that ended."""
    names = [variant["Worker"] for variant in deployment["Variants"]]
    return [name for name in names if context.launcher.progress(KIND, name).lost]


def end(context: Context, deployment: Deployment) -> None:
    """End a deployment as soon as this request is kept, and nothing is on its way to its containers any more."""
    for variant in deployment["Variants"]:
        discard = partial(context.launcher.discard, KIND, variant["Worker"])
        context.tx.on_commit(partial(context.traffic.retire, variant["Worker"], discard))


def summaries(deployment: Deployment) -> list[dict[str, Any]]:
    """Describe the variants of a deployment in service."""
    return [_summary(variant, deployment) for variant in deployment["Variants"]]


def pending_summary(pending: Deployment) -> dict[str, Any]:
    """Describe a deployment under way."""
    return {
        "EndpointConfigName": pending["EndpointConfigName"],
        "StartTime": pending["StartTime"],
        "ProductionVariants": [
            _summary(variant, pending) | {"VariantStatus": [{"Status": "Creating", "StartTime": pending["StartTime"]}]}
            for variant in pending["Variants"]
        ],
    }


def _summary(variant: Mapping[str, Any], deployment: Deployment) -> dict[str, Any]:
    image = variant["Image"]
    deployed = {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": deployment["StartTime"]}
    described = {
        "VariantName": variant["VariantName"],
        "DeployedImages": [deployed],
        "CurrentWeight": variant["Weight"],
        "DesiredWeight": variant["Weight"],
    }
    if "ServerlessConfig" in variant:
        config = variant["ServerlessConfig"]
        return described | {"CurrentServerlessConfig": config, "DesiredServerlessConfig": config}
    return described | {"CurrentInstanceCount": variant["Count"], "DesiredInstanceCount": variant["Count"]}


def by_weight(variants: Sequence[Mapping[str, Any]], at: float) -> Mapping[str, Any] | None:
    """Return the variant that a number from 0 to 1 falls to, by their shares; None if no variant weighs anything."""
    left = at * sum(variant["Weight"] for variant in variants)
    weighing = [variant for variant in variants if variant["Weight"] > 0]
    for variant in weighing:
        left -= variant["Weight"]
        if left < 0:
            return variant
    return weighing[-1] if weighing else None

"""Endpoint configurations, and endpoints: a model that is served until it is deleted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.jobs.folder import Folder
from specimen.emulator.jobs.job import REASON_LENGTH
from specimen.emulator.jobs.launch import LOST
from specimen.emulator.sagemaker import answers, jobs, models
from specimen.emulator.sagemaker.listing import page

CONFIG = "EndpointConfig"
ENDPOINT = "Endpoint"
GROUP = "/aws/sagemaker/Endpoints"
_NOT_YET = ("AsyncInferenceConfig", "DataCaptureConfig", "ExplainerConfig", "ShadowProductionVariants")


def create_endpoint_config(context: Context, request: Request) -> Response:
    """Store an endpoint configuration whose models exist."""
    name = request["EndpointConfigName"]
    arn = _config_arn(context, name)
    if context.tx.get(CONFIG, name) is not None:
        raise answers.exists(CONFIG, name, arn)
    jobs.refuse(request, *_NOT_YET)
    if len(request["ProductionVariants"]) > 1:
        raise jobs.unsupported("endpoints of several production variants")
    for variant in request["ProductionVariants"]:
        if "ModelName" not in variant:
            raise jobs.unsupported("production variants without a model (inference components)")
        models.stored(context, variant["ModelName"])
    variants = [{"InitialVariantWeight": 1.0, **variant} for variant in request["ProductionVariants"]]
    body = {**request, "ProductionVariants": variants, "EndpointConfigArn": arn, "CreationTime": context.now()}
    context.tx.insert(CONFIG, name, body)
    return {"EndpointConfigArn": arn}


def describe_endpoint_config(context: Context, request: Request) -> Response:
    """Describe an endpoint configuration."""
    return jobs.without(_config(context, request["EndpointConfigName"]))


def delete_endpoint_config(context: Context, request: Request) -> Response:
    """Forget an endpoint configuration; its endpoints go on."""
    _config(context, request["EndpointConfigName"])
    context.tx.delete(CONFIG, request["EndpointConfigName"])
    return {}


def list_endpoint_configs(context: Context, request: Request) -> Response:
    """List endpoint configurations."""
    return page(request, context.tx.list(CONFIG), CONFIG, "EndpointConfigs")


def create_endpoint(context: Context, request: Request) -> Response:
    """Start to serve the model of an endpoint configuration."""
    name = request["EndpointName"]
    arn = _arn(context, name)
    if context.tx.get(ENDPOINT, name) is not None:
        raise answers.exists(ENDPOINT, name, arn)
    jobs.refuse(request, "DeploymentConfig")
    config = _config(context, request["EndpointConfigName"])
    variant = config["ProductionVariants"][0]
    model = models.served(models.stored(context, variant["ModelName"]))
    image = model["PrimaryContainer"]["Image"]
    times = {"CreationTime": context.now(), "LastModifiedTime": context.now()}
    kept = {"EndpointArn": arn, "EndpointStatus": "Creating", "Variant": variant, "Image": image}
    context.tx.insert(ENDPOINT, name, {**request, **kept, **times})
    log = jobs.log_file(context, f"{GROUP}/{name}", f"{variant['VariantName']}/i-{int(context.now() * 1000):017x}")
    job = jobs.brief(context, ENDPOINT, name, arn, {"ProductionVariants": [variant]}, image, log)
    jobs.launch(context, replace(job, model=model))
    return {"EndpointArn": arn}


def describe_endpoint(context: Context, request: Request) -> Response:
    """Describe an endpoint as it is now."""
    body = current(context, request["EndpointName"])
    described = jobs.without(body, "Variant", "Image")
    return described | ({"ProductionVariants": [_summary(body)]} if body["EndpointStatus"] == "InService" else {})


def delete_endpoint(context: Context, request: Request) -> Response:
    """End an endpoint and forget it."""
    name = request["EndpointName"]
    if not context.tx.delete(ENDPOINT, name):
        raise answers.absent(ENDPOINT, name, _arn(context, name))
    context.launcher.discard(ENDPOINT, name)
    return {}


def list_endpoints(context: Context, request: Request) -> Response:
    """List endpoints as they are now."""
    bodies = [refresh(context, body) for body in context.tx.list(ENDPOINT)]
    return page(request, bodies, ENDPOINT, "Endpoints", "LastModifiedTime")


def current(context: Context, name: str) -> dict[str, Any]:
    """Return an endpoint as it is now, or AWS's answer to a name that is not there."""
    body = context.tx.get(ENDPOINT, name)
    if body is None:
        raise answers.absent(ENDPOINT, name, _arn(context, name))
    return refresh(context, body)


def refresh(context: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Fold what an endpoint's worker has come to into its description; one in service that was lost comes back."""
    if body["EndpointStatus"] == "Failed":
        return body
    name = body["EndpointName"]
    progress = context.launcher.progress(ENDPOINT, name)
    folder = context.launcher.folder(ENDPOINT, name)
    change: dict[str, Any] = {}
    if progress.result is not None:
        change = {"EndpointStatus": "Failed", "FailureReason": progress.result["reason"][:REASON_LENGTH]}
    elif progress.lost and (folder.read("job.json") is None or _was_creating(body, folder)):
        change = {"EndpointStatus": "Failed", "FailureReason": LOST}
    elif progress.lost:
        context.launcher.relaunch(ENDPOINT, name)
    elif body["EndpointStatus"] == "Creating" and folder.read("serving.json") is not None:
        change = {"EndpointStatus": "InService"}
    if not change:
        return body
    changed = {**body, **change, "LastModifiedTime": context.now()}
    context.tx.put(ENDPOINT, name, changed)
    return changed


def _was_creating(body: Mapping[str, Any], folder: Folder) -> bool:
    """Tell whether an endpoint was still to answer its first ping: one that had, though nobody looked, comes back."""
    return body["EndpointStatus"] == "Creating" and folder.read("serving.json") is None


def _summary(body: Mapping[str, Any]) -> dict[str, Any]:
    variant, image = body["Variant"], body["Image"]
    count = variant.get("InitialInstanceCount", 1)
    deployed = {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": body["CreationTime"]}
    return {
        "VariantName": variant["VariantName"],
        "DeployedImages": [deployed],
        "CurrentWeight": variant["InitialVariantWeight"],
        "DesiredWeight": variant["InitialVariantWeight"],
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
    }


def _config(context: Context, name: str) -> dict[str, Any]:
    body = context.tx.get(CONFIG, name)
    if body is None:
        raise answers.absent(CONFIG, name, _config_arn(context, name))
    return body


def _config_arn(context: Context, name: str) -> str:
    return context.arn(f"endpoint-config/{name.lower()}")


def _arn(context: Context, name: str) -> str:
    return context.arn(f"endpoint/{name.lower()}")


OPERATIONS: Mapping[str, Operation] = {
    "CreateEndpoint": create_endpoint,
    "CreateEndpointConfig": create_endpoint_config,
    "DeleteEndpoint": delete_endpoint,
    "DeleteEndpointConfig": delete_endpoint_config,
    "DescribeEndpoint": describe_endpoint,
    "DescribeEndpointConfig": describe_endpoint_config,
    "ListEndpointConfigs": list_endpoint_configs,
    "ListEndpoints": list_endpoints,
}

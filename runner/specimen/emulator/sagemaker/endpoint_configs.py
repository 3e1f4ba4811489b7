"""Endpoint configurations: which models are served, on what, and how much of the traffic each of them gets."""

from collections.abc import Mapping
from typing import Any

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import validation
from specimen.emulator.sagemaker import answers, jobs, models, variants
from specimen.emulator.sagemaker.listing import page

KIND = "EndpointConfig"
_NOT_YET = ("AsyncInferenceConfig", "ExplainerConfig", "ShadowProductionVariants")


def create_endpoint_config(context: Context, request: Request) -> Response:
    """Store an endpoint configuration whose models exist."""
    name = request["EndpointConfigName"]
    arn = _arn(context, name)
    if context.tx.get(KIND, name) is not None:
        raise answers.exists(KIND, name, arn)
    jobs.refuse(request, *_NOT_YET)
    variants.check(request)
    _check_capture(request.get("DataCaptureConfig", {}))
    for variant in request["ProductionVariants"]:
        models.stored(context, variant["ModelName"])
    weighted = [{"InitialVariantWeight": 1.0, **variant} for variant in request["ProductionVariants"]]
    body = {**request, "ProductionVariants": weighted, "EndpointConfigArn": arn, "CreationTime": context.now()}
    context.tx.insert(KIND, name, body)
    return {"EndpointConfigArn": arn}


def _check_capture(config: Mapping[str, Any]) -> None:
    """Refuse a place for captured data that is none on S3."""
    if not config.get("DestinationS3Uri", "s3://").startswith("s3://"):
        raise validation(f"DestinationS3Uri {config['DestinationS3Uri']} is not an S3 URI.")


def describe_endpoint_config(context: Context, request: Request) -> Response:
    """Describe an endpoint configuration."""
    return jobs.without(stored(context, request["EndpointConfigName"]))


def delete_endpoint_config(context: Context, request: Request) -> Response:
    """Forget an endpoint configuration; its endpoints go on."""
    stored(context, request["EndpointConfigName"])
    context.tx.delete(KIND, request["EndpointConfigName"])
    return {}


def list_endpoint_configs(context: Context, request: Request) -> Response:
    """List endpoint configurations."""
    return page(request, context.tx.list(KIND), KIND, "EndpointConfigs")


def stored(context: Context, name: str) -> dict[str, Any]:
    """Return an endpoint configuration, or AWS's answer to a name that is not there."""
    body = context.tx.get(KIND, name)
    if body is None:
        raise answers.absent(KIND, name, _arn(context, name))
    return body


def _arn(context: Context, name: str) -> str:
    return context.arn(f"endpoint-config/{name.lower()}")


OPERATIONS: Mapping[str, Operation] = {
    "CreateEndpointConfig": create_endpoint_config,
    "DeleteEndpointConfig": delete_endpoint_config,
    "DescribeEndpointConfig": describe_endpoint_config,
    "ListEndpointConfigs": list_endpoint_configs,
}

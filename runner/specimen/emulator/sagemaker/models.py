"""Models: an image, the model's data, and the environment that they are served in."""

from collections.abc import Mapping
from typing import Any

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import validation
from specimen.emulator.jobs import channels
from specimen.emulator.sagemaker import answers, jobs
from specimen.emulator.sagemaker.listing import page

KIND = "Model"


def create_model(context: Context, request: Request) -> Response:
    """Store a model whose image and data exist."""
    name = request["ModelName"]
    arn = _arn(context, name)
    if context.tx.get(KIND, name) is not None:
        raise answers.exists(KIND, name, arn)
    _check(context, _container(request))
    body = {"EnableNetworkIsolation": False, **request, "ModelArn": arn, "CreationTime": context.now()}
    context.tx.insert(KIND, name, body)
    return {"ModelArn": arn}


def _arn(context: Context, name: str) -> str:
    return context.arn(f"model/{name.lower()}")


def _container(request: Request) -> Mapping[str, Any]:
    """Return a model's only container."""
    containers = [
        *request.get("Containers", []),
        *([request["PrimaryContainer"]] if "PrimaryContainer" in request else []),
    ]
    if not containers:
        raise validation("At least one container definition is required: PrimaryContainer or Containers.")
    if len(containers) > 1:
        raise jobs.unsupported("models of several containers")
    container: Mapping[str, Any] = containers[0]
    return container


def _check(context: Context, container: Mapping[str, Any]) -> None:
    jobs.refuse(container, "ModelPackageName", "ModelDataSource", "MultiModelConfig", "AdditionalModelDataSources")
    if container.get("Mode", "SingleModel") != "SingleModel":
        raise jobs.unsupported("Mode MultiModel")
    image = container.get("Image")
    if image is None:
        raise validation("Image is required in a container definition without a model package.")
    if context.launcher.images.find(image) is None:
        raise validation(f"Requested image {image} not found.")
    need_data(context, container)


def need_data(context: Context, container: Mapping[str, Any]) -> None:
    """Refuse a container whose model data are not in S3 (any more)."""
    uri = container.get("ModelDataUrl")
    if uri is None:
        return
    found = channels.matches(context.objects, uri)
    if not any(f"s3://{meta.bucket}/{meta.key}" == uri for meta, _ in found):
        raise validation(f"Could not find model data at {uri}.")


def stored(context: Context, name: str) -> dict[str, Any]:
    """Return a model, or AWS's answer to a name that is not there."""
    body = context.tx.get(KIND, name)
    if body is None:
        raise answers.absent(KIND, name, _arn(context, name))
    return body


def served(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model with its only container as PrimaryContainer, however it was given."""
    return {**body, "PrimaryContainer": dict(_container(body))}


def describe_model(context: Context, request: Request) -> Response:
    """Describe a model."""
    return jobs.without(stored(context, request["ModelName"]))


def delete_model(context: Context, request: Request) -> Response:
    """Forget a model; its data stay, and so does what serves it already."""
    stored(context, request["ModelName"])
    context.tx.delete(KIND, request["ModelName"])
    return {}


def list_models(context: Context, request: Request) -> Response:
    """List models."""
    return page(request, context.tx.list(KIND), "Model", "Models")


OPERATIONS: Mapping[str, Operation] = {
    "CreateModel": create_model,
    "DeleteModel": delete_model,
    "DescribeModel": describe_model,
    "ListModels": list_models,
}

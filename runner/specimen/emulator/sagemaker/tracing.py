"""What SageMaker notes in the lineage by itself of model packages and endpoints; `recording` does it of jobs.

Source: "Amazon SageMaker-Created Tracking Entities"; names end as AWS's do. What is noted stays when the package or the
endpoint is deleted: it is history.
"""

from collections.abc import Callable, Mapping
from typing import Any

from specimen.emulator.context import Context, Request, Response
from specimen.emulator.sagemaker import deployments, endpoint_configs, graph, models
from specimen.emulator.sagemaker.entities import ACTION, CONTEXT, GROUP, Entity, add, change, find, need


def follow(context: Context, operation: str, request: Request, response: Response) -> None:
    """Note what an operation made of packages and endpoints."""
    if operation in _FOLLOWED:
        _FOLLOWED[operation](context, request, response)


def _package(context: Context, request: Request, response: Response) -> None:
    """Note a package, what it is made of, that it was created, and the group that it belongs to."""
    arn = response["ModelPackageArn"]
    if graph.find_artifact(context, arn) is not None:  # the request was sent again, and its token is known
        return
    artifact = graph.ensure_artifact(context, arn, "Model")
    for container in request.get("InferenceSpecification", {}).get("Containers", []):
        _contribute(context, container, artifact)
    _approve(context, arn, request.get("ModelApprovalStatus", "PendingManualApproval"))
    if "ModelPackageGroupName" in request:
        group = need(context, GROUP, request["ModelPackageGroupName"])
        name = f"{group['ModelPackageGroupName']}-aws-model-group"
        place = _ensure(context, CONTEXT, name, group["ModelPackageGroupArn"], {"ContextType": "ModelGroup"})
        graph.ensure_edge(context, artifact, place, "AssociatedWith")


def _approval(context: Context, request: Request, response: Response) -> None:
    if "ModelApprovalStatus" in request:
        _approve(context, response["ModelPackageArn"], request["ModelApprovalStatus"])


def _approve(context: Context, arn: str, status: str) -> None:
    place = arn.rpartition("model-package/")[2].replace("/", "-")
    name = f"{place}-{status}-{int(context.now())}-aws-model-package"
    action = _ensure(context, ACTION, name, arn, {"ActionType": "Approval", "Status": "Completed"})
    graph.ensure_edge(context, action, graph.ensure_artifact(context, arn, "Model"), "ContributedTo")


def _deployment(context: Context, request: Request, response: Response) -> None:
    """Note an endpoint, that it was deployed to, and each model and image that it was deployed with."""
    name, arn = request["EndpointName"], response["EndpointArn"]
    endpoint = _ensure(context, CONTEXT, f"{name}-aws-endpoint", arn, {"ContextType": "Endpoint"})
    pending = (context.tx.get(deployments.KIND, name) or {})["Pending"]
    told = {"ActionType": "ModelDeployment", "Status": "InProgress"}
    action = _ensure(context, ACTION, _deployment_name(name, pending), arn, told)
    config = context.tx.get(endpoint_configs.KIND, request["EndpointConfigName"]) or {}
    for variant in config.get("ProductionVariants", ()):
        model = models.served(models.stored(context, variant["ModelName"]))
        _contribute(context, model["PrimaryContainer"], action)
    graph.ensure_edge(context, action, endpoint, "AssociatedWith")


def settle(context: Context, endpoint: str, deployment: Mapping[str, Any], status: str) -> None:
    """Note how a deployment to an endpoint ended: Completed or Failed."""
    action = find(context, ACTION, _deployment_name(endpoint, deployment))
    if action is not None:
        change(context, ACTION, action, {"Status": status})


def _deployment_name(endpoint: str, deployment: Mapping[str, Any]) -> str:
    return f"{endpoint}-{int(deployment['StartTime'] * 1000)}-aws-model-deployment"


def _contribute(context: Context, container: Mapping[str, Any], destination: str) -> None:
    """Connect a container's image and its model's data with what is made of them."""
    for member, kind in (("Image", "Image"), ("ModelDataUrl", "Model")):
        if member in container:
            artifact = graph.ensure_artifact(context, container[member], kind)
            graph.ensure_edge(context, artifact, destination, "ContributedTo")


def _ensure(context: Context, entity: Entity, name: str, source: str, told: Mapping[str, str]) -> str:
    """Return the ARN of a context or action, which is made if there is none of its name."""
    found = find(context, entity, name)
    if found is not None:
        arn: str = found[entity.arn_member]
        return arn
    of = {"Source": {"SourceUri": source, "SourceType": "ARN"}, "Properties": {}}
    return add(context, entity, name, {entity.name_member: name, **of, **told})


_FOLLOWED: Mapping[str, Callable[[Context, Request, Response], None]] = {
    "CreateEndpoint": _deployment,
    "CreateModelPackage": _package,
    "UpdateEndpoint": _deployment,
    "UpdateModelPackage": _approval,
}

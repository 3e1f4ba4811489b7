"""Application Auto Scaling, for the variants of endpoints: what is registered is checked, stored and described."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from specimen.emulator import scalable
from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import AwsError, validation
from specimen.emulator.sagemaker import deployments, jobs
from specimen.emulator.sagemaker.paging import page
from specimen.emulator.scalable import POLICY, TARGET, Body

INSTANCES = "sagemaker:variant:DesiredInstanceCount"
PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"
PAGE = 50
_RESOURCE = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
_ROLE = (
    "arn:aws:iam::{account}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
_METRICS: Mapping[str, tuple[str, ...]] = {
    INSTANCES: ("SageMakerVariantInvocationsPerInstance", "SageMakerVariantConcurrentRequestsPerModelHighResolution"),
    PROVISIONED: ("SageMakerVariantProvisionedConcurrencyUtilization",),
}
_CONFIGURATION = {
    "StepScaling": "StepScalingPolicyConfiguration",
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
}
_METRIC_KINDS = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")


def register_scalable_target(context: Context, request: Request) -> Response:
    """Register a variant with the least and the most that it may be scaled to, or change them."""
    _check_kind(request)
    _need_variant(context, request)
    given = {name: value for name, value in request.items() if name != "Tags" and value is not None}
    old = context.tx.get(TARGET, scalable.key(request))
    if old is None and not {"MinCapacity", "MaxCapacity"} <= given.keys():
        raise validation("MinCapacity and MaxCapacity are required to register a new scalable target.")
    body = {**(old or _new_target(context)), **given}
    if body["MinCapacity"] < 0 or body["MinCapacity"] > body["MaxCapacity"]:
        raise validation("MinCapacity must be at least 0, and not greater than MaxCapacity.")
    context.tx.put(TARGET, scalable.key(body), body)
    return {"ScalableTargetARN": body["ScalableTargetARN"]}


def _new_target(context: Context) -> Body:
    running = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
    return {
        "RoleARN": _ROLE.format(account=context.account),
        "CreationTime": context.now(),
        "SuspendedState": dict.fromkeys(running, False),
        "ScalableTargetARN": context.arn(f"scalable-target/{uuid.uuid4().hex}", service="application-autoscaling"),
    }


def describe_scalable_targets(context: Context, request: Request) -> Response:
    """Describe scalable targets."""
    wanted = request.get("ResourceIds")
    found = [
        body
        for body in context.tx.list(TARGET)
        if _asked(request, body) and (wanted is None or body["ResourceId"] in wanted)
    ]
    return page(request, found, "ScalableTargets", dict, PAGE)


def deregister_scalable_target(context: Context, request: Request) -> Response:
    """Forget a scalable target and its policies."""
    scalable.delete(context.tx, _target(context, request, "found"))
    return {}


def put_scaling_policy(context: Context, request: Request) -> Response:
    """Store a policy of a scalable target, or change it."""
    _target(context, request, "registered")
    old = context.tx.get(POLICY, scalable.policy_key(request)) or _new_policy(context, request)
    body = {**old, **request}
    body.setdefault("PolicyType", "StepScaling")
    _check_policy(body)
    context.tx.put(POLICY, scalable.policy_key(body), body)
    return {"PolicyARN": body["PolicyARN"], "Alarms": []}


def _new_policy(context: Context, request: Request) -> Body:
    resource = f"{uuid.uuid4()}:resource/sagemaker/{request['ResourceId']}:policyName/{request['PolicyName']}"
    return {
        "PolicyARN": context.arn(f"scalingPolicy:{resource}", service="autoscaling"),
        "CreationTime": context.now(),
        "Alarms": [],
    }


def describe_scaling_policies(context: Context, request: Request) -> Response:
    """Describe scaling policies."""
    names, resource = request.get("PolicyNames"), request.get("ResourceId")
    found = [
        body
        for body in context.tx.list(POLICY)
        if _asked(request, body)
        and (names is None or body["PolicyName"] in names)
        and (resource is None or body["ResourceId"] == resource)
    ]
    return page(request, found, "ScalingPolicies", dict, PAGE)


def delete_scaling_policy(context: Context, request: Request) -> Response:
    """Forget a scaling policy."""
    if not context.tx.delete(POLICY, scalable.policy_key(request)):
        raise _absent(f"No scaling policy found for {_named(request)}, policy name: {request['PolicyName']}")
    return {}


def _asked(request: Request, body: Body) -> bool:
    members = ("ServiceNamespace", "ScalableDimension")
    return all(request.get(member) in (None, body[member]) for member in members)


def _check_kind(request: Request) -> None:
    """Refuse what is no variant of an endpoint; this server has nothing else that scales."""
    if request["ServiceNamespace"] != "sagemaker":
        raise jobs.unsupported(f"scaling of service namespace {request['ServiceNamespace']}; sagemaker is")
    if request["ScalableDimension"] == "sagemaker:inference-component:DesiredCopyCount":
        raise jobs.unsupported("scaling of inference components")
    if request["ScalableDimension"] not in _METRICS or not _RESOURCE.fullmatch(request["ResourceId"]):
        raise validation("Unsupported service namespace, resource type or scalable dimension")


def _need_variant(context: Context, request: Request) -> None:
    match = _RESOURCE.fullmatch(request["ResourceId"])
    name, variant = match.groups() if match else ("", "")
    body = context.tx.get(deployments.KIND, name) or {}
    found = next((made for made in deployments.variants(body) if made["VariantName"] == variant), None)
    if found is None:
        raise validation(f"Could not find a production variant {variant} of endpoint {name}: {request['ResourceId']}")
    if ("ServerlessConfig" in found) != (request["ScalableDimension"] == PROVISIONED):
        kind = "is serverless" if "ServerlessConfig" in found else "is not serverless"
        raise validation(f"{request['ScalableDimension']} cannot be scaled: variant {variant} {kind}.")


def _check_policy(body: Body) -> None:
    configuration = _CONFIGURATION.get(body["PolicyType"])
    if configuration is None:
        raise validation(f"PolicyType {body['PolicyType']} is not supported for service namespace sagemaker.")
    if configuration not in body:
        raise validation(f"{configuration} is required for a policy of type {body['PolicyType']}.")
    if body["PolicyType"] == "TargetTrackingScaling":
        _check_metric(body["ScalableDimension"], body[configuration])


def _check_metric(dimension: str, tracking: Mapping[str, Any]) -> None:
    if sum(kind in tracking for kind in _METRIC_KINDS) != 1:
        raise validation(f"Exactly one of {' and '.join(_METRIC_KINDS)} must be specified.")
    metric = tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    if metric is not None and metric not in _METRICS[dimension]:
        raise validation(f"Predefined metric type {metric} is not supported for {dimension}.")


def _target(context: Context, request: Request, how: str) -> Body:
    body = context.tx.get(TARGET, scalable.key(request))
    if body is None or request["ServiceNamespace"] != body["ServiceNamespace"]:
        raise _absent(f"No scalable target {how} for {_named(request)}")
    return body


def _named(request: Request) -> str:
    return (
        f"service namespace: {request['ServiceNamespace']}, resource ID: {request['ResourceId']}, "
        f"scalable dimension: {request['ScalableDimension']}"
    )


def _absent(said: str) -> AwsError:
    return AwsError("ObjectNotFoundException", said)


OPERATIONS: Mapping[str, Operation] = {
    "DeleteScalingPolicy": delete_scaling_policy,
    "DeregisterScalableTarget": deregister_scalable_target,
    "DescribeScalableTargets": describe_scalable_targets,
    "DescribeScalingPolicies": describe_scaling_policies,
    "PutScalingPolicy": put_scaling_policy,
    "RegisterScalableTarget": register_scalable_target,
}

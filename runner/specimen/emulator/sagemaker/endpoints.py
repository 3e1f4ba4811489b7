"""Endpoints: models that are served until they are deleted, and other ones in their place without a pause between."""

from collections.abc import Mapping
from typing import Any

from specimen.emulator import scalable
from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import AwsError, validation
from specimen.emulator.jobs.launch import LOST
from specimen.emulator.sagemaker import answers, deployment_checks, deployments, endpoint_configs, jobs, tracing
from specimen.emulator.sagemaker.listing import page

ENDPOINT = deployments.KIND
_INSIDE = ("Serving", "Pending", "DeploymentConfig")
IN_PROGRESS = frozenset({"Creating", "Updating"})


def create_endpoint(context: Context, request: Request) -> Response:
    """Start to serve the models of an endpoint configuration."""
    name = request["EndpointName"]
    arn = _arn(context, name)
    if context.tx.get(ENDPOINT, name) is not None:
        raise answers.exists(ENDPOINT, name, arn)
    config = endpoint_configs.stored(context, request["EndpointConfigName"])
    policy = request.get("DeploymentConfig", {})
    check_policy(policy, config)
    pending = deployments.start(context, name, config, policy)
    times = {"CreationTime": context.now(), "LastModifiedTime": context.now()}
    kept = {"EndpointArn": arn, "EndpointStatus": "Creating", "Pending": pending, "Serving": None}
    last = {"LastDeploymentConfig": policy} if policy else {}
    context.tx.insert(ENDPOINT, name, {**request, **kept, **last, **times})
    return {"EndpointArn": arn}


def describe_endpoint(context: Context, request: Request) -> Response:
    """Describe an endpoint as it is now."""
    body = current(context, request["EndpointName"])
    described = jobs.without(body, *_INSIDE)
    serving, pending = body["Serving"], body["Pending"]
    if serving is not None:
        described["ProductionVariants"] = deployments.summaries(serving)
    if pending is not None:
        described["PendingDeploymentSummary"] = deployments.pending_summary(pending)
    if capture := (serving or pending or {}).get("DataCaptureConfig"):
        described["DataCaptureConfig"] = _capture_summary(capture)
    return described


def _capture_summary(capture: Mapping[str, Any]) -> dict[str, Any]:
    enabled = capture.get("EnableCapture", True)
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
        "DestinationS3Uri": capture["DestinationS3Uri"],
        "KmsKeyId": capture.get("KmsKeyId", ""),
    }


def delete_endpoint(context: Context, request: Request) -> Response:
    """End an endpoint and forget it."""
    name = request["EndpointName"]
    body = current(context, name)
    if body["EndpointStatus"] in IN_PROGRESS:
        raise in_progress(body)
    context.tx.delete(ENDPOINT, name)
    scalable.forget_endpoint(context.tx, name)
    if body["Serving"] is not None:
        deployments.end(context, body["Serving"])
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
    """Fold what an endpoint's workers have come to into its description; those that were lost come back."""
    serving, pending = body["Serving"], body["Pending"]
    if serving is not None:
        if pending is None and (reason := deployments.broken(context, serving)) is not None:
            return _failed(context, body, reason)
        for worker in deployments.lost(context, serving):
            context.launcher.revive(ENDPOINT, worker)
    if pending is None:
        return body
    outcome = deployments.come_to(context, pending)
    if outcome is None:
        return _kept_up(context, body)
    return _switched(context, body) if outcome == deployments.READY else _given_up(context, body, outcome)


def _kept_up(context: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Start again what was lost of a deployment under way, which a worker that always ends at once must not stay."""
    pending = body["Pending"]
    lost = deployments.lost(context, pending)
    if not lost:
        return body
    if pending["Relaunches"] >= deployments.MOST_RELAUNCHES:
        return _given_up(context, body, LOST)
    changed = put(context, {**body, "Pending": {**pending, "Relaunches": pending["Relaunches"] + 1}})
    for worker in lost:
        context.launcher.revive(ENDPOINT, worker)
    return changed


def _failed(context: Context, body: dict[str, Any], reason: str) -> dict[str, Any]:
    """Fail an endpoint whose container could not be replaced when it had to be: its model is gone, for one."""
    changed = put(context, {**body, "EndpointStatus": "Failed", "FailureReason": reason, "Serving": None})
    deployments.end(context, body["Serving"])
    return changed


def _switched(context: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Let the pending deployment serve; the one that did ends."""
    pending = body["Pending"]
    settled = {"EndpointStatus": "InService", "EndpointConfigName": pending["EndpointConfigName"]}
    changed = put(context, {**body, **settled, "Serving": pending, "Pending": None})
    tracing.settle(context, body["EndpointName"], pending, "Completed")
    kept = frozenset(variant["VariantName"] for variant in pending["Variants"])
    scalable.forget_endpoint(context.tx, body["EndpointName"], kept)
    if body["Serving"] is not None:
        deployments.end(context, body["Serving"])
    return changed


def _given_up(context: Context, body: dict[str, Any], reason: str) -> dict[str, Any]:
    """End the pending deployment; the one that serves goes on, and the reason is all that tells."""
    status = "Failed" if body["Serving"] is None else "InService"
    changed = put(context, {**body, "EndpointStatus": status, "FailureReason": reason, "Pending": None})
    tracing.settle(context, body["EndpointName"], body["Pending"], "Failed")
    deployments.end(context, body["Pending"])
    return changed


def in_progress(body: Mapping[str, Any]) -> AwsError:
    """Form AWS's answer to any change of an endpoint that is being created or updated."""
    return validation(f'Cannot update in-progress endpoint "{body["EndpointArn"]}".')


def check_policy(policy: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Check a deployment configuration against each fleet that it would move.

    Source: "Exclusions" of deployment guardrails.
    """
    variants = config["ProductionVariants"]
    rolling = "RollingUpdatePolicy" in policy
    if rolling and any("ServerlessConfig" in variant for variant in variants):
        raise validation("RollingUpdatePolicy is not supported for serverless endpoints.")
    if rolling and len(variants) > 1:
        raise validation("RollingUpdatePolicy is not supported for endpoints with multiple production variants.")
    for variant in variants:
        deployment_checks.check(policy, variant.get("InitialInstanceCount", 1))


def put(context: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Store an endpoint that changes now."""
    changed = {**body, "LastModifiedTime": context.now()}
    context.tx.put(ENDPOINT, body["EndpointName"], changed)
    return changed


def _arn(context: Context, name: str) -> str:
    return context.arn(f"endpoint/{name.lower()}")


OPERATIONS: Mapping[str, Operation] = {
    "CreateEndpoint": create_endpoint,
    "DeleteEndpoint": delete_endpoint,
    "DescribeEndpoint": describe_endpoint,
    "ListEndpoints": list_endpoints,
}

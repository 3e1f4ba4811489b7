"""Changes of an endpoint that is in service: another configuration, other weights, other counts of instances."""

from collections.abc import Mapping, Sequence
from typing import Any

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import validation
from specimen.emulator.sagemaker import deployments, endpoint_configs
from specimen.emulator.sagemaker.deployment_checks import check_names
from specimen.emulator.sagemaker.endpoints import IN_PROGRESS, check_policy, current, in_progress, put
from specimen.emulator.sagemaker.variants import check_serverless

_RETAINED = {
    "DesiredInstanceCount": ("Count", "InitialInstanceCount"),
    "DesiredWeight": ("Weight", "InitialVariantWeight"),
}


def update_endpoint(context: Context, request: Request) -> Response:
    """Start to serve the models of another endpoint configuration in the place of those that are served."""
    body = _settled(context, request["EndpointName"])
    config = endpoint_configs.stored(context, request["EndpointConfigName"])
    policy = request.get("DeploymentConfig", {})
    if request.get("RetainDeploymentConfig") and not policy:
        policy = body.get("LastDeploymentConfig", {})
    check_policy(policy, config)
    if policy:
        check_names(_names(body["Serving"]["Variants"]), _names(config["ProductionVariants"]))
    if request.get("RetainAllVariantProperties"):
        config = _retained(body["Serving"], config, request.get("ExcludeRetainedVariantProperties", ()))
    pending = deployments.start(context, request["EndpointName"], config, policy)
    kept = {name: value for name, value in body.items() if name not in ("FailureReason", "LastDeploymentConfig")}
    last = {"LastDeploymentConfig": policy} if policy else {}
    put(context, {**kept, **last, "EndpointStatus": "Updating", "Pending": pending})
    return {"EndpointArn": body["EndpointArn"]}


def update_weights_and_capacities(context: Context, request: Request) -> Response:
    """Give the variants of an endpoint other weights, and other counts of instances, which are recorded."""
    body = _settled(context, request["EndpointName"])
    variants = {variant["VariantName"]: variant for variant in body["Serving"]["Variants"]}
    for desired in request["DesiredWeightsAndCapacities"]:
        variant = variants.get(desired["VariantName"])
        if variant is None:
            raise validation(
                f'The variant "{desired["VariantName"]}" does not exist for endpoint "{body["EndpointArn"]}".'
            )
        variants[desired["VariantName"]] = _changed(variant, desired)
    put(context, {**body, "Serving": {**body["Serving"], "Variants": list(variants.values())}})
    return {"EndpointArn": body["EndpointArn"]}


def _changed(variant: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, Any]:
    changed = {**variant, "Weight": desired.get("DesiredWeight", variant["Weight"])}
    if "ServerlessConfig" in variant:
        if "DesiredInstanceCount" in desired:
            raise validation(f"DesiredInstanceCount cannot be set for the serverless variant {variant['VariantName']}.")
        changed["ServerlessConfig"] = {**variant["ServerlessConfig"], **desired.get("ServerlessUpdateConfig", {})}
        check_serverless(changed["ServerlessConfig"])
        return changed
    if "ServerlessUpdateConfig" in desired:
        raise validation(f"ServerlessUpdateConfig cannot be set: variant {variant['VariantName']} is not serverless.")
    count = desired.get("DesiredInstanceCount", variant["Count"])
    if count < 1:
        raise validation(f"DesiredInstanceCount of variant {variant['VariantName']} must be at least 1.")
    return {**changed, "Count": count}


def _names(variants: Sequence[Mapping[str, Any]]) -> list[str]:
    return [variant["VariantName"] for variant in variants]


def _settled(context: Context, name: str) -> dict[str, Any]:
    """Return an endpoint that can be changed, else raise AWS's answer."""
    body = current(context, name)
    if body["EndpointStatus"] in IN_PROGRESS:
        raise in_progress(body)
    if body["Serving"] is None:
        raise validation(f'Cannot update failed endpoint "{body["EndpointArn"]}".')
    return body


def _retained(
    serving: Mapping[str, Any], config: Mapping[str, Any], excluded: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    """Return a configuration whose variants have the counts and weights that those of their names have now."""
    left_out = {entry["VariantPropertyType"] for entry in excluded}
    kept = [names for kind, names in _RETAINED.items() if kind not in left_out]
    now = {variant["VariantName"]: variant for variant in serving["Variants"]}
    made = []
    for variant in config["ProductionVariants"]:
        old = now.get(variant["VariantName"], {})
        made.append({**variant, **{initial: old[own] for own, initial in kept if own in old and initial in variant}})
    return {**config, "ProductionVariants": made}


OPERATIONS: Mapping[str, Operation] = {
    "UpdateEndpoint": update_endpoint,
    "UpdateEndpointWeightsAndCapacities": update_weights_and_capacities,
}

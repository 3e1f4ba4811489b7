"""The requests for an endpoint: what it serves on what, how it is updated, and how it scales."""

from collections.abc import Iterator
from dataclasses import dataclass

from specimen.planning.leaves import NAME, ref
from specimen.planning.protection import volume_key
from specimen.planning.sender import CSV, Request, Sender
from specimen.spec.model import Autoscaling, Capture, Deployment, Hosting, Json, Serverless, Variant

ROUTES = {"all": "ALL_AT_ONCE", "canary": "CANARY", "linear": "LINEAR"}  # SageMaker's words for the language's
STEPS = {"canary": "CanarySize", "linear": "LinearStepSize"}
READABLE = {"CsvContentTypes": [CSV], "JsonContentTypes": ["application/json", "application/jsonlines"]}
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
POLICY = "specimen-"  # how the names of our policies begin, by which `host` knows them again
LONGEST_POLICY = 256


@dataclass(frozen=True)
class EndpointRequests(Sender):
    """Makes the requests of hosting."""

    def endpoint_config(self, hosting: Hosting) -> Request:
        """CreateEndpointConfig; the models are known at run time."""
        return {
            "EndpointConfigName": ref(NAME),
            "ProductionVariants": [_variant(variant, hosting.serverless) for variant in hosting.variants],
            **({"DataCaptureConfig": self._capture(hosting.capture)} if hosting.capture else {}),
            **self._disks(hosting),
            "Tags": self.tags(),
        }

    def endpoint(self, hosting: Hosting) -> Request:
        """CreateEndpoint and UpdateEndpoint, but for the configuration; AWS tags what is created alone."""
        deployment = {"DeploymentConfig": _deployment(hosting.deployment)} if hosting.deployment else {}
        return {"EndpointName": hosting.name, **deployment, "Tags": self.tags()}

    def autoscaling(self, hosting: Hosting, asked: Autoscaling) -> list[Json]:
        """RegisterScalableTarget and PutScalingPolicy of each variant."""
        return [{"target": target, "policy": policy} for target, policy in _scaling(hosting, asked)]

    def _capture(self, capture: Capture) -> Request:
        modes = [mode for mode, asked in (("Input", capture.requests), ("Output", capture.answers)) if asked]
        return {
            "EnableCapture": True,
            "InitialSamplingPercentage": capture.percentage,
            "DestinationS3Uri": self.locations.under("capture"),
            "CaptureOptions": [{"CaptureMode": mode} for mode in modes],
            "CaptureContentTypeHeader": READABLE,
            **({"KmsKeyId": self.target.kms_key} if self.target.kms_key else {}),
        }

    def _disks(self, hosting: Hosting) -> Request:
        """The key of the instances' disks, where there are any, and AWS takes a key for each of them."""
        machines = [variant.resources for variant in hosting.variants]
        keys = [volume_key(self.target, one.instance, "KmsKeyId") if one else {} for one in machines]
        return keys[0] if all(keys) else {}


def _variant(variant: Variant, serverless: Serverless | None) -> Request:
    served: Request = {
        "VariantName": variant.name,
        "ModelName": ref(f"model:{variant.name}"),
        "InitialVariantWeight": variant.weight,
    }
    if variant.resources:
        resources = variant.resources
        return {**served, "InstanceType": resources.instance, "InitialInstanceCount": resources.count}
    if serverless is None:
        raise ValueError(f"variant {variant.name} has neither instances nor is it serverless")
    provisioned = {} if serverless.provisioned is None else {"ProvisionedConcurrency": serverless.provisioned}
    size: Request = {"MemorySizeInMB": serverless.memory, "MaxConcurrency": serverless.concurrency, **provisioned}
    return {**served, "ServerlessConfig": size}


def _deployment(deployment: Deployment) -> Request:
    whole = _given("MaximumExecutionTimeoutInSeconds", deployment.max_runtime)
    alarms: list[Json] = [{"AlarmName": alarm} for alarm in deployment.alarms]
    guarded: Request = {"AutoRollbackConfiguration": {"Alarms": alarms}} if alarms else {}
    size: Request = {"Type": "CAPACITY_PERCENT", "Value": deployment.size}
    wait: Request = {"WaitIntervalInSeconds": deployment.wait or 0}
    if deployment.type == "rolling":
        return {"RollingUpdatePolicy": {"MaximumBatchSize": size, **wait, **whole}, **guarded}
    step: Request = {STEPS[deployment.type]: size} if deployment.type in STEPS else {}
    policy: Request = {
        "TrafficRoutingConfiguration": {"Type": ROUTES[deployment.type], **wait, **step},
        **_given("TerminationWaitInSeconds", deployment.terminate_after),
        **whole,
    }
    return {"BlueGreenUpdatePolicy": policy, **guarded}


def _scaling(hosting: Hosting, asked: Autoscaling) -> Iterator[tuple[Request, Request]]:
    for variant in hosting.variants:
        scaled: Request = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": f"endpoint/{hosting.name}/variant/{variant.name}",
            "ScalableDimension": DIMENSION,
        }
        tracking: Request = {
            "TargetValue": asked.invocations,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
            **_given("ScaleInCooldown", asked.scale_in),
            **_given("ScaleOutCooldown", asked.scale_out),
        }
        policy: Request = {
            "PolicyName": f"{POLICY}{hosting.name}-{variant.name}"[:LONGEST_POLICY],
            **scaled,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": tracking,
        }
        yield {**scaled, "MinCapacity": asked.least, "MaxCapacity": asked.most}, policy


def _given(member: str, value: int | None) -> Request:
    return {} if value is None else {member: value}

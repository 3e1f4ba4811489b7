"""Scalable targets and their policies are kept and described, and go with the endpoint."""

from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.errors import AwsError

if TYPE_CHECKING:
    from .conftest import Cloud

WHAT = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/endpoint/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
METRIC = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
TRACKING = {"TargetValue": 1000.0, "PredefinedMetricSpecification": METRIC, "ScaleInCooldown": 300}
POLICY = {"PolicyName": "p", "PolicyType": "TargetTrackingScaling"}
CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"


@pytest.fixture
def served(cloud: "Cloud") -> "Cloud":
    """An endpoint in service, of a variant on instances and one more; and a serverless one."""
    cloud.model("model", cloud.server_image("echo", "self.answer(200, body)"))
    on = {"ModelName": "model", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    less = {"MemorySizeInMB": 1024, "MaxConcurrency": 5}
    configs: dict[str, list[dict[str, Any]]] = {
        "endpoint": [{"VariantName": "v", **on}, {"VariantName": "w", **on}],
        "single": [{"VariantName": "v", **on}],
        "serverless": [{"VariantName": "v", "ModelName": "model", "ServerlessConfig": less}],
    }
    for name, variants in configs.items():
        cloud.call("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=variants)
    for name in ("endpoint", "serverless"):
        cloud.call("CreateEndpoint", EndpointName=name, EndpointConfigName=name)
        assert cloud.ended("Endpoint", name)["EndpointStatus"] == "InService"
    return cloud


def targets(cloud: "Cloud", **more: Any) -> list[dict[str, Any]]:
    """Describe scalable targets."""
    found: list[dict[str, Any]] = cloud.call("DescribeScalableTargets", ServiceNamespace="sagemaker", **more)[
        "ScalableTargets"
    ]
    return found


def policies(cloud: "Cloud", **more: Any) -> list[dict[str, Any]]:
    """Describe scaling policies."""
    found: list[dict[str, Any]] = cloud.call("DescribeScalingPolicies", ServiceNamespace="sagemaker", **more)[
        "ScalingPolicies"
    ]
    return found


def test_a_target_is_registered_changed_described_and_deregistered(served: "Cloud") -> None:
    arn = served.call("RegisterScalableTarget", **WHAT, MinCapacity=1, MaxCapacity=4)["ScalableTargetARN"]
    assert arn.startswith("arn:aws:application-autoscaling:us-east-1:111122223333:scalable-target/")
    assert served.call("RegisterScalableTarget", **WHAT, MaxCapacity=6) == {"ScalableTargetARN": arn}
    (target,) = targets(served, ResourceIds=[WHAT["ResourceId"]])
    assert (target["MinCapacity"], target["MaxCapacity"], target["ScalableTargetARN"]) == (1, 6, arn)
    assert target["RoleARN"].endswith("/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint")
    assert targets(served, ResourceIds=["endpoint/endpoint/variant/w"]) == []
    served.call("PutScalingPolicy", **WHAT, **POLICY, **{CONFIGURATION: TRACKING})
    served.call("DeregisterScalableTarget", **WHAT)
    assert (targets(served), policies(served)) == ([], [])
    with pytest.raises(AwsError, match="No scalable target found for service namespace: sagemaker, resource ID: endp"):
        served.call("DeregisterScalableTarget", **WHAT)


def test_a_policy_is_put_changed_described_and_deleted(served: "Cloud") -> None:
    with pytest.raises(AwsError, match="No scalable target registered for service namespace") as absent:
        served.call("PutScalingPolicy", **WHAT, **POLICY, **{CONFIGURATION: TRACKING})
    assert absent.value.code == "ObjectNotFoundException"
    served.call("RegisterScalableTarget", **WHAT, MinCapacity=1, MaxCapacity=4)
    first = served.call("PutScalingPolicy", **WHAT, **POLICY, **{CONFIGURATION: TRACKING})
    again = served.call("PutScalingPolicy", **WHAT, **POLICY, **{CONFIGURATION: {**TRACKING, "TargetValue": 5.0}})
    assert first["PolicyARN"] == again["PolicyARN"]
    assert first["PolicyARN"].endswith(":resource/sagemaker/endpoint/endpoint/variant/v:policyName/p")
    (policy,) = policies(served, PolicyNames=["p"], ResourceId=WHAT["ResourceId"])
    assert policy[CONFIGURATION]["TargetValue"] == 5.0
    assert policies(served, PolicyNames=["other"]) == []
    which = {**WHAT, "PolicyName": "p"}
    served.call("DeleteScalingPolicy", **which)
    with pytest.raises(AwsError, match=r"No scaling policy found for .*, policy name: p"):
        served.call("DeleteScalingPolicy", **which)


def test_targets_go_with_their_variants(served: "Cloud") -> None:
    for variant in ("v", "w"):
        what = {**WHAT, "ResourceId": f"endpoint/endpoint/variant/{variant}"}
        served.call("RegisterScalableTarget", **what, MinCapacity=1, MaxCapacity=4)
        served.call("PutScalingPolicy", **what, **POLICY, **{CONFIGURATION: TRACKING})
    served.call("UpdateEndpoint", EndpointName="endpoint", EndpointConfigName="single")
    assert served.ended("Endpoint", "endpoint")["EndpointConfigName"] == "single"
    assert [target["ResourceId"] for target in targets(served)] == ["endpoint/endpoint/variant/v"]
    served.call("DeleteEndpoint", EndpointName="endpoint")
    assert (targets(served), policies(served)) == ([], [])


def test_provisioned_concurrency_is_a_dimension_of_its_own(served: "Cloud") -> None:
    what = {
        **WHAT,
        "ResourceId": "endpoint/serverless/variant/v",
        "ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency",
    }
    served.call("RegisterScalableTarget", **what, MinCapacity=1, MaxCapacity=4)
    metric = {"PredefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"}
    served.call(
        "PutScalingPolicy", **what, **POLICY, **{CONFIGURATION: {**TRACKING, "PredefinedMetricSpecification": metric}}
    )
    assert targets(served, ScalableDimension=WHAT["ScalableDimension"]) == []
    assert len(targets(served, ScalableDimension=what["ScalableDimension"])) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"MinCapacity": None}, "MinCapacity and MaxCapacity are required"),
        ({"MinCapacity": 5, "MaxCapacity": 4}, "not greater than MaxCapacity"),
        ({"ResourceId": "endpoint/endpoint"}, "Unsupported service namespace, resource type or scalable dimension"),
        ({"ResourceId": "endpoint/other/variant/v"}, "Could not find a production variant v of endpoint other"),
        ({"ResourceId": "endpoint/endpoint/variant/x"}, "Could not find a production variant x of endpoint endpoint"),
        ({"ResourceId": "endpoint/serverless/variant/v"}, "variant v is serverless"),
        ({"ServiceNamespace": "ecs"}, "does not implement scaling of service namespace ecs"),
    ],
)
def test_what_cannot_be_scaled_is_refused(served: "Cloud", given: dict[str, Any], said: str) -> None:
    with pytest.raises(AwsError, match=said):
        served.call("RegisterScalableTarget", **{**WHAT, "MinCapacity": 1, "MaxCapacity": 4, **given})
    assert targets(served) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, f"{CONFIGURATION} is required"),
        ({CONFIGURATION: {"TargetValue": 1.0}}, "Exactly one of PredefinedMetric"),
        (
            {
                CONFIGURATION: {
                    "TargetValue": 1.0,
                    "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
                }
            },
            "metric type ECSServiceAverageCPUUtilization is not supported",
        ),
        ({"PolicyType": "PredictiveScaling"}, "PolicyType PredictiveScaling is not supported"),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused(served: "Cloud", given: dict[str, Any], said: str) -> None:
    served.call("RegisterScalableTarget", **WHAT, MinCapacity=1, MaxCapacity=4)
    with pytest.raises(AwsError, match=said):
        served.call("PutScalingPolicy", **{**WHAT, **POLICY, **given})
    assert policies(served) == []

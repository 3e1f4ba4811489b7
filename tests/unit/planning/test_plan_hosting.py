"""The endpoint of an experiment in its plan."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import botocore.session
import pytest
from botocore.validate import validate_parameters
from specimen.planning.plan import plan
from specimen.planning.steps import Ref, Step
from specimen.spec.model import (
    Autoscaling,
    Capture,
    Deployment,
    Evaluate,
    Experiment,
    Hosting,
    Resources,
    Select,
    Serverless,
    Target,
    Trial,
    Variant,
    Verify,
)

SOURCES = {"data/loans.csv": "abc123"}
LARGE = Resources("ml.m5.large", 1, volume=None, max_runtime=None, max_wait=None)
PLAIN = Hosting("loans", (Variant("default", "default", 1, LARGE),), None, None, None, None, None, keep=True)
MODELS: Mapping[str, Any] = {
    service: botocore.session.get_session().get_service_model(service)
    for service in ("sagemaker", "application-autoscaling")
}


def hosted(experiment: Experiment, target: Target, hosting: Hosting, **changes: Any) -> dict[str, Step]:
    steps = plan(replace(experiment, hosting=hosting, **changes), target, SOURCES)
    seen: set[str] = set()
    for step in steps:
        assert step.needs <= seen, step.id
        seen.add(step.id)
    return {step.id: step for step in steps}


def request(step: Step, name: str = "request") -> Any:
    return step.arguments[name]


def accepted(operation: str, body: Any, service: str = "sagemaker") -> None:
    """AWS's own model takes the request, once the component has filled in its leaves."""

    def filled(value: Any) -> Any:
        match value:
            case {"$ref": _, **rest} if not rest:
                return "filled-in"
            case dict():
                return {key: filled(member) for key, member in value.items()}
            case list():
                return [filled(item) for item in value]
        return value

    validate_parameters(filled(body), MODELS[service].operation_model(operation).input_shape)


def test_the_only_trials_model_is_served_once_its_gates_hold(experiment: Experiment, target: Target) -> None:
    steps = hosted(experiment, target, PLAIN)
    host = steps["host"]
    assert host.gates == ("gate",)
    assert host.after == {"prepare", "model"}
    assert host.arguments["variants"] == [
        {
            "name": "default",
            "trial": "default",
            "candidates": {
                "default": {
                    "model": "model",
                    "prepare": "prepare",
                    "content_type": "text/csv",
                    "problem": {"type": "binary", "threshold": 0.5, "classes": 2},
                }
            },
        }
    ]
    assert request(host)["ProductionVariants"] == [
        {
            "VariantName": "default",
            "ModelName": {"$ref": "model:default"},
            "InitialVariantWeight": 1,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
    ]
    assert "selected" not in host.arguments and "verify" not in steps
    accepted("CreateEndpointConfig", request(host))
    accepted("CreateEndpoint", {**request(host, "endpoint_request"), "EndpointConfigName": "c"})


def test_finish_is_told_what_becomes_of_the_endpoint(experiment: Experiment, target: Target) -> None:
    told: Any = hosted(experiment, target, replace(PLAIN, keep=False))["finish"].arguments["experiment"]
    assert told["hosting"] == {"name": "loans", "keep": False}


def test_verify_asks_the_endpoint_that_host_gives(experiment: Experiment, target: Target) -> None:
    steps = hosted(experiment, target, replace(PLAIN, verify=Verify(100, 4)))
    verify = steps["verify"]
    assert verify.gates == steps["host"].gates
    assert verify.arguments["endpoint"] == Ref("host", "endpoint")
    assert verify.arguments["variants"] == steps["host"].arguments["variants"]
    assert verify.arguments["payload"] == 6 * 1024 * 1024
    assert verify.arguments["destination"] == "s3://risk-ml/experiments/loans/verification"


def test_the_selected_trial_is_served_whatever_has_become_of_the_others(
    experiment: Experiment, target: Target, trial: Trial
) -> None:
    trials = (replace(trial, name="one"), replace(trial, name="two", gates=()))
    chosen = replace(PLAIN, variants=(Variant("selected", None, 1, LARGE),), verify=Verify(100, 4))
    steps = hosted(experiment, target, chosen, trials=trials, select=Select("test:auc", "maximize"))
    host = steps["host"]
    assert (host.gates, host.after) == (("select",), frozenset())
    assert host.arguments["selected"] == steps["verify"].arguments["selected"] == Ref("select", "trial")
    variants: Any = host.arguments["variants"]
    assert list(variants[0]["candidates"]) == ["one", "two"]
    assert "trial" not in variants[0]
    candidates: Any = steps["select"].arguments["candidates"]
    assert [one["model"] for one in candidates] == ["model", "model"]
    assert "model" in steps["select"].needs


def test_several_trials_are_served_once_the_gates_of_all_of_them_hold(
    experiment: Experiment, target: Target, trial: Trial
) -> None:
    deeper = replace(trial.training, hyperparameters={**trial.training.hyperparameters, "max_depth": 7})
    trials = (replace(trial, name="one"), replace(trial, name="two", training=deeper), replace(trial, name="three"))
    both = tuple(Variant(name, name, weight, LARGE) for name, weight in (("one", 9), ("two", 1)))
    host = hosted(experiment, target, replace(PLAIN, variants=both), trials=trials)["host"]
    assert host.gates == ("gate", "gate-two")
    assert {"model", "model-two", "prepare"} <= host.after
    assert host.trials == {"one", "two"}
    assert [one["InitialVariantWeight"] for one in request(host)["ProductionVariants"]] == [9, 1]


def test_an_endpoint_without_instances(experiment: Experiment, target: Target) -> None:
    serverless = replace(
        PLAIN,
        variants=(Variant("default", "default", 1, None),),
        serverless=Serverless(2048, 5, provisioned=1),
        verify=Verify(10, 1),
    )
    steps = hosted(experiment, replace(target, kms_key="key"), serverless)
    (variant,) = request(steps["host"])["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5, "ProvisionedConcurrency": 1}
    assert "InstanceType" not in variant and "KmsKeyId" not in request(steps["host"])
    assert steps["verify"].arguments["payload"] == 4 * 1024 * 1024
    accepted("CreateEndpointConfig", request(steps["host"]))


def test_what_is_asked_and_answered_is_captured_under_the_targets_key(experiment: Experiment, target: Target) -> None:
    captured = replace(PLAIN, capture=Capture(20, requests=True, answers=False))
    config = request(hosted(experiment, replace(target, kms_key="key"), captured)["host"])
    capture = config["DataCaptureConfig"]
    assert capture["DestinationS3Uri"] == "s3://risk-ml/experiments/loans/capture"
    assert (capture["InitialSamplingPercentage"], capture["CaptureOptions"]) == (20, [{"CaptureMode": "Input"}])
    assert capture["KmsKeyId"] == config["KmsKeyId"] == "key"
    accepted("CreateEndpointConfig", config)


def test_disks_that_encrypt_themselves_have_no_key(experiment: Experiment, target: Target) -> None:
    fast = replace(PLAIN, variants=(Variant("default", "default", 1, replace(LARGE, instance="ml.m5d.large")),))
    assert "KmsKeyId" not in request(hosted(experiment, replace(target, kms_key="key"), fast)["host"])


ALARMS = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}}


@pytest.mark.parametrize(
    ("deployment", "config"),
    [
        (
            Deployment("all", None, None, 600, 3600, ()),
            {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0},
                    "TerminationWaitInSeconds": 600,
                    "MaximumExecutionTimeoutInSeconds": 3600,
                }
            },
        ),
        (
            Deployment("canary", 10, 300, None, None, ("errors",)),
            {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {
                        "Type": "CANARY",
                        "WaitIntervalInSeconds": 300,
                        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
                    }
                },
                **ALARMS,
            },
        ),
        (
            Deployment("linear", 25, 60, None, None, ()),
            {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {
                        "Type": "LINEAR",
                        "WaitIntervalInSeconds": 60,
                        "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 25},
                    }
                }
            },
        ),
        (
            Deployment("rolling", 20, 60, None, 7200, ("errors",)),
            {
                "RollingUpdatePolicy": {
                    "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 20},
                    "WaitIntervalInSeconds": 60,
                    "MaximumExecutionTimeoutInSeconds": 7200,
                },
                **ALARMS,
            },
        ),
    ],
    ids=lambda given: given.type if isinstance(given, Deployment) else "",
)
def test_how_requests_go_over_is_said_in_sagemakers_words(
    experiment: Experiment, target: Target, deployment: Deployment, config: Any
) -> None:
    host = hosted(experiment, target, replace(PLAIN, deployment=deployment))["host"]
    asked = request(host, "endpoint_request")
    assert asked["DeploymentConfig"] == config
    body = {key: value for key, value in asked.items() if key != "Tags"}
    accepted("UpdateEndpoint", {**body, "EndpointConfigName": "c"})


def test_each_variant_scales_by_its_invocations(experiment: Experiment, target: Target) -> None:
    scaling = replace(PLAIN, autoscaling=Autoscaling(1, 4, 1000, scale_in=300, scale_out=None))
    ((asked,),) = [request(hosted(experiment, target, scaling)["host"], "autoscaling")]
    assert asked["target"]["ResourceId"] == asked["policy"]["ResourceId"] == "endpoint/loans/variant/default"
    assert (asked["target"]["MinCapacity"], asked["target"]["MaxCapacity"]) == (1, 4)
    assert asked["policy"]["PolicyName"] == "specimen-loans-default"
    tracking = asked["policy"]["TargetTrackingScalingPolicyConfiguration"]
    assert (tracking["TargetValue"], tracking["ScaleInCooldown"]) == (1000, 300)
    assert "ScaleOutCooldown" not in tracking
    accepted("RegisterScalableTarget", asked["target"], "application-autoscaling")
    accepted("PutScalingPolicy", asked["policy"], "application-autoscaling")


def test_a_model_of_libsvm_is_asked_in_libsvm(experiment: Experiment, target: Target, trial: Trial) -> None:
    large = replace(LARGE, max_runtime=3600)
    libsvm = replace(
        trial,
        training=replace(trial.training, content_type="libsvm"),
        bias=None,
        gates=(),
        explain=None,
        evaluate=Evaluate(large, "SingleRecord", 1, 2),
    )
    steps = hosted(experiment, target, PLAIN, trials=(libsvm,))
    evaluated = request(steps["evaluate"])
    assert "DataProcessing" not in evaluated
    assert evaluated["TransformInput"]["ContentType"] == "text/libsvm"
    assert (evaluated["BatchStrategy"], evaluated["MaxPayloadInMB"]) == ("SingleRecord", 1)
    assert evaluated["MaxConcurrentTransforms"] == 2
    variants: Any = steps["host"].arguments["variants"]
    assert variants[0]["candidates"]["default"]["content_type"] == "text/libsvm"
    inference = request(steps["register"])["InferenceSpecification"]
    assert inference["SupportedContentTypes"] == ["text/libsvm"]
    assert inference["SupportedRealtimeInferenceInstanceTypes"] == ["ml.m5.large"]
    assert inference["SupportedTransformInstanceTypes"] == ["ml.m5.large"]

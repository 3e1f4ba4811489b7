"""What `host` asks of AWS for an endpoint in each of its states."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from specimen_components import host
from specimen_components.command import Result
from specimen_components.interface import HOST
from specimen_components.problems import Failure, Refused

ARN = "arn:aws:sagemaker:eu-west-1:111122223333"
BEGAN = datetime(2026, 1, 2, tzinfo=UTC)
OURS = {"specimen:managed": "true", "specimen:experiment": "demo", "specimen:run": "r-0", "specimen:keep": "true"}
RECORDS = (
    {"step": "model", "component": "model", "state": "Succeeded", "outputs": {"model": "demo-model-1"}},
    {"step": "prepare", "component": "prepare", "state": "Succeeded", "outputs": {"manifest": "s3://b/manifest.json"}},
)
CONFIG = "digits-190e44c437"
ARGUMENTS: Any = {
    "prefix": "digits",
    "request": {
        "EndpointConfigName": {"$ref": "name"},
        "ProductionVariants": [
            {
                "VariantName": "main",
                "ModelName": {"$ref": "model:main"},
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1.0,
                "InitialVariantWeight": 1.0,
            }
        ],
        "Tags": [{"Key": "specimen:experiment", "Value": "demo"}],
    },
    "endpoint_request": {"EndpointName": "digits", "Tags": [{"Key": "specimen:experiment", "Value": "demo"}]},
    "variants": [
        {"name": "main", "trial": "default", "candidates": {"default": {"model": "model", "prepare": "prepare"}}}
    ],
    "keep": "true",
}
SCALING = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/digits/variant/main",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
CAPACITY = {"MinCapacity": 1, "MaxCapacity": 4}
POLICY = {
    "PolicyName": "specimen-digits-main",
    "PolicyType": "TargetTrackingScaling",
    **SCALING,
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 1000.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    },
}


class Sagemaker:
    """The endpoint as AWS describes it, and the answers that every run of the component begins with."""

    def __init__(self, script: Any, make_call: Any) -> None:
        self.script = script
        self.make_call = make_call
        self.announced = ""
        script.recorded(*RECORDS)
        self.config()

    def config(self, name: str = CONFIG, instance: str = "ml.m5.large") -> None:
        variant = {**ARGUMENTS["request"]["ProductionVariants"][0], "ModelName": "demo-model-1"}
        variant |= {"InitialInstanceCount": 1, "InstanceType": instance}
        found = {"EndpointConfigName": name, "EndpointConfigArn": f"{ARN}:endpoint-config/{name}"}
        self.script.answers(
            "sagemaker:describe_endpoint_config",
            {**found, "ProductionVariants": [variant], "CreationTime": BEGAN},
            {"EndpointConfigName": name},
        )
        if name == CONFIG:
            self.announces("config")

    def is_(self, status: str = "InService", config: str = CONFIG, **members: Any) -> None:
        times = {"CreationTime": BEGAN, "LastModifiedTime": BEGAN}
        found = {"EndpointName": "digits", "EndpointArn": f"{ARN}:endpoint/digits", "EndpointConfigName": config}
        variants = [{"VariantName": "main"}]
        self.script.answers(
            "sagemaker:describe_endpoint",
            {**found, "EndpointStatus": status, **times, "ProductionVariants": variants, **members},
        )

    def is_absent(self) -> None:
        message = f'Could not find endpoint "{ARN}:endpoint/digits".'
        self.script.refuses("sagemaker:describe_endpoint", "ValidationException", message)

    def tagged(self, tags: Mapping[str, str] = OURS) -> None:
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        self.script.answers("sagemaker:list_tags", {"Tags": listed}, {"ResourceArn": f"{ARN}:endpoint/digits"})

    def announces(self, what: str) -> None:
        """The record is written, unless it says the same already."""
        self.script.records(0 if self.announced == what else 1)
        self.announced = what

    def met(
        self,
        status: str = "InService",
        config: str = CONFIG,
        tags: Mapping[str, str] = OURS,
        outcome: str = "reused",
        **more: Any,
    ) -> None:
        """It is there and looked at: described, its tags read, and announced."""
        self.is_(status, config, **more)
        self.tagged(tags)
        self.announces(outcome)

    def updates(self, **more: Any) -> None:
        self.script.answers(
            "sagemaker:update_endpoint",
            {"EndpointArn": f"{ARN}:endpoint/digits"},
            {"EndpointName": "digits", "EndpointConfigName": CONFIG, **more},
        )

    def retagged(self) -> None:
        self.script.answers("sagemaker:add_tags", {})

    def scales(self, *targets: Mapping[str, Any]) -> None:
        described = [{"RoleARN": f"{ARN}:role", "CreationTime": BEGAN, **target} for target in targets]
        self.script.answers("application-autoscaling:describe_scalable_targets", {"ScalableTargets": described})

    def policies(self, *policies: Mapping[str, Any]) -> None:
        described = [{"PolicyARN": f"{ARN}:policy", "CreationTime": BEGAN, **policy} for policy in policies]
        self.script.answers("application-autoscaling:describe_scaling_policies", {"ScalingPolicies": described})

    def logs(self) -> None:
        self.script.answers("logs:describe_log_streams", {"logStreams": [{"logStreamName": "main/i-1"}]})
        page = {"events": [{"message": "no such model"}], "nextForwardToken": "t"}
        self.script.answers("logs:get_log_events", page)
        self.script.answers("logs:get_log_events", {**page, "events": []})

    def hosted(self, **arguments: Any) -> Result:
        return host.work(self.make_call(HOST, {**ARGUMENTS, **arguments}))


@pytest.fixture
def sagemaker(script: Any, make_call: Any) -> Sagemaker:
    return Sagemaker(script, make_call)


def test_an_absent_endpoint_is_created_with_tags_that_say_whose_it_is(sagemaker: Sagemaker, script: Any) -> None:
    sagemaker.is_absent()
    tags = {
        "specimen:experiment": "demo",
        "specimen:managed": "true",
        "specimen:keep": "true",
        "specimen:manifest:main": "s3://b/manifest.json",
        "specimen:run": "r-1",
    }
    request = {
        "EndpointName": "digits",
        "EndpointConfigName": CONFIG,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    script.answers("sagemaker:create_endpoint", {"EndpointArn": f"{ARN}:endpoint/digits"}, request)
    sagemaker.is_("Creating")
    sagemaker.met("Creating", tags=tags, outcome="created")
    sagemaker.is_()
    sagemaker.met(tags=tags, outcome="created")
    result = sagemaker.hosted()
    assert result.outputs == {
        "endpoint": "digits",
        "arn": f"{ARN}:endpoint/digits",
        "config": CONFIG,
        "manifests": {"main": "s3://b/manifest.json"},
    }
    assert result.details == {
        "endpoint": "digits",
        "config": CONFIG,
        "previous": None,
        "outcome": "created",
        "keep": True,
        "status": "InService",
        "variants": [
            {
                "name": "main",
                "trial": "default",
                "model": "demo-model-1",
                "weight": 1.0,
                "instance": "ml.m5.large",
                "count": 1,
            }
        ],
    }


def test_what_serves_the_same_already_is_used(sagemaker: Sagemaker) -> None:
    sagemaker.met(tags={**OURS, "specimen:manifest:main": "s3://b/manifest.json"})
    sagemaker.scales()
    assert sagemaker.hosted().details["outcome"] == "reused"


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({}, "was not made by Specimen"),
        ({"specimen:managed": "true", "specimen:experiment": "other"}, "belongs to the experiment other"),
    ],
)
def test_an_endpoint_of_somebody_else_is_left_untouched(sagemaker: Sagemaker, tags: Any, said: str) -> None:
    sagemaker.is_(config="theirs")
    sagemaker.tagged(tags)
    with pytest.raises(Failure, match=said) as caught:
        sagemaker.hosted()
    assert "hosting.name" in str(caught.value.hint)


def test_a_configuration_made_for_an_endpoint_of_somebody_else_is_not_left(script: Any, make_call: Any) -> None:
    script.recorded(*RECORDS)
    sagemaker = Sagemaker.__new__(Sagemaker)
    sagemaker.script, sagemaker.make_call, sagemaker.announced = script, make_call, ""
    said = f'Could not find endpoint configuration "{ARN}:endpoint-config/{CONFIG}".'
    script.refuses("sagemaker:describe_endpoint_config", "ValidationException", said)
    script.answers("sagemaker:create_endpoint_config", {"EndpointConfigArn": f"{ARN}:endpoint-config/{CONFIG}"})
    sagemaker.config()
    sagemaker.is_(config="theirs")
    sagemaker.tagged({})
    script.answers("sagemaker:delete_endpoint_config", {}, {"EndpointConfigName": CONFIG})
    with pytest.raises(Failure, match="it was left untouched"):
        sagemaker.hosted()


def test_another_configuration_is_replaced_once_the_new_one_is_served(sagemaker: Sagemaker) -> None:
    sagemaker.met(config="digits-old")
    sagemaker.scales()
    sagemaker.updates()
    for _ in range(2):
        sagemaker.is_("Updating", "digits-old")
    sagemaker.is_()
    sagemaker.retagged()
    sagemaker.scales()
    details = sagemaker.hosted().details
    assert (details["outcome"], details["previous"], details["config"]) == ("updated", "digits-old", CONFIG)


def test_a_guarded_update_to_variants_of_other_names_is_refused_untouched(sagemaker: Sagemaker) -> None:
    """AWS takes none: the new variants must have the names of the old ones."""
    sagemaker.met(config="digits-old", ProductionVariants=[{"VariantName": "before"}])
    guarded = {**ARGUMENTS["endpoint_request"], "DeploymentConfig": {}}
    with pytest.raises(Failure, match=r"serves before, and AWS updates it .* not to main; it was left untouched"):
        sagemaker.hosted(endpoint_request=guarded)


def test_an_update_under_way_is_waited_for_first(sagemaker: Sagemaker) -> None:
    sagemaker.met("Updating", "digits-old")
    sagemaker.is_("Updating", "digits-old")
    sagemaker.is_(config="digits-other")
    sagemaker.met(config="digits-other")
    sagemaker.scales()
    sagemaker.updates()
    sagemaker.is_("Updating", "digits-other")
    sagemaker.is_()
    sagemaker.retagged()
    sagemaker.scales()
    assert sagemaker.hosted().details["previous"] == "digits-other"


def test_an_update_that_another_life_has_begun_is_taken_over(sagemaker: Sagemaker) -> None:
    sagemaker.met("Updating", "digits-old")
    sagemaker.is_()
    sagemaker.met()
    sagemaker.retagged()
    sagemaker.scales()
    assert sagemaker.hosted().details["outcome"] == "reused"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ValidationException", f'Cannot update in-progress endpoint "{ARN}:endpoint/digits".'),
        ("ValidationException", "The endpoint serves this configuration already."),
    ],
)
def test_a_lost_answer_to_an_update_is_no_failure(sagemaker: Sagemaker, script: Any, code: str, message: str) -> None:
    sagemaker.met(config="digits-old")
    sagemaker.scales()
    script.refuses("sagemaker:update_endpoint", code, message)
    for _ in range(3):
        sagemaker.is_()
    sagemaker.retagged()
    sagemaker.scales()
    assert sagemaker.hosted().details["outcome"] == "updated"


def test_a_failed_update_leaves_the_old_one_serving_and_says_so(sagemaker: Sagemaker, capsys: Any) -> None:
    sagemaker.met(config="digits-old")
    sagemaker.scales()
    sagemaker.updates()
    sagemaker.is_("Updating", "digits-old")
    sagemaker.is_("RollingBack", "digits-old")
    sagemaker.is_("InService", "digits-old", FailureReason="The primary container did not pass the ping health check.")
    sagemaker.logs()
    with pytest.raises(Failure) as caught:
        sagemaker.hosted()
    assert str(caught.value) == (
        "the update of endpoint digits failed, digits-old still serves: The primary container did not pass the ping "
        "health check."
    )
    assert "no such model" in capsys.readouterr().out


def test_an_update_that_another_one_replaces_is_told_as_such(sagemaker: Sagemaker) -> None:
    sagemaker.met(config="digits-old")
    sagemaker.scales()
    sagemaker.updates()
    sagemaker.is_("Updating", "digits-old")
    sagemaker.is_(config="digits-third")
    sagemaker.logs()
    with pytest.raises(Failure, match="InService with digits-third, which something else has put in the place"):
        sagemaker.hosted()


def test_one_that_failed_in_an_earlier_run_is_made_anew(sagemaker: Sagemaker, script: Any) -> None:
    sagemaker.met("Failed", FailureReason="CapacityError")
    sagemaker.is_("Failed")
    script.answers("sagemaker:delete_endpoint", {}, {"EndpointName": "digits"})
    sagemaker.is_("Deleting")
    for _ in range(3):
        sagemaker.is_absent()
    script.answers("sagemaker:create_endpoint", {"EndpointArn": f"{ARN}:endpoint/digits"})
    sagemaker.is_("Creating")
    sagemaker.met(outcome="created")
    assert sagemaker.hosted().details["outcome"] == "created"


def test_one_that_fails_in_this_run_fails_it_with_its_reason_and_log(sagemaker: Sagemaker, capsys: Any) -> None:
    sagemaker.met(
        "Failed", tags={**OURS, "specimen:run": "r-1"}, FailureReason="It did not pass the ping health check."
    )
    sagemaker.logs()
    with pytest.raises(Failure, match="Endpoint digits failed: It did not pass the ping"):
        sagemaker.hosted()
    assert "no such model" in capsys.readouterr().out


def test_one_that_serves_two_configurations_is_left_alone(sagemaker: Sagemaker) -> None:
    sagemaker.met("UpdateRollbackFailed", "digits-old")
    with pytest.raises(Failure, match="UpdateRollbackFailed: it serves with two configurations side by side"):
        sagemaker.hosted()


def test_two_that_create_at_once_share_one(sagemaker: Sagemaker, script: Any) -> None:
    sagemaker.is_absent()
    said = f'Cannot create already existing endpoint "{ARN}:endpoint/digits".'
    script.refuses("sagemaker:create_endpoint", "ValidationException", said)
    sagemaker.met()
    sagemaker.retagged()
    sagemaker.scales()
    assert sagemaker.hosted().details["outcome"] == "reused"


def test_a_configuration_that_another_run_deletes_meanwhile_is_made_again(sagemaker: Sagemaker, script: Any) -> None:
    sagemaker.is_absent()
    said = f'Could not find endpoint configuration "{ARN}:endpoint-config/{CONFIG}".'
    script.refuses("sagemaker:create_endpoint", "ValidationException", said)
    sagemaker.config()
    sagemaker.is_absent()
    script.answers("sagemaker:create_endpoint", {"EndpointArn": f"{ARN}:endpoint/digits"})
    sagemaker.is_("Creating")
    sagemaker.met(outcome="created")
    assert sagemaker.hosted().details["outcome"] == "created"


def test_what_aws_refuses_is_told_in_its_own_words(sagemaker: Sagemaker, script: Any) -> None:
    sagemaker.met(config="digits-old")
    sagemaker.scales()
    script.refuses("sagemaker:update_endpoint", "ValidationException", "Variant main has no room.")
    sagemaker.is_(config="digits-old")
    with pytest.raises(Refused, match="Variant main has no room"):
        sagemaker.hosted()


def test_variants_scale_as_asked(sagemaker: Sagemaker, script: Any) -> None:
    sagemaker.met(tags={**OURS, "specimen:manifest:main": "s3://b/manifest.json"})
    script.answers("application-autoscaling:register_scalable_target", {}, {**SCALING, **CAPACITY})
    script.answers("application-autoscaling:put_scaling_policy", {"PolicyARN": "arn"}, POLICY)
    sagemaker.scales({**SCALING, **CAPACITY})
    floats = {name: float(number) for name, number in CAPACITY.items()}  # as Kubeflow gives them
    sagemaker.hosted(autoscaling=[{"target": {**SCALING, **floats}, "policy": POLICY}])


@pytest.mark.parametrize("name", ["specimen-digits-main", "theirs"])
def test_what_is_not_to_scale_any_more_does_not_if_it_was_ours(sagemaker: Sagemaker, script: Any, name: str) -> None:
    sagemaker.met(tags={**OURS, "specimen:manifest:main": "s3://b/manifest.json"})
    sagemaker.scales({**SCALING, **CAPACITY})
    sagemaker.policies({**POLICY, "PolicyName": name})
    if name != "theirs":
        script.answers("application-autoscaling:deregister_scalable_target", {}, SCALING)
    sagemaker.hosted()


def test_a_target_is_set_aside_while_its_instance_type_changes_and_put_back_where_that_fails(
    sagemaker: Sagemaker, script: Any
) -> None:
    sagemaker.met(config="digits-old")
    sagemaker.scales({**SCALING, **CAPACITY})
    sagemaker.config("digits-old", instance="ml.c5.large")
    sagemaker.policies(POLICY)
    script.answers("application-autoscaling:deregister_scalable_target", {}, SCALING)
    script.refuses("sagemaker:update_endpoint", "ValidationException", "No.")
    sagemaker.is_(config="digits-old")
    script.answers("application-autoscaling:register_scalable_target", {}, {**SCALING, **CAPACITY})
    script.answers("application-autoscaling:put_scaling_policy", {"PolicyARN": "arn"}, POLICY)
    with pytest.raises(Refused):
        sagemaker.hosted()


def test_a_target_of_somebody_else_s_is_put_back_also_where_the_update_succeeds(
    sagemaker: Sagemaker, script: Any
) -> None:
    theirs = {**POLICY, "PolicyName": "theirs"}
    sagemaker.met(config="digits-old")
    sagemaker.scales({**SCALING, **CAPACITY})
    sagemaker.config("digits-old", instance="ml.c5.large")
    sagemaker.policies(theirs)
    script.answers("application-autoscaling:deregister_scalable_target", {}, SCALING)
    sagemaker.updates()
    sagemaker.is_("Updating", "digits-old")
    sagemaker.is_()
    script.answers("application-autoscaling:register_scalable_target", {}, {**SCALING, **CAPACITY})
    script.answers("application-autoscaling:put_scaling_policy", {"PolicyARN": "arn"}, theirs)
    sagemaker.retagged()
    sagemaker.scales({**SCALING, **CAPACITY})
    sagemaker.policies(theirs)
    assert sagemaker.hosted().details["outcome"] == "updated"


def test_an_update_leaves_the_instances_that_traffic_has_scaled_a_variant_to(sagemaker: Sagemaker, script: Any) -> None:
    sagemaker.met(config="digits-old")
    sagemaker.scales({**SCALING, **CAPACITY})
    sagemaker.config("digits-old")
    anew = [{"VariantPropertyType": "DesiredWeight"}]  # of DataCaptureConfig AWS says that it is not supported there
    sagemaker.updates(RetainAllVariantProperties=True, ExcludeRetainedVariantProperties=anew)
    sagemaker.is_("Updating", "digits-old")
    sagemaker.is_()
    sagemaker.retagged()
    script.answers("application-autoscaling:register_scalable_target", {}, {**SCALING, **CAPACITY})
    script.answers("application-autoscaling:put_scaling_policy", {"PolicyARN": "arn"}, POLICY)
    sagemaker.scales({**SCALING, **CAPACITY})
    assert sagemaker.hosted(autoscaling=[{"target": {**SCALING, **CAPACITY}, "policy": POLICY}]).details["outcome"] == (
        "updated"
    )


def test_a_run_that_keeps_nothing_does_not_take_over_what_is_kept(
    sagemaker: Sagemaker, script: Any, capsys: Any
) -> None:
    sagemaker.met()
    tags = [{"Key": "specimen:manifest:main", "Value": "s3://b/manifest.json"}]
    script.answers("sagemaker:add_tags", {}, {"ResourceArn": f"{ARN}:endpoint/digits", "Tags": tags})
    sagemaker.scales()
    assert sagemaker.hosted(keep="false").details["keep"] is True
    assert "endpoint digits stays, since an earlier run was to keep it" in capsys.readouterr().out


def test_what_no_step_has_recorded_cannot_be_served(script: Any, make_call: Any) -> None:
    script.recorded({**RECORDS[0], "state": "Failed"}, RECORDS[1])
    with pytest.raises(Failure, match="variant main: step model has recorded no model for trial default"):
        host.work(make_call(HOST, ARGUMENTS))


def test_the_selected_trial_is_served(script: Any, make_call: Any) -> None:
    candidates = {name: {"model": f"model-{name}", "prepare": "prepare"} for name in ("one", "two")}
    script.recorded({**RECORDS[0], "step": "model-two"}, RECORDS[1])
    sagemaker = Sagemaker.__new__(Sagemaker)
    sagemaker.script, sagemaker.make_call, sagemaker.announced = script, make_call, ""
    sagemaker.config()
    sagemaker.met(tags={**OURS, "specimen:manifest:main": "s3://b/manifest.json"})
    sagemaker.scales()
    result = sagemaker.hosted(variants=[{"name": "main", "candidates": candidates}], selected="two")
    told: Any = result.details["variants"]
    assert told[0]["trial"] == "two"

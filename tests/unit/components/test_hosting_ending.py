"""What `finish` deletes of an endpoint, as far as AWS alone answers so."""

from datetime import UTC, datetime
from typing import Any

from specimen_components.hosting import deletion, ending
from specimen_components.interface import FINISH

ARN = "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/digits"
BEGAN = datetime(2026, 1, 2, tzinfo=UTC)
SCALING = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/digits/variant/main",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


def endpoint(script: Any, status: str = "InService") -> None:
    described = {"EndpointName": "digits", "EndpointArn": ARN, "EndpointConfigName": "digits-0123456789"}
    times = {"CreationTime": BEGAN, "LastModifiedTime": BEGAN}
    script.answers(
        "sagemaker:describe_endpoint",
        {**described, **times, "EndpointStatus": status, "ProductionVariants": [{"VariantName": "main"}]},
    )


def gone(script: Any, times: int = 1) -> None:
    for _ in range(times):
        script.refuses("sagemaker:describe_endpoint", "ValidationException", f'Could not find endpoint "{ARN}".')


def tags(script: Any, **changes: str) -> None:
    given = {"managed": "true", "experiment": "demo", "run": "r-1", "keep": "false", **changes}
    script.answers(
        "sagemaker:list_tags", {"Tags": [{"Key": f"specimen:{key}", "Value": value} for key, value in given.items()]}
    )


def configs(script: Any, *names: str) -> None:
    listed = [
        {"EndpointConfigName": name, "EndpointConfigArn": ARN.replace("endpoint/digits", name), "CreationTime": BEGAN}
        for name in names
    ]
    script.answers("sagemaker:list_endpoint_configs", {"EndpointConfigs": listed}, {"NameContains": "digits"})


def test_scalable_targets_go_before_the_endpoint_and_its_configuration(script: Any, make_call: Any) -> None:
    endpoint(script)
    tags(script)
    endpoint(script)
    endpoint(script)
    tags(script)
    target = {**SCALING, "MinCapacity": 1, "MaxCapacity": 4, "RoleARN": "arn", "CreationTime": BEGAN}
    script.answers("application-autoscaling:describe_scalable_targets", {"ScalableTargets": [target]})
    script.answers("application-autoscaling:deregister_scalable_target", {}, SCALING)
    endpoint(script)
    script.answers("sagemaker:delete_endpoint", {}, {"EndpointName": "digits"})
    endpoint(script, "Deleting")
    gone(script, 3)
    configs(script, "digits-0123456789", "digits-2-0123456789", "digits-abcdefabcd-2")
    tags(script)
    script.answers("sagemaker:delete_endpoint_config", {}, {"EndpointConfigName": "digits-0123456789"})
    tags(script, experiment="other")
    ended = ending.end(make_call(FINISH, {}), "demo", "digits")
    assert ended.problems == ()
    assert ended.deleted == (
        "endpoint/digits/variant/main does not scale any more.",
        "Endpoint digits was deleted.",
        "EndpointConfig digits-0123456789 was deleted.",
    )


def test_what_is_being_changed_is_deleted_once_that_is_over(script: Any, make_call: Any) -> None:
    """AWS deletes no endpoint that is created or updated just then."""
    endpoint(script, "Creating")
    script.refuses("sagemaker:delete_endpoint", "ValidationException", f'Cannot update in-progress endpoint "{ARN}".')
    endpoint(script, "Creating")
    endpoint(script)
    endpoint(script)
    script.answers("sagemaker:delete_endpoint", {})
    gone(script, 2)
    assert deletion.endpoint(make_call(FINISH, {}), "digits")


def test_what_is_to_be_kept_stays_with_the_configuration_that_it_serves(script: Any, make_call: Any) -> None:
    endpoint(script)
    tags(script, keep="true")
    endpoint(script)
    configs(script, "digits-0123456789")
    tags(script)
    assert ending.end(make_call(FINISH, {}), "demo", "digits") == ending.Ended()


def test_what_cannot_be_deleted_is_told_and_hinders_nothing_else(script: Any, make_call: Any) -> None:
    endpoint(script)
    tags(script)
    endpoint(script)
    endpoint(script)
    tags(script)
    script.answers("application-autoscaling:describe_scalable_targets", {"ScalableTargets": []})
    endpoint(script)
    script.refuses("sagemaker:delete_endpoint", "AccessDeniedException", "not you")
    endpoint(script)
    configs(script)
    ended = ending.end(make_call(FINISH, {}), "demo", "digits")
    assert ended.deleted == ()
    assert ended.problems == (
        "Endpoint digits of this run may be left, and may cost money: DeleteEndpoint: AccessDeniedException: not you",
    )


def test_another_run_that_has_taken_it_over_is_waited_for(script: Any, make_call: Any, clock: Any) -> None:
    endpoint(script)
    tags(script, used="r-2")
    for _ in range(2):
        script.refuses("s3:head_object", "404")
    script.answers("s3:head_object", {"ContentLength": 2, "ETag": '"e"'}, {"Bucket": "b", "Key": "runs/r-2/step.json"})
    gone(script)
    gone(script)
    configs(script)
    assert ending.end(make_call(FINISH, {}), "demo", "digits") == ending.Ended()
    assert len(clock.slept) == 2

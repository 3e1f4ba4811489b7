"""A training job that a rule's action has stopped is as good as completed when its model is there."""

from typing import Any

import pytest
from specimen_components import stopping, train
from specimen_components.interface import TRAIN
from specimen_components.problems import Failure, Refused, Stopped

from tests.unit.components.test_train import ARGUMENTS, METRICS, described, kept, logged, model, stored

DESCRIBE = "sagemaker:describe_training_job"
ACTION = r"[{\"name\": \"stoptraining\", \"training_job_prefix\": \"demo\"}]"
RULE = {"RuleConfigurationName": "Loss", "RuleEvaluatorImage": "image", "RuleParameters": {"action_json": ACTION}}


def stopped(status: str | None = "IssuesFound", **more: Any) -> dict[str, Any]:
    statuses = [{"RuleConfigurationName": "Loss", "RuleEvaluationStatus": status}] if status else []
    ended: dict[str, Any] = {"TrainingJobStatus": "Stopped", "SecondaryStatus": "Stopped"}
    return described(
        **{**ended, "DebugRuleConfigurations": [RULE], "DebugRuleEvaluationStatuses": statuses, **more},
    )


def reason(script: Any, make_call: Any, description: dict[str, Any]) -> str | None:
    return stopping.by_rule(make_call(TRAIN, ARGUMENTS), description)


def test_the_rule_is_named(script: Any, make_call: Any) -> None:
    """Its status may arrive after the job's."""
    kept(script)
    for status in (None, "InProgress", "IssuesFound"):
        script.answers(DESCRIBE, stopped(status))
    found = reason(script, make_call, stopped(None))
    assert found == "rule Loss has stopped it, and its model up to then was saved"


def test_a_rule_stops_by_its_own_parameter_too(script: Any, make_call: Any) -> None:
    kept(script)
    script.answers(DESCRIBE, stopped())
    rule = {**RULE, "RuleParameters": {"stop_training_on_fire": "True"}}
    assert reason(script, make_call, stopped(DebugRuleConfigurations=[rule])) is not None


@pytest.mark.parametrize(
    "more",
    [
        {"TrainingJobStatus": "Failed"},
        {"SecondaryStatus": "MaxRuntimeExceeded"},
        {"DebugRuleConfigurations": []},
        {"DebugRuleConfigurations": [{**RULE, "RuleParameters": {"action_json": r"[{\"name\": \"email\"}]"}}]},
    ],
)
def test_what_ended_otherwise_is_not_excused(script: Any, make_call: Any, more: dict[str, Any]) -> None:
    assert reason(script, make_call, stopped(**more)) is None


def test_without_a_model_nothing_is_excused(script: Any, make_call: Any) -> None:
    script.refuses("s3:head_object", "404", "Not Found", 404)
    assert reason(script, make_call, stopped()) is None


def test_somebody_else_may_have_stopped_it(script: Any, make_call: Any) -> None:
    kept(script)
    for _ in range(6):  # pauses of 1, 1.5, 2.25, 3.4 and 4 s
        script.answers(DESCRIBE, stopped("NoIssuesFound"))
    assert reason(script, make_call, stopped("NoIssuesFound")) is None


def test_the_training_goes_on_with_the_model(script: Any, make_call: Any, capsys: Any) -> None:
    script.answers(DESCRIBE, stopped(FinalMetricDataList=METRICS))
    script.records()
    kept(script)
    script.answers(DESCRIBE, stopped())
    kept(script)
    logged(script)
    stored(script, model())
    result = train.work(make_call(TRAIN, ARGUMENTS))
    assert (result.outputs["artifact"], result.details["status"]) == ("s3://b/out/model.tar.gz", "Stopped")
    assert "counts as done: rule Loss has stopped it" in capsys.readouterr().out


def test_a_stop_by_somebody_else_fails_the_step(script: Any, make_call: Any) -> None:
    script.answers(DESCRIBE, stopped(DebugRuleConfigurations=[]))
    script.records()
    script.answers("sagemaker:list_tags", {"Tags": [{"Key": "specimen:run", "Value": "r-1"}]})
    with pytest.raises(Stopped):
        train.work(make_call(TRAIN, ARGUMENTS))


@pytest.mark.parametrize(
    ("code", "message", "named"),
    [
        ("ValidationException", "Amazon SageMaker Debugger is not available to this account.", True),
        ("AccessDeniedException", "Debugger is closed to new customers.", True),
        ("ValidationException", "ProfilerConfig is not supported.", True),
        ("ValidationException", "The bucket is in another region.", False),
        ("ResourceLimitExceeded", "Too many rule evaluations.", False),
    ],
)
def test_a_refusal_of_debugger_names_the_switch(
    script: Any, make_call: Any, code: str, message: str, named: bool
) -> None:
    script.refuses(DESCRIBE, "ValidationException", "Requested resource not found.")
    script.refuses("sagemaker:create_training_job", code, message)
    asked = {"TrainingJobName": {"$ref": "name"}, "DebugHookConfig": {"S3OutputPath": "s3://b/p"}}
    required = {
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "RoleArn": "arn:aws:iam::111122223333:role/role",
        "OutputDataConfig": {"S3OutputPath": "s3://b/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }
    with pytest.raises(Refused) as raised:
        train.work(make_call(TRAIN, {**ARGUMENTS, "request": {**asked, **required}}))
    assert isinstance(raised.value, Failure)
    assert ("`debugger: own`" in str(raised.value.hint)) == named


def test_a_rule_of_a_step_of_its_own_is_known_by_its_record(script: Any, make_call: Any) -> None:
    kept(script)
    found = {"training_job": "demo", "status": "IssuesFound"}
    other = {"training_job": "demo-2", "status": "IssuesFound"}
    for outputs in ({}, other, found):
        script.recorded({"step": "rule-Loss", "outputs": outputs, "details": {"name": "Loss"}})
    call = make_call(TRAIN, {**ARGUMENTS, "stoppers": ["Loss"]})
    description = stopped(None, DebugRuleConfigurations=[])
    assert stopping.by_rule(call, description) == "rule Loss has stopped it, and its model up to then was saved"

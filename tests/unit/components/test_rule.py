"""`rule` runs one of Debugger's rules beside the training job that it judges, whose step names it."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.response import StreamingBody
from specimen_components import naming, requests, rule
from specimen_components.configurations import written
from specimen_components.interface import RULE
from specimen_components.jsondata import Json
from specimen_components.problems import Failure

DESCRIBE = "sagemaker:describe_processing_job"
JOB = {"$ref": "training_job"}
CONFIG: dict[str, Json] = {"rule": "Overfit", "name": "Overfit", "training_job": JOB}
REQUEST: dict[str, Json] = {
    "ProcessingJobName": {"$ref": "name"},
    "Environment": {"config": {"$ref": "config"}, "job": JOB},
}
ARGUMENTS: dict[str, Json] = {
    "prefix": "demo-rule",
    "request": REQUEST,
    "config": CONFIG,
    "destination": "s3://b/debugger",
    "train": "train",
}
MET = "RuleEvaluationConditionMet: Evaluation of the rule Overfit at step 5 resulted in the condition being met"


def training(script: Any, name: str | None = "demo-train", state: str = "Running") -> None:
    """The record of the training's step; without a name it has no resource yet."""
    script.answers("s3:head_object", {"ContentLength": 1, "ETag": '"e"'}, {"Bucket": "b", "Key": "runs/r-1/train.json"})
    resource = {"type": "TrainingJob", "name": name} if name else None
    content = json.dumps({"step": "train", "state": state, "resource": resource}).encode()
    script.answers("s3:get_object", {"Body": StreamingBody(io.BytesIO(content), len(content))})


def configured(script: Any) -> None:
    script.answers("s3:head_object", {"ContentLength": 1, "ETag": '"e"'})


def name(make_call: Any, script: Any, job: str = "demo-train") -> str:
    """The processing job's name, which the configuration and the training job's name are part of."""
    configured(script)
    values: dict[str, Json] = {**ARGUMENTS, "training_job": job}
    values["config"] = written(make_call(RULE, ARGUMENTS), values, "rule_config.json")
    return naming.job_name("demo-rule", requests.request_digest(REQUEST, values, "ProcessingJobName"), 1, 63)


def judged(script: Any, job: str, status: str = "Completed", **more: Any) -> None:
    described = {
        "ProcessingJobName": job,
        "ProcessingJobArn": f"arn:aws:sagemaker:eu-west-1:111122223333:processing-job/{job}",
        "ProcessingJobStatus": status,
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 5}
        },
        "AppSpecification": {"ImageUri": "image"},
        "CreationTime": datetime.now(UTC),
        **more,
    }
    script.answers(DESCRIBE, described, {"ProcessingJobName": job})


@pytest.mark.parametrize(("message", "status"), [(MET, "IssuesFound"), ("No issues found", "NoIssuesFound")])
def test_a_rules_message_says_what_it_has_found(script: Any, make_call: Any, message: str, status: str) -> None:
    expected = name(make_call, script)
    for known in (None, "demo-train"):
        training(script, known)
    configured(script)
    judged(script, expected, ExitMessage=f"{message}\n")
    script.records()
    training(script)
    result = rule.work(make_call(RULE, ARGUMENTS))
    arn = f"arn:aws:sagemaker:eu-west-1:111122223333:processing-job/{expected}"
    found = {"training_job": "demo-train", "status": status, "details": message, "arn": arn}
    assert (result.outputs, result.details) == (found, {"name": "Overfit", **found})


def test_a_rule_that_crashes_fails_nothing_here(script: Any, make_call: Any) -> None:
    """What follows from it is said where all rules are judged."""
    expected = name(make_call, script)
    training(script)
    configured(script)
    judged(script, expected, "Failed", FailureReason="AlgorithmError: ZeroDivisionError: division by zero")
    script.records()
    script.answers("sagemaker:list_tags", {"Tags": [{"Key": "specimen:run", "Value": "r-1"}]})
    training(script)
    result = rule.work(make_call(RULE, ARGUMENTS))
    assert result.outputs["status"] == "Error"
    assert "ZeroDivisionError: division by zero" in str(result.outputs["details"])


def test_without_a_training_job_there_is_nothing_to_judge(script: Any, make_call: Any) -> None:
    training(script, None, "Failed")
    result = rule.work(make_call(RULE, ARGUMENTS))
    assert result.outputs == {
        "training_job": "",
        "status": "Stopped",
        "details": "There was no training job to judge",
        "arn": "",
    }


def test_the_next_attempt_of_the_training_is_judged_too(script: Any, make_call: Any, capsys: Any) -> None:
    first, second = (name(make_call, script, job) for job in ("demo-train", "demo-train-2"))
    training(script)
    configured(script)
    judged(script, first, ExitMessage="No issues found")
    script.records()
    training(script, "demo-train-2")
    configured(script)
    judged(script, second, ExitMessage=MET)
    script.records()
    training(script, "demo-train-2", "Succeeded")
    result = rule.work(make_call(RULE, ARGUMENTS))
    assert (result.outputs["training_job"], result.outputs["status"]) == ("demo-train-2", "IssuesFound")
    assert "demo-train was given up for demo-train-2" in capsys.readouterr().out


def test_a_training_that_is_never_named_is_not_awaited_for_ever(script: Any, make_call: Any) -> None:
    for _ in range(28):  # pauses up to 4 s, for 100 s
        script.refuses("s3:head_object", "404", "Not Found", 404)
    with pytest.raises(Failure, match="step train has named no training job within 100 s"):
        rule.work(make_call(RULE, ARGUMENTS))

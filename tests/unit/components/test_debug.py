"""`debug` waits for Debugger's rules, fetches their reports, and fails where a rule says so."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import botocore.session
import pytest
from botocore.response import StreamingBody
from specimen_components import debug
from specimen_components.interface import DEBUG
from specimen_components.jsondata import Json
from specimen_components.problems import Failure

from tests.unit.components.test_train import described

DESCRIBE = "sagemaker:describe_training_job"
ARN = "arn:aws:sagemaker:eu-west-1:111122223333:processing-job/demo-loss-0a1b2c3d"
MET = "RuleEvaluationConditionMet: Evaluation of the rule Loss at step 20 resulted in the condition being met\n"
LOSS: dict[str, Json] = {"name": "LossNotDecreasing", "rule": "LossNotDecreasing", "on_issues": "fail"}
TREES: dict[str, Json] = {"name": "TreeDepth", "rule": "TreeDepth", "on_issues": "warn"}
REPORT: dict[str, Json] = {
    "name": "ProfilerReport",
    "rule": "ProfilerReport",
    "on_issues": "ignore",
    "report": {"name": "profiler_report", "path": "profiler-output/profiler-report.html"},
}
FOLDER = "p/demo"


def arguments(*rules: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "job": "demo",
        "asked": list(rules),
        "prefix": f"s3://b/{FOLDER.partition('/')[0]}",
        "columns": ["label", "AGE"],
    }


def status(name: str, value: str, details: str | None = None) -> dict[str, Any]:
    told = {"RuleConfigurationName": name, "RuleEvaluationJobArn": ARN, "RuleEvaluationStatus": value}
    return told | ({"StatusDetails": details} if details else {})


def judged(script: Any, *statuses: dict[str, Any], profiler: Sequence[dict[str, Any]] = ()) -> None:
    more = {"DebugRuleEvaluationStatuses": list(statuses), "ProfilerRuleEvaluationStatuses": list(profiler)}
    script.answers(DESCRIBE, described(**more), {"TrainingJobName": "demo"})


def saved(script: Any, *, damaged: bool = False) -> None:
    """Tensors that a training has begun to save, none of them whole; or a list of them that cannot be read."""
    place, name = f"{FOLDER}/debug-output/", "collections/000000000/worker_0_collections.json"
    contents = [{"Key": f"{place}{name}", "Size": 1, "ETag": '"e"'}]
    script.answers("s3:list_objects_v2", {"Contents": contents}, {"Bucket": "b", "Prefix": f"{place}collections/"})
    script.answers(DESCRIBE, described(), {"TrainingJobName": "demo"})  # the form of its data, which counts features
    script.answers("s3:list_objects_v2", {}, {"Bucket": "b", "Prefix": f"{place}training_job_end.ts"})
    script.answers("s3:list_objects_v2", {"Contents": contents if damaged else []})
    if damaged:
        script.answers("s3:get_object", {"Body": StreamingBody(io.BytesIO(b"{"), 1)})
    else:
        script.answers("s3:list_objects_v2", {}, {"Bucket": "b", "Prefix": f"{place}index/"})


def unsaved(script: Any) -> None:
    script.answers("s3:list_objects_v2", {}, {"Bucket": "b", "Prefix": f"{FOLDER}/debug-output/collections/"})


def test_rules_that_find_nothing_let_the_training_pass(script: Any, make_call: Any, capsys: Any) -> None:
    """Also when they end after the training job, which has completed before this step begins."""
    judged(script, status("LossNotDecreasing", "InProgress"))
    judged(script, status("LossNotDecreasing", "InProgress"), status("TreeDepth", "Stopping"))
    judged(script, status("LossNotDecreasing", "NoIssuesFound"), status("TreeDepth", "NoIssuesFound"))
    saved(script)
    result = debug.work(make_call(DEBUG, arguments(LOSS, TREES)))
    assert result.failure is None
    assert (result.outputs["verdict"], result.outputs["tensors"]) == ("pass", "s3://b/p/demo/debug-output")
    assert result.details["rules"] == [
        {**LOSS, "status": "NoIssuesFound", "details": "", "arn": ARN},
        {**TREES, "status": "NoIssuesFound", "details": "", "arn": ARN},
    ]
    assert capsys.readouterr().out.splitlines() == [
        "LossNotDecreasing: InProgress",
        "TreeDepth: no status",
        "TreeDepth: Stopping",
        "LossNotDecreasing: NoIssuesFound",
        "TreeDepth: NoIssuesFound",
        "verdict: pass",
    ]


@pytest.mark.parametrize("value", ["IssuesFound", "Error", "Stopped"])
@pytest.mark.parametrize(("on_issues", "verdict"), [("fail", "fail"), ("warn", "warn"), ("ignore", "pass")])
def test_each_rule_says_what_an_issue_does(
    script: Any, make_call: Any, value: str, on_issues: str, verdict: str
) -> None:
    """A rule that crashed, or was stopped, has not found the training sound either."""
    judged(script, status("LossNotDecreasing", value, MET), status("TreeDepth", "NoIssuesFound"))
    unsaved(script)
    result = debug.work(make_call(DEBUG, arguments({**LOSS, "on_issues": on_issues}, TREES)))
    assert (result.outputs["verdict"], result.outputs["tensors"]) == (verdict, "")
    assert (result.failure is not None) == (verdict == "fail")


def test_a_failure_says_what_the_rule_has_found(script: Any, make_call: Any) -> None:
    judged(script, status("LossNotDecreasing", "IssuesFound", MET))
    saved(script)
    result = debug.work(make_call(DEBUG, arguments(LOSS)))
    assert str(result.failure) == (
        f"Debugger's rules do not let this training pass: LossNotDecreasing: IssuesFound: {MET.strip()}"
    )


def test_a_rule_without_end_is_not_awaited_for_ever(script: Any, make_call: Any, clock: Any, capsys: Any) -> None:
    for _ in range(28):  # pauses up to 4 s, for 100 s
        judged(script, status("TreeDepth", "InProgress"))
    unsaved(script)
    result = debug.work(make_call(DEBUG, arguments(TREES)))
    assert result.outputs["verdict"] == "warn"
    assert "TreeDepth: no end after 100 s" in capsys.readouterr().out
    assert 100 < clock.now() < 105


def test_every_status_is_waited_for_or_judged(script: Any, make_call: Any) -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    shape: Any = model.shape_for("RuleEvaluationStatus")
    going = [value for value in shape.enum if value in ("InProgress", "Stopping")]
    for value in [*going, "SomethingNew", "NoIssuesFound"]:
        judged(script, status("TreeDepth", value))
    unsaved(script)
    assert debug.work(make_call(DEBUG, arguments(TREES))).outputs["verdict"] == "pass"


def test_reports_are_fetched(script: Any, make_call: Any) -> None:
    judged(script, profiler=[status("ProfilerReport", "IssuesFound", "met")])
    place = {"Bucket": "b", "Key": f"{FOLDER}/rule-output/ProfilerReport/profiler-output/profiler-report.html"}
    script.answers("s3:head_object", {"ContentLength": 1, "ETag": '"e"'}, place)
    script.answers("s3:get_object", {"Body": StreamingBody(io.BytesIO(b"<p>fast</p>"), 11)}, place)
    unsaved(script)
    result = debug.work(make_call(DEBUG, arguments(REPORT)))
    assert result.artifacts == {"profiler_report": "<p>fast</p>"}
    assert result.details["reports"] == [{"name": "profiler_report", "uri": f"s3://b/{place['Key']}"}]


def test_a_report_that_is_not_there_is_said(script: Any, make_call: Any, capsys: Any) -> None:
    judged(script, profiler=[status("ProfilerReport", "Error", "InternalServerError")])
    script.refuses("s3:head_object", "404", "Not Found", 404)
    unsaved(script)
    result = debug.work(make_call(DEBUG, arguments(REPORT)))
    assert (result.artifacts, result.details["reports"]) == ({}, [])
    assert "ProfilerReport has left no report at s3://b/p/demo/rule-output/" in capsys.readouterr().out


def test_a_job_that_is_gone_is_said(script: Any, make_call: Any) -> None:
    script.refuses(DESCRIBE, "ValidationException", "Requested resource not found.")
    with pytest.raises(Failure, match="training job demo is not there any more"):
        debug.work(make_call(DEBUG, arguments(TREES)))


def test_damaged_tensors_do_not_fail_what_rules_let_pass(script: Any, make_call: Any, capsys: Any) -> None:
    judged(script, status("TreeDepth", "NoIssuesFound"))
    saved(script, damaged=True)
    result = debug.work(make_call(DEBUG, arguments(TREES)))
    assert (result.failure, result.details["series"]) == (None, None)
    assert "the saved tensors cannot be drawn: " in capsys.readouterr().out


def test_rules_that_steps_have_run_are_taken_from_their_records(script: Any, make_call: Any) -> None:
    outputs = {"training_job": "demo", "status": "IssuesFound", "details": MET.strip(), "arn": ARN}
    script.recorded(
        {"step": "rule-LossNotDecreasing", "component": "rule", "state": "Succeeded", "outputs": outputs},
        {"step": "train", "component": "train", "state": "Succeeded", "outputs": {}},
    )
    unsaved(script)
    asked: dict[str, Json] = {**LOSS, "step": "rule-LossNotDecreasing"}
    missing: dict[str, Json] = {**TREES, "step": "rule-TreeDepth"}
    result = debug.work(make_call(DEBUG, arguments(asked, missing)))
    assert result.details["rules"] == [
        {**LOSS, "status": "IssuesFound", "details": MET.strip(), "arn": ARN},
        {**TREES, "status": "", "details": "", "arn": ""},
    ]
    assert result.outputs["verdict"] == "fail"

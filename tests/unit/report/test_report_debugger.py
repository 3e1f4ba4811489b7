"""The Debugger's chapter: verdicts, reports, and the saved tensors by step."""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from specimen_components.debugging.series import series
from specimen_components.report.collect import collect
from specimen_components.report.page import page
from specimen_components.report.results import results
from specimen_components.report.rules import MEANINGS, STATUSES
from specimen_tensors.files import Folder
from specimen_tensors.trial import Trial

from tests.saved_tensors import save

Records = dict[str, dict[str, Any]]
MET = "RuleEvaluationConditionMet: Evaluation of the rule TreeDepth at step 5 resulted in the condition being met\n"
RULES: list[dict[str, Any]] = [
    {"name": "CreateXgboostReport", "rule": "create_xgboost_report", "status": "NoIssuesFound", "on_issues": "warn"},
    {"name": "deep", "rule": "TreeDepth", "status": "IssuesFound", "details": MET, "on_issues": "fail"},
    {"name": "mine", "rule": "Calibration", "status": "Error", "details": "InternalServerError", "on_issues": "ignore"},
]
REPORT = {"name": "xgboost_report", "uri": "s3://b/debugger/j/rule-output/CreateXgboostReport/xgboost_report.html"}


@pytest.fixture
def asked(asked: dict[str, Any]) -> dict[str, Any]:
    """The same experiment with a Debugger."""
    debug = {"id": "debug", "component": "debug", "trials": ["default"], "needs": ["train"]}
    return {**asked, "steps": [*asked["steps"][:-1], debug, asked["steps"][-1]]}


@pytest.fixture
def records(records: Records, tmp_path: Path) -> Records:
    """What its step recorded."""
    saved = series(Trial(Folder(save(tmp_path, features=10))), ["SEX", "x"])
    details = {"tensors": "s3://b/debugger/j/debug-output", "rules": RULES, "series": saved, "reports": [REPORT]}
    outputs = {"verdict": "pass", "tensors": details["tensors"]}
    return {**records, "debug": {**records["train"], "step": "debug", "outputs": outputs, "details": details}}


def chapter(asked: dict[str, Any], records: Records) -> str:
    text = page(collect("demo-001", asked, records, versions={}))
    found = re.search(r'<section id="debugger">(.*?)</section>', text, re.DOTALL)
    assert found
    return found[1]


def words(text: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", text)))


def test_every_rule_has_its_verdict_and_says_what_it_looks_for(asked: dict[str, Any], records: Records) -> None:
    found = chapter(asked, records)
    table = [words(row).strip() for row in re.findall("<tr>(.*?)</tr>", found.split("Reports that the rules")[0])]
    assert table == [
        "Rule Verdict What was found What it looks for On issues",
        f"CreateXgboostReport no issues found \u2013 {MEANINGS['CreateXgboostReport']} warns",
        f"deep TreeDepth issues found {MET.strip()} {MEANINGS['TreeDepth']} fails the run",
        "mine Calibration error InternalServerError What its own source says. ignored",
    ]
    assert '<span class="badge good">no issues found</span>' in found
    assert '<span class="badge bad">issues found</span>' in found


def test_reports_are_a_step_away_where_they_lie_beside_the_page(asked: dict[str, Any], records: Records) -> None:
    link = '<a href="artifacts/debug/xgboost_report.html">xgboost report</a>'
    assert link in chapter(asked, records)
    asked["target"] = {"name": "production", "region": "eu-west-1"}
    found = chapter(asked, records)
    assert link not in found
    assert f"<code>{REPORT['uri']}</code>" in found


def test_metrics_importance_and_shap_values_are_drawn_by_step(asked: dict[str, Any], records: Records) -> None:
    found = chapter(asked, records)
    labels = re.findall('aria-label="([^"]*)"', found)
    assert labels[:2] == [
        "mae by step; at the end: validation 2",
        "rmse by step; at the end: train 2.75, validation 3",
    ]
    kinds = ["gain", "weight", "cover", "total gain", "total cover"]
    assert [label.partition(" by step")[0] for label in labels[2:]] == [
        *(f"share of {kind}" for kind in kinds),
        "average SHAP value",
    ]
    assert "f9 0.1818, f8 0.1636" in labels[2]
    assert found.count("The 8 largest at the last step are drawn, 2 others left out.") == 6
    assert found.index("share of gain") < found.index("<details>") < found.index("share of weight")


def test_a_step_that_failed_by_a_verdict_shows_it_all_the_same(asked: dict[str, Any], records: Records) -> None:
    records["debug"] |= {"state": "Failed", "reason": "Debugger's rules do not let this training pass", "outputs": {}}
    found = chapter(asked, records)
    assert "Step debug failed: Debugger&#x27;s rules do not let this training pass" in found
    assert "issues found" in found
    assert "Average SHAP values by step" in found


def test_what_was_not_saved_is_said(asked: dict[str, Any], records: Records) -> None:
    records["debug"]["details"] = {"tensors": None, "rules": [], "reports": []}
    found = words(chapter(asked, records))
    assert found.strip() == (
        "Debugger The spec names no rules. Saved metrics by step No metrics were saved. "
        "Feature importance by step No feature importance was saved. "
        "Average SHAP values by step No SHAP values were saved."
    )


def test_a_step_that_found_nothing_says_why(asked: dict[str, Any], records: Records) -> None:
    records["debug"] |= {"state": "Failed", "reason": "The deadline is over.", "outputs": {}, "details": {}}
    assert words(chapter(asked, records)).strip() == "Debugger Step debug failed: The deadline is over."
    del records["debug"]
    assert "Step debug did not start." in words(chapter(asked, records))


def test_no_debugger_was_asked_for(asked: dict[str, Any], records: Records) -> None:
    asked["steps"] = [step for step in asked["steps"] if step["component"] != "debug"]
    assert "the spec has no <code>debugger</code> section" in chapter(asked, records)


def test_names_and_words_of_others_are_only_text(asked: dict[str, Any], records: Records) -> None:
    script = "<script>alert(1)</script>"
    rule = {"name": script, "rule": script, "status": script, "details": script, "on_issues": script}
    course = {"steps": [0, 1], "values": {f"train-{script}": [1.0, None]}}
    records["debug"]["details"] |= {
        "tensors": script,
        "rules": [rule],
        "reports": [{"name": f'"{script}', "uri": script}],
        "series": {"metrics": course, "average_shap": course, "importance": {"gain": course}},
    }
    assert "<script" not in chapter(asked, records)


def test_verdicts_stand_among_what_a_trial_came_to(asked: dict[str, Any], records: Records) -> None:
    (result,) = results(collect("demo-001", asked, records, versions={}))
    outcome = {row["name"]: row for row in result["groups"][0]["rows"]}
    assert outcome["rule deep"] == {"name": "rule deep", "value": "issues found", "note": MET.strip()}
    assert outcome["rule CreateXgboostReport"] == {"name": "rule CreateXgboostReport", "value": "no issues found"}


def test_trials_show_their_verdicts_beside_each_other(asked: dict[str, Any], records: Records) -> None:
    asked["trials"] = ["default", "other"]
    for step in asked["steps"]:
        step["trials"] = ["default", "other"]
    text = page(collect("demo-001", asked, records, versions={}))
    line = re.search(r'<tr><th scope="row">rule deep</th>(.*?)</tr>', text)
    assert line
    assert line[1].count('<span class="badge bad">issues found</span>') == 2


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_of_aws_has_words(asked: dict[str, Any], records: Records, status: str) -> None:
    records["debug"]["details"]["rules"] = [{"name": "deep", "rule": "TreeDepth", "status": status}]
    assert f">{STATUSES[status].words}</span>" in chapter(asked, records)

"""Records and the plan's steps become what the report shows."""

from typing import Any

import pytest
from specimen_components.report.collect import collect
from specimen_components.report.model import Outcome, Report, Trouble


def collected(asked: dict[str, Any], records: dict[str, Any]) -> Report:
    return collect("demo-001", asked, records, versions={"Python": "3"})


def failed(record: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**record, "state": "Failed", "outputs": {}, "details": {}, **members}


def test_a_run_that_went_well(asked: dict[str, Any], records: dict[str, Any]) -> None:
    report = collected(asked, records)
    assert report.ok
    assert {step.outcome for step in report.steps} == {Outcome.SUCCEEDED}
    assert report.started == "2026-01-02 03:04:00 UTC"
    assert report.seconds == 10.5
    assert [section.step for section in report.trials[0].bias] == ["bias-pre", "bias-post"]
    assert "bias" not in report.trials[0].sections


def test_a_failed_step_is_the_trouble_and_the_steps_behind_it_are_not(
    asked: dict[str, Any], records: dict[str, Any]
) -> None:
    left = {name: records[name] for name in ("prepare", "bias-pre")}
    left["train"] = failed(records["train"], reason="AlgorithmError: no", hint="Mend it.")
    report = collected(asked, left)
    assert [(trouble.where, trouble.what, trouble.hint) for trouble in report.troubles] == [
        ("step train failed", "AlgorithmError: no", "Mend it.")
    ]
    sections = report.trials[0].sections
    assert sections["evaluate"].why_not == "Step evaluate did not start, because train failed."
    assert sections["train"].why_not == "Step train failed: AlgorithmError: no"


def test_a_gate_that_failed_is_the_trouble_and_holds_back_what_follows(
    asked: dict[str, Any], records: dict[str, Any]
) -> None:
    del records["register"]
    verdict = {"gate": {}, "value": 0.5, "holds": False, "text": "test:auc is 0.5, 0.25 too low"}
    records["gate"] |= {"outputs": {"verdict": "fail"}, "details": {"verdict": "fail", "gates": [verdict]}}
    report = collected(asked, records)
    assert [trouble.what for trouble in report.troubles] == ["test:auc is 0.5, 0.25 too low"]
    assert report.troubles[0].where == "gate of trial default failed"
    assert report.steps[-1].outcome is Outcome.SKIPPED
    assert report.trials[0].sections["register"].why_not == "Step register held back by a gate."


def test_what_needs_a_selected_trial_is_a_trouble_without_one(asked: dict[str, Any], records: dict[str, Any]) -> None:
    trials = asked["trials"]
    asked["steps"] += [
        {"id": "select", "component": "select", "trials": trials},
        {"id": "host", "component": "host", "trials": trials, "needs": ["select"], "gates": ["select"]},
    ]
    for verdict, troubles in (("pass", ["step host did not start"]), ("fail", ["step host held back by a gate"])):
        records["select"] = {**records["gate"], "step": "select", "outputs": {"verdict": verdict}, "details": {}}
        assert [trouble.where for trouble in collected(asked, records).troubles] == troubles


@pytest.mark.parametrize(("state", "interrupted"), [("Running", True), ("Stopped", True), ("Failed", False)])
def test_a_run_in_which_nothing_failed_by_itself_was_interrupted(
    asked: dict[str, Any], records: dict[str, Any], state: str, interrupted: bool
) -> None:
    assert not collected(asked, records).interrupted
    records["bias-post"] = failed(records["bias-post"], state="Running")
    records["evaluate"] = failed(records["evaluate"], state=state)
    assert collected(asked, records).interrupted is interrupted


@pytest.mark.parametrize(("state", "outcome"), [("Running", Outcome.CUT_OFF), ("Stopped", Outcome.STOPPED)])
def test_a_step_that_did_not_end_by_itself_fails_the_run(
    asked: dict[str, Any], records: dict[str, Any], state: str, outcome: Outcome
) -> None:
    records["register"] = failed(records["register"], state=state, ended=None)
    report = collected(asked, records)
    assert not report.ok
    assert report.steps[-1].outcome is outcome
    assert report.steps[-1].seconds is None


def test_a_step_that_nothing_held_back_should_have_started(asked: dict[str, Any], records: dict[str, Any]) -> None:
    del records["evaluate"]
    report = collected(asked, records)
    assert [trouble.where for trouble in report.troubles] == ["step evaluate did not start"]


def test_no_records_is_a_report_too(asked: dict[str, Any]) -> None:
    report = collected(asked, {})
    assert [trouble.where for trouble in report.troubles] == ["step prepare did not start"]
    assert (report.started, report.seconds) == (None, None)


def test_a_time_that_is_none_is_left_out(asked: dict[str, Any], records: dict[str, Any]) -> None:
    records["prepare"] |= {"started": "yesterday"}
    assert collected(asked, records).steps[0].seconds is None


def test_an_endpoint_that_could_not_be_deleted_fails_the_run(
    asked: dict[str, Any], records: dict[str, dict[str, Any]]
) -> None:
    left = "Endpoint digits of this run may be left, and may cost money: no"
    report = collect("demo-001", asked, records, versions={}, undeleted=[left])
    assert not report.ok
    assert report.troubles == (
        Trouble("the endpoint was not deleted", left, "Delete it by hand: `specimen endpoint delete NAME`."),
    )
    assert collect("demo-001", asked, records, versions={}, deleted=["Endpoint digits was deleted."]).ok

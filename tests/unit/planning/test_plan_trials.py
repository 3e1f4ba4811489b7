"""Trials in a plan: equal steps are one step, and what differs is a step of its own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from specimen.planning.plan import plan
from specimen.planning.steps import Plan, Ref, Step
from specimen.spec.model import Experiment, Gate, Select, Target, Trial

SOURCES = {"data/loans.csv": "abc123"}


@pytest.fixture
def deeper(trial: Trial) -> Trial:
    """A trial that differs in a hyperparameter."""
    training = replace(trial.training, hyperparameters={**trial.training.hyperparameters, "max_depth": 9})
    return replace(trial, name="deeper", training=training)


def by_id(experiment: Experiment, target: Target, *trials: Trial, select: Select | None = None) -> dict[str, Step]:
    steps = plan(replace(experiment, trials=trials, select=select), target, SOURCES)
    seen: set[str] = set()
    for step in steps:
        assert step.needs <= seen, step.id
        seen.add(step.id)
    assert len(seen) == len(steps)
    return {step.id: step for step in steps}


def test_what_trials_share_is_done_once(experiment: Experiment, target: Target, trial: Trial, deeper: Trial) -> None:
    steps = by_id(experiment, target, trial, deeper)
    assert {"prepare", "bias-pre", "train-default", "train-deeper", "register-deeper"} <= steps.keys()
    assert steps["prepare"].trials == steps["bias-pre"].trials == {"default", "deeper"}
    assert steps["train-deeper"].arguments["train"] == Ref("prepare", "train")
    assert steps["evaluate-deeper"].arguments["model"] == Ref("model-deeper", "model")
    assert steps["register-deeper"].gates == ("gate-deeper",)


def test_equal_trials_have_all_their_steps_in_common(experiment: Experiment, target: Target, trial: Trial) -> None:
    alone = [step for step in plan(experiment, target, SOURCES) if step.id != "finish"]
    steps = by_id(experiment, target, trial, replace(trial, name="again"))
    assert [step.id for step in alone] == [name for name in steps if name != "finish"]


def test_several_shared_steps_of_a_kind_have_ids_of_their_own(
    experiment: Experiment, target: Target, trial: Trial, deeper: Trial
) -> None:
    trials = [trial, replace(trial, name="2"), deeper, replace(deeper, name="deeper-2")]
    steps = by_id(experiment, target, *trials)
    assert {step.id: step.trials for step in steps.values() if step.component == "train"} == {
        "train": {"default", "2"},
        "train-3": {"deeper", "deeper-2"},
    }


def test_a_shared_job_names_no_trial_and_is_associated_with_each(
    experiment: Experiment, target: Target, trial: Trial, deeper: Trial
) -> None:
    steps = by_id(experiment, target, trial, deeper)
    shared, own = request(steps["bias-pre"]), request(steps["train-deeper"])
    assert "ExperimentConfig" not in shared
    assert steps["bias-pre"].arguments["trials"] == ["loans-default", "loans-deeper"]
    assert own["ExperimentConfig"]["TrialName"] == "loans-deeper"
    assert "trials" not in steps["train-deeper"].arguments


def test_a_jobs_name_does_not_hang_on_its_trial(
    experiment: Experiment, target: Target, trial: Trial, deeper: Trial
) -> None:
    """A job that is done already is found again when the experiment is given another trial."""
    alone = {step.id: step for step in plan(experiment, target, SOURCES)}
    together = by_id(experiment, target, trial, deeper)
    first, second = alone["train"].arguments, together["train-default"].arguments
    assert first["prefix"] == second["prefix"]
    assert without_trial(alone["train"]) == without_trial(together["train-default"])


def test_the_best_trial_is_selected_before_any_is_registered(
    experiment: Experiment, target: Target, trial: Trial, deeper: Trial
) -> None:
    steps = by_id(experiment, target, trial, deeper, select=Select("test:auc", "maximize"))
    assert steps["select"].despite
    assert steps["select"].arguments["candidates"] == [
        {"trial": "default", "measured": "evaluate-default", "gate": "gate-default"},
        {"trial": "deeper", "measured": "evaluate-deeper", "gate": "gate-deeper"},
    ]
    assert steps["register-deeper"].arguments["selected"] == Ref("select", "trial")
    assert steps["register-deeper"].arguments["trials"] == ["deeper"]


def test_a_gate_that_compares_waits_for_what_it_compares_with(
    experiment: Experiment, target: Target, trial: Trial, deeper: Trial
) -> None:
    gates = (
        Gate("test:auc", None, None, 0, None, "default"),
        Gate("validation:logloss", None, None, None, 0, "default"),
        Gate(None, "DPPL", "sex", None, 0, "default"),
    )
    step = by_id(experiment, target, trial, replace(deeper, gates=gates))["gate-deeper"]
    assert {"evaluate-default", "train-default", "bias-pre", "bias-post-default"} <= step.needs
    asked: Any = step.arguments["gates"]
    assert [gate["against"]["steps"] for gate in asked] == [
        ["evaluate-default"],
        ["train-default"],
        ["bias-pre", "bias-post-default"],
    ]


def request(step: Step) -> Mapping[str, Any]:
    found: Any = step.arguments["request"]
    return dict(found)


def without_trial(step: Step) -> Mapping[str, Any]:
    return {name: value for name, value in request(step).items() if name != "ExperimentConfig"}


def test_one_trial_is_planned_as_if_there_were_no_trials(steps: Plan) -> None:
    assert {step.id for step in steps if step.trials != {"default"}} == set()

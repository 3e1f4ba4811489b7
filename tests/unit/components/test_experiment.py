"""The experiment component: an experiment and its trials, made once and used ever after."""

from typing import Any

import pytest
from specimen_components import experiment
from specimen_components.interface import EXPERIMENT
from specimen_components.jsondata import Json
from specimen_components.problems import Failure, Unusable

EXPERIMENT_ARN = "arn:aws:sagemaker:eu-west-1:111122223333:experiment/demo"
TRIAL_ARN = "arn:aws:sagemaker:eu-west-1:111122223333:experiment-trial/demo-default"
ARGUMENTS: dict[str, Json] = {
    "request": {"ExperimentName": "demo", "Tags": [{"Key": "team", "Value": "risk"}]},
    "trials": [{"TrialName": "demo-default", "ExperimentName": "demo"}],
}
OURS = {"Tags": [{"Key": "specimen:managed", "Value": "true"}]}
TAGS = [{"Key": "specimen:managed", "Value": "true"}, {"Key": "specimen:run", "Value": "r-1"}]


def has_experiment(script: Any) -> None:
    script.answers("sagemaker:describe_experiment", {"ExperimentName": "demo", "ExperimentArn": EXPERIMENT_ARN})


def has_trial(script: Any, of: str = "demo") -> None:
    found = {"TrialName": "demo-default", "TrialArn": TRIAL_ARN, "ExperimentName": of}
    script.answers("sagemaker:describe_trial", found)


def test_both_are_made_with_a_tag_that_says_whose_they_are(script: Any, make_call: Any) -> None:
    script.refuses("sagemaker:describe_experiment", "ResourceNotFound", "Experiment 'demo' does not exist.")
    asked = {"ExperimentName": "demo", "Tags": [{"Key": "team", "Value": "risk"}, *TAGS]}
    script.answers("sagemaker:create_experiment", {"ExperimentArn": EXPERIMENT_ARN}, asked)
    has_experiment(script)
    script.refuses("sagemaker:describe_trial", "ResourceNotFound", "Trial 'demo-default' does not exist.")
    asked = {"TrialName": "demo-default", "ExperimentName": "demo", "Tags": TAGS}
    script.answers("sagemaker:create_trial", {"TrialArn": TRIAL_ARN}, asked)
    has_trial(script)
    script.records()
    result = experiment.work(make_call(EXPERIMENT, ARGUMENTS))
    assert result.outputs == {"experiment": "demo"}
    assert result.details == {"experiment": "demo", "trials": ["demo-default"]}


def test_both_are_found_again(script: Any, make_call: Any, capsys: pytest.CaptureFixture[str]) -> None:
    has_experiment(script)
    script.answers("sagemaker:list_tags", OURS, {"ResourceArn": EXPERIMENT_ARN})
    has_trial(script)
    script.answers("sagemaker:list_tags", OURS, {"ResourceArn": TRIAL_ARN})
    script.records()
    experiment.work(make_call(EXPERIMENT, ARGUMENTS))
    assert capsys.readouterr().out.splitlines() == ["Experiment demo: reused", "Trial demo-default: reused"]


def test_a_trial_of_another_experiment_is_refused(script: Any, make_call: Any) -> None:
    has_experiment(script)
    script.answers("sagemaker:list_tags", OURS)
    has_trial(script, of="other")
    script.answers("sagemaker:list_tags", OURS)
    script.records()
    with pytest.raises(Failure, match="trial demo-default belongs to experiment other"):
        experiment.work(make_call(EXPERIMENT, ARGUMENTS))


def test_a_trial_that_is_no_request_is_refused(script: Any, make_call: Any) -> None:
    has_experiment(script)
    script.answers("sagemaker:list_tags", OURS)
    script.records()
    with pytest.raises(Unusable, match="CreateTrial"):
        experiment.work(make_call(EXPERIMENT, {**ARGUMENTS, "trials": ["demo-default"]}))

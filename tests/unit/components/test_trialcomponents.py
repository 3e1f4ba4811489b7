"""A job that several trials share is shown in each of them."""

from datetime import UTC, datetime
from typing import Any

from specimen_components import resources, trialcomponents
from specimen_components.interface import BIAS

DESCRIBED = {"TrialComponentArn": "arn:aws:sagemaker:eu-west-1:111122223333:experiment-trial-component/c"}


def test_a_shared_job_is_associated_with_every_trial_once_its_component_is_there(
    script: Any, make_call: Any, clock: Any
) -> None:
    script.refuses("sagemaker:describe_trial_component", "ResourceNotFound")
    script.answers("sagemaker:describe_trial_component", {**DESCRIBED, "CreationTime": datetime.now(UTC)})
    for trial in ("loans-a", "loans-b"):
        asked = {"TrialComponentName": "job-1-aws-processing-job", "TrialName": trial}
        script.answers("sagemaker:associate_trial_component", {}, asked)
    call = make_call(BIAS, {"trials": ["loans-a", "loans-b"]})
    trialcomponents.associate(call, resources.PROCESSING_JOB, ["job-1"])
    assert len(clock.slept) == 1


def test_a_job_of_one_trial_names_it_itself(make_call: Any) -> None:
    trialcomponents.associate(make_call(BIAS, {}), resources.PROCESSING_JOB, ["job-1"])


def test_a_component_that_never_comes_fails_no_step(script: Any, make_call: Any, capsys: Any) -> None:
    for _ in range(6):
        script.refuses("sagemaker:describe_trial_component", "ResourceNotFound")
    trialcomponents.associate(make_call(BIAS, {"trials": ["loans-a"]}), resources.TRAINING_JOB, ["job-1"])
    assert "job-1-aws-training-job has not appeared" in capsys.readouterr().out


def test_after_one_component_that_does_not_come_others_are_not_waited_for(
    script: Any, make_call: Any, clock: Any, capsys: Any
) -> None:
    for _ in range(7):
        script.refuses("sagemaker:describe_trial_component", "ResourceNotFound")
    script.answers("sagemaker:describe_trial_component", {**DESCRIBED, "CreationTime": datetime.now(UTC)})
    asked = {"TrialComponentName": "job-3-aws-training-job", "TrialName": "loans-a"}
    script.answers("sagemaker:associate_trial_component", {}, asked)
    call = make_call(BIAS, {"trials": ["loans-a"]})
    trialcomponents.associate(call, resources.TRAINING_JOB, ["job-1", "job-2", "job-3"])
    assert clock.now() < 2 * call.pace.late
    assert capsys.readouterr().out.count("has not appeared") == 2

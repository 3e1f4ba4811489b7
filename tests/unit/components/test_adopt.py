"""Create, adopt, reuse, try again, give up: what a job's past means for this run."""

from datetime import UTC, datetime
from typing import Any

import pytest
from specimen_components import adopt, naming, requests
from specimen_components.interface import EXPERIMENT, MODEL, TRAIN
from specimen_components.jsondata import Json
from specimen_components.problems import Failure, Refused, Stopped, Unreachable
from specimen_components.resources import EXPERIMENT as EXPERIMENT_TYPE
from specimen_components.resources import MODEL as MODEL_TYPE
from specimen_components.resources import TRAINING_JOB

REQUEST: dict[str, Json] = {
    "TrainingJobName": {"$ref": "name"},
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "RoleArn": "arn:aws:iam::111122223333:role/role",
    "OutputDataConfig": {"S3OutputPath": "s3://b/out"},
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1.0, "VolumeSizeInGB": 5.0},
    "StoppingCondition": {"MaxRuntimeInSeconds": 600.0},
}
DESCRIBE, CREATE, TAGS = "sagemaker:describe_training_job", "sagemaker:create_training_job", "sagemaker:list_tags"
STREAMS, EVENTS = "logs:describe_log_streams", "logs:get_log_events"


def name(attempt: int = 1) -> str:
    return naming.job_name("demo", requests.request_digest(REQUEST, {}, "TrainingJobName"), attempt, 63)


def arn(attempt: int = 1) -> str:
    return f"arn:aws:sagemaker:eu-west-1:111122223333:training-job/{name(attempt)}"


def described(status: str, attempt: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name(attempt),
        "TrainingJobArn": arn(attempt),
        "ModelArtifacts": {"S3ModelArtifacts": "s3://b/out/model.tar.gz"},
        "TrainingJobStatus": status,
        "SecondaryStatus": {"InProgress": "Training"}.get(status, status),
        "AlgorithmSpecification": {"TrainingInputMode": "File"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "CreationTime": datetime.now(UTC),
        **more,
    }


def absent(script: Any) -> None:
    script.refuses(DESCRIBE, "ValidationException", "Requested resource not found.")


def tagged(script: Any, run: str, attempt: int = 1) -> None:
    tags = [{"Key": "specimen:run", "Value": run}]
    script.answers(TAGS, {"Tags": tags}, {"ResourceArn": arn(attempt)})


def silent(script: Any, times: int) -> None:
    """A log that is not there, asked for that many times."""
    for _ in range(times):
        script.refuses(STREAMS, "ResourceNotFoundException", "The specified log group does not exist.")


def train(make_call: Any) -> adopt.Owned:
    return adopt.job(make_call(TRAIN, {}), TRAINING_JOB, "demo", REQUEST)


def test_an_absent_job_is_created_with_the_run_on_it_and_waited_for(script: Any, make_call: Any, clock: Any) -> None:
    absent(script)
    sent = {
        **REQUEST,
        "TrainingJobName": name(),
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        "Tags": [{"Key": "specimen:run", "Value": "r-1"}],
    }
    script.answers(CREATE, {"TrainingJobArn": arn()}, sent)
    for status in ("InProgress", "InProgress", "InProgress", "Completed"):
        script.answers(DESCRIBE, described(status), {"TrainingJobName": name()})
    silent(script, 4)
    script.records()
    found = train(make_call)
    assert (found.resource.name, found.resource.arn, found.resource.how) == (name(), arn(), "created")
    assert found.description["TrainingJobStatus"] == "Completed"
    assert clock.slept[:2] == [1.0, 1.5]


def test_a_completed_job_is_reused_without_a_create(script: Any, make_call: Any) -> None:
    script.answers(DESCRIBE, described("Completed"))
    script.records()
    assert train(make_call).resource.how == "reused"


@pytest.mark.parametrize("status", ["InProgress", "Deleting"])
def test_a_job_under_way_is_adopted(script: Any, make_call: Any, status: str) -> None:
    for state in (status, status, "Completed"):
        script.answers(DESCRIBE, described(state))
    silent(script, 3)
    script.records()
    assert train(make_call).resource.how == "adopted"


@pytest.mark.parametrize("code", ["ResourceInUse"])
def test_a_create_that_answers_in_use_is_an_adopt(script: Any, make_call: Any, code: str) -> None:
    """Somebody else was faster, or our own answer was lost and botocore asked again."""
    absent(script)
    script.refuses(CREATE, code, "Training job names must be unique ...")
    script.answers(DESCRIBE, described("Completed"))
    script.records()
    assert train(make_call).resource.how == "adopted"


def test_a_create_without_an_answer_is_asked_again_and_adopts_what_it_made(script: Any, make_call: Any) -> None:
    absent(script)
    script.refuses(CREATE, "ServiceUnavailable", "", 503)
    script.refuses(CREATE, "ResourceInUse", "")
    script.answers(DESCRIBE, described("Completed"))
    script.records()
    assert train(make_call).resource.how == "adopted"


def test_throttling_and_a_short_outage_do_not_end_a_wait(script: Any, make_call: Any) -> None:
    script.answers(DESCRIBE, described("InProgress"))
    script.refuses(DESCRIBE, "ThrottlingException", "Rate exceeded")
    script.refuses(DESCRIBE, "InternalFailure", "", 500)
    script.answers(DESCRIBE, described("Completed"))
    silent(script, 2)
    script.records()
    assert train(make_call).resource.how == "adopted"


def test_a_long_outage_ends_a_wait_and_says_so(script: Any, make_call: Any, clock: Any) -> None:
    script.answers(DESCRIBE, described("InProgress"))
    script.records()
    for _ in range(18):
        script.refuses(DESCRIBE, "ThrottlingException", "Rate exceeded")
    with pytest.raises(Unreachable, match="DescribeTrainingJob: ThrottlingException: Rate exceeded"):
        train(make_call)
    assert clock.now() > 60


def test_a_failure_of_this_run_fails_the_step_in_awss_words(script: Any, make_call: Any) -> None:
    reason = "AlgorithmError: Labels must be in [0, 1]"
    script.answers(DESCRIBE, described("Failed", FailureReason=reason))
    tagged(script, "r-1")
    script.records()
    with pytest.raises(
        Failure, match=rf"TrainingJob {name()} failed: AlgorithmError: Labels must be in \[0, 1\]"
    ) as caught:
        train(make_call)
    link = f"https://eu-west-1.console.aws.amazon.com/sagemaker/home?region=eu-west-1#/jobs/{name()}"
    assert caught.value.hint is not None and caught.value.hint.endswith(link)


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_what_an_earlier_run_ended_gives_way_to_the_next_attempt(script: Any, make_call: Any, status: str) -> None:
    script.answers(DESCRIBE, described(status, FailureReason="ClientError: no data"), {"TrainingJobName": name()})
    tagged(script, "r-0")
    script.answers(DESCRIBE, described("Failed", 2), {"TrainingJobName": name(2)})
    tagged(script, "r-0", 2)
    absent(script)
    script.answers(CREATE, {"TrainingJobArn": arn(3)})
    script.answers(DESCRIBE, described("Completed", 3), {"TrainingJobName": name(3)})
    script.records(3)
    found = train(make_call)
    assert (found.resource.name, found.resource.how) == (name(3), "created")


def test_a_stopping_job_is_waited_for_before_the_next_attempt(script: Any, make_call: Any) -> None:
    for status in ("Stopping", "Stopping", "Stopped"):
        script.answers(DESCRIBE, described(status))
    silent(script, 3)
    tagged(script, "r-0")
    script.answers(DESCRIBE, described("Completed", 2))
    script.records(2)
    assert train(make_call).resource.name == name(2)


def test_want_of_capacity_is_tried_again_in_the_same_run_but_not_for_ever(script: Any, make_call: Any) -> None:
    for attempt in (1, 2, 3):
        script.answers(DESCRIBE, described("Failed", attempt, FailureReason="CapacityError: Unable to provision"))
        tagged(script, "r-1", attempt)
    script.records(3)
    with pytest.raises(Failure, match="CapacityError") as caught:
        train(make_call)
    assert "another instance type" in str(caught.value.hint)


def test_a_job_that_was_stopped_says_so(script: Any, make_call: Any) -> None:
    script.answers(DESCRIBE, described("Stopped"))
    tagged(script, "r-1")
    script.records()
    with pytest.raises(Stopped, match="stopped"):
        train(make_call)


def test_a_job_that_ran_out_of_time_names_the_setting(script: Any, make_call: Any) -> None:
    script.answers(DESCRIBE, described("Stopped", SecondaryStatus="MaxRuntimeExceeded"))
    tagged(script, "r-1")
    script.records()
    with pytest.raises(Failure, match="maximum run time") as caught:
        train(make_call)
    assert not isinstance(caught.value, Stopped)
    assert "maxRuntime" in str(caught.value.hint)


def test_a_wait_ends_at_the_jobs_own_limit_and_a_margin(script: Any, make_call: Any, clock: Any) -> None:
    polls = 178  # pauses of 1, 1.5, 2.25, 3.4 and then 4 s
    for _ in range(polls + 1):
        script.answers(DESCRIBE, described("InProgress"))
    silent(script, polls)
    script.records()
    with pytest.raises(Failure, match="still under way after 700 s") as caught:
        train(make_call)
    assert "goes on waiting" in str(caught.value.hint)
    assert 700 < clock.now() < 710


def test_a_refusal_to_create_is_awss_own_message(script: Any, make_call: Any) -> None:
    absent(script)
    script.refuses(CREATE, "AccessDeniedException", "User x is not authorized to perform: sagemaker:CreateTrainingJob")
    with pytest.raises(Refused, match="CreateTrainingJob: AccessDeniedException: User x") as caught:
        train(make_call)
    assert "policy" in str(caught.value.hint)


def test_a_job_that_never_shows_is_no_endless_wait(script: Any, make_call: Any) -> None:
    absent(script)
    script.answers(CREATE, {"TrainingJobArn": arn()})
    for _ in range(6):
        absent(script)
    with pytest.raises(Failure, match="does not appear"):
        train(make_call)


def test_log_lines_are_said_as_they_come(script: Any, make_call: Any, capsys: pytest.CaptureFixture[str]) -> None:
    stream = {"logStreams": [{"logStreamName": f"{name()}/algo-1-17"}]}
    for status in ("InProgress", "InProgress", "Completed"):
        script.answers(DESCRIBE, described(status))
    script.answers(STREAMS, stream)
    script.answers(EVENTS, {"events": [{"message": "one\n"}], "nextForwardToken": "f/1"})
    script.answers(EVENTS, {"events": [], "nextForwardToken": "f/1"})
    script.answers(STREAMS, stream)
    script.answers(EVENTS, {"events": [{"message": "two"}], "nextForwardToken": "f/2"})
    script.answers(EVENTS, {"events": [], "nextForwardToken": "f/2"})
    script.answers(STREAMS, stream)
    script.answers(EVENTS, {"events": [], "nextForwardToken": "f/2"})
    script.records()
    train(make_call)
    assert capsys.readouterr().out.splitlines() == [
        f"TrainingJob {name()}: adopted",
        "Training",
        "one",
        "Completed",
        "two",
    ]


def test_a_model_is_there_once_it_is_created(script: Any, make_call: Any) -> None:
    request: dict[str, Json] = {
        "ModelName": {"$ref": "name"},
        "ExecutionRoleArn": "arn:aws:iam::111122223333:role/role",
    }
    model = "arn:aws:sagemaker:eu-west-1:111122223333:model/m"
    script.refuses("sagemaker:describe_model", "ValidationException", 'Could not find model "x".')
    script.refuses("sagemaker:create_model", "ValidationException", 'Cannot create already existing model "x".')
    described = {"ModelName": "m", "ModelArn": model, "CreationTime": datetime.now(UTC)}
    script.answers("sagemaker:describe_model", described)
    script.records()
    assert adopt.job(make_call(MODEL, {}), MODEL_TYPE, "m", request).resource.how == "adopted"


def test_a_stable_name_that_is_not_ours_is_used_and_said(
    script: Any, make_call: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    described = {"ExperimentName": "e", "ExperimentArn": "arn:aws:sagemaker:eu-west-1:111122223333:experiment/e"}
    script.answers("sagemaker:describe_experiment", described)
    script.answers(TAGS, {"Tags": []})
    assert adopt.stable(make_call(EXPERIMENT, {}), EXPERIMENT_TYPE, {"ExperimentName": "e"}).resource.how == "reused"
    assert "not made by Specimen" in capsys.readouterr().out

"""`finish` stops what still goes, writes the report whatever happened, and fails when the run did."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from specimen_components.clients import Aws
from specimen_components.command import Call
from specimen_components.environment import Environment
from specimen_components.finish import versions, work
from specimen_components.interface import FINISH
from specimen_components.records import Recorder

from tests.fakes import Buckets

ROOT = "s3://b/runs/r-1"
EXPERIMENT: dict[str, Any] = {
    "name": "demo",
    "labels": {},
    "document": {},
    "digest": "d",
    "target": {"name": "local", "region": "eu-west-1"},
    "trials": ["default"],
    "steps": [
        {"id": "train", "component": "train", "trials": ["default"], "needs": []},
        {"id": "model", "component": "model", "trials": ["default"], "needs": ["train"]},
    ],
}
KINDS = ("hyper_parameter_tuning", "training", "processing", "transform")
ARN = "arn:aws:sagemaker:eu-west-1:111122223333:training-job/job-1"


def record(step: str, state: str = "Succeeded", **members: Any) -> str:
    document: dict[str, Any] = {
        "step": step,
        "component": step,
        "run": "r-1",
        "state": state,
        "outputs": {},
        "details": {},
        "reason": None,
        "hint": None,
        "started": "2026-01-01T00:00:00.000+00:00",
        "ended": "2026-01-01T00:00:02.500+00:00",
        "resource": None,
    }
    return json.dumps(document | members)


@pytest.fixture
def buckets() -> Buckets:
    made = Buckets()
    made.put(f"{ROOT}/train.json", record("train"))
    made.put(f"{ROOT}/model.json", record("model"))
    made.put(f"{ROOT}/finish.json", record("finish", "Running"))
    made.put("s3://b/runs/r-10/train.json", record("train", "Failed"))
    return made


@pytest.fixture
def call(script: Any, clock: Any, make_call: Any, buckets: Buckets) -> Call:
    aws = Aws(Environment("eu-west-1", None, local=True), lambda name: buckets if name == "s3" else script.client(name))
    recorder = Recorder(aws, f"{ROOT}/finish.json", "finish", "r-1")
    return Call(FINISH, "r-1", {"experiment": EXPERIMENT}, aws, recorder, clock, make_call(FINISH, {}).pace)


@pytest.fixture
def idle(script: Any) -> Callable[[], None]:
    """No job is in progress."""

    def nothing() -> None:
        for kind in KINDS:
            member = f"{kind.title().replace('_', '')}JobSummaries"
            script.answers(f"sagemaker:list_{kind}_jobs", {member: []}, {"StatusEquals": "InProgress"})

    return nothing


def test_a_run_that_went_well_succeeds_with_a_report(call: Call, idle: Callable[[], None], buckets: Buckets) -> None:
    idle()
    result = work(call)
    assert result.failure is None
    assert result.details["report"] == f"{ROOT}/report.html"
    assert buckets.text(f"{ROOT}/report.html") == result.artifacts["report"]
    assert "Succeeded: 2 of 2 steps done before this report" in str(result.artifacts["report"])


def test_a_failed_step_fails_the_run_with_its_reason(call: Call, idle: Callable[[], None], buckets: Buckets) -> None:
    idle()
    buckets.put(f"{ROOT}/train.json", record("train", "Failed", reason="no such bucket", hint="Make it."))
    del buckets.objects[f"{ROOT}/model.json"]
    result = work(call)
    assert str(result.failure) == "the run failed: step train failed: no such bucket"
    assert result.failure is not None
    assert result.failure.hint == "Make it."
    assert "Why this run failed" in buckets.text(f"{ROOT}/report.html")


def test_on_kubeflow_a_failure_says_where_the_report_is(call: Call, idle: Callable[[], None], buckets: Buckets) -> None:
    """A local run has it as a file, and names that."""
    idle()
    buckets.put(f"{ROOT}/train.json", record("train", "Failed", reason="no such bucket", hint="Make it."))
    remote = Aws(Environment("eu-west-1", None, local=False), call.aws.client)
    failure = work(replace(call, aws=remote)).failure
    assert failure is not None
    assert failure.hint == f"Make it. The report: {ROOT}/report.html"


def test_no_record_at_all_still_gives_a_report(call: Call, idle: Callable[[], None], buckets: Buckets) -> None:
    idle()
    for step in ("train", "model"):
        del buckets.objects[f"{ROOT}/{step}.json"]
    result = work(call)
    assert "step train did not start: All that it needs was done" in str(result.failure)
    assert "step model" not in str(result.failure)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"step": "train"}'])
def test_a_file_that_is_no_record_is_passed_over(
    call: Call, idle: Callable[[], None], buckets: Buckets, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    idle()
    buckets.put(f"{ROOT}/zzz.json", content)
    if content == '{"step": "train"}':
        assert "it was interrupted, or ended from outside, before it could say how" in str(work(call).failure)
    else:
        assert work(call).failure is None
        assert "zzz.json is no record of a step" in capsys.readouterr().out


def test_a_job_of_this_run_is_stopped_and_another_is_not(call: Call, script: Any) -> None:
    summary = {"CreationTime": 0, "TrainingJobStatus": "InProgress"}
    jobs = [{**summary, "TrainingJobName": f"job-{n}", "TrainingJobArn": ARN.replace("-1", f"-{n}")} for n in (1, 2)]
    script.answers("sagemaker:list_hyper_parameter_tuning_jobs", {"HyperParameterTuningJobSummaries": []})
    script.answers("sagemaker:list_training_jobs", {"TrainingJobSummaries": jobs})
    script.answers("sagemaker:list_tags", {"Tags": [{"Key": "specimen:run", "Value": "r-1"}]})
    script.answers("sagemaker:stop_training_job", {}, {"TrainingJobName": "job-1"})
    script.answers("sagemaker:list_tags", {"Tags": [{"Key": "specimen:run", "Value": "r-2"}]})
    script.answers("sagemaker:list_processing_jobs", {"ProcessingJobSummaries": []})
    script.answers("sagemaker:list_transform_jobs", {"TransformJobSummaries": []})
    result = work(call)
    assert result.details["stopped"] == ["TrainingJob job-1 was still going and was stopped."]
    assert "job-1 was still going" in str(result.artifacts["report"])


def test_the_job_of_a_rule_is_left_to_end_after_its_training_job(call: Call, script: Any) -> None:
    """A later run reuses the training, and SageMaker starts no rule of it again."""
    summary = {"CreationTime": 0, "ProcessingJobStatus": "InProgress"}
    place = ARN.replace("training-job/job-1", "processing-job/")
    jobs = [{**summary, "ProcessingJobName": name, "ProcessingJobArn": place + name} for name in ("rule", "bias")]
    told = {
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 5}
        },
        "AppSpecification": {"ImageUri": "rules"},
    }
    script.answers("sagemaker:list_hyper_parameter_tuning_jobs", {"HyperParameterTuningJobSummaries": []})
    script.answers("sagemaker:list_training_jobs", {"TrainingJobSummaries": []})
    script.answers("sagemaker:list_processing_jobs", {"ProcessingJobSummaries": jobs})
    for job, bound in zip(jobs, ({"TrainingJobArn": ARN}, {}), strict=True):
        script.answers("sagemaker:list_tags", {"Tags": [{"Key": "specimen:run", "Value": "r-1"}]})
        script.answers("sagemaker:describe_processing_job", {**job, **told, **bound})
    script.answers("sagemaker:stop_processing_job", {}, {"ProcessingJobName": "bias"})
    script.answers("sagemaker:list_transform_jobs", {"TransformJobSummaries": []})
    assert work(call).details["stopped"] == ["ProcessingJob bias was still going and was stopped."]


def test_a_tuning_job_is_stopped_before_its_training_jobs(call: Call, script: Any) -> None:
    tuning = {
        "HyperParameterTuningJobName": "search",
        "HyperParameterTuningJobArn": ARN.replace("training-job/job-1", "hyper-parameter-tuning-job/search"),
        "HyperParameterTuningJobStatus": "InProgress",
        "Strategy": "Random",
        "CreationTime": 0,
        "TrainingJobStatusCounters": {},
        "ObjectiveStatusCounters": {},
    }
    script.answers("sagemaker:list_hyper_parameter_tuning_jobs", {"HyperParameterTuningJobSummaries": [tuning]})
    script.answers("sagemaker:list_tags", {"Tags": [{"Key": "specimen:run", "Value": "r-1"}]})
    script.answers("sagemaker:stop_hyper_parameter_tuning_job", {}, {"HyperParameterTuningJobName": "search"})
    for kind in KINDS[1:]:
        script.answers(f"sagemaker:list_{kind}_jobs", {f"{kind.capitalize()}JobSummaries": []})
    assert work(call).details["stopped"] == ["HyperParameterTuningJob search was still going and was stopped."]


def test_a_job_that_ended_meanwhile_is_no_problem(call: Call, script: Any) -> None:
    job = {"TrainingJobName": "job-1", "TrainingJobArn": ARN, "CreationTime": 0, "TrainingJobStatus": "InProgress"}
    script.answers("sagemaker:list_hyper_parameter_tuning_jobs", {"HyperParameterTuningJobSummaries": []})
    script.answers("sagemaker:list_training_jobs", {"TrainingJobSummaries": [job]})
    script.answers("sagemaker:list_tags", {"Tags": [{"Key": "specimen:run", "Value": "r-1"}]})
    script.refuses("sagemaker:stop_training_job", "ValidationException", "The job is Completed")
    script.refuses("sagemaker:describe_training_job", "ValidationException", "Requested resource not found.")
    script.answers("sagemaker:list_processing_jobs", {"ProcessingJobSummaries": []})
    script.answers("sagemaker:list_transform_jobs", {"TransformJobSummaries": []})
    result = work(call)
    assert result.failure is None
    assert "ended by itself before it could be stopped" in str(result.details["stopped"])


def test_a_refused_listing_ends_no_report(call: Call, script: Any) -> None:
    for kind in KINDS:
        script.refuses(f"sagemaker:list_{kind}_jobs", "AccessDeniedException", "no")
    result = work(call)
    assert "Whether a TrainingJob of this run still goes could not be told" in str(result.artifacts["report"])
    assert result.failure is None


def test_versions_name_what_computed_the_figures() -> None:
    assert {"Python", "scikit-learn"} <= versions().keys()
    assert versions().keys() & {"xgboost", "xgboost-cpu"}


def test_a_job_that_cannot_be_stopped_is_told(call: Call, script: Any) -> None:
    job = {"TrainingJobName": "job-1", "TrainingJobArn": ARN, "CreationTime": 0, "TrainingJobStatus": "InProgress"}
    described = {
        **job,
        "ModelArtifacts": {"S3ModelArtifacts": ""},
        "AlgorithmSpecification": {"TrainingInputMode": "File"},
        "SecondaryStatus": "Training",
        "ResourceConfig": {"VolumeSizeInGB": 5},
        "StoppingCondition": {},
    }
    script.answers("sagemaker:list_hyper_parameter_tuning_jobs", {"HyperParameterTuningJobSummaries": []})
    script.answers("sagemaker:list_training_jobs", {"TrainingJobSummaries": [job]})
    script.answers("sagemaker:list_tags", {"Tags": [{"Key": "specimen:run", "Value": "r-1"}]})
    script.refuses("sagemaker:stop_training_job", "AccessDeniedException", "not allowed")
    script.answers("sagemaker:describe_training_job", described)
    script.answers("sagemaker:list_processing_jobs", {"ProcessingJobSummaries": []})
    script.answers("sagemaker:list_transform_jobs", {"TransformJobSummaries": []})
    result = work(call)
    assert "StopTrainingJob: AccessDeniedException: not allowed" in str(result.artifacts["report"])
    assert result.details["stopped"] == []


@pytest.mark.parametrize("keep", [True, False])
def test_an_endpoint_that_may_be_left_fails_the_run(
    call: Call, idle: Callable[[], None], script: Any, keep: bool
) -> None:
    """One that is kept is not even looked at."""
    idle()
    if not keep:
        script.refuses("sagemaker:describe_endpoint", "AccessDeniedException", "not you")
        script.refuses("sagemaker:describe_endpoint", "AccessDeniedException", "not you")
    experiment = {**EXPERIMENT, "hosting": {"name": "digits", "keep": keep}}
    result = work(replace(call, arguments={"experiment": experiment}))
    assert (result.failure is None) is keep
    if result.failure:
        assert "Endpoint digits of this run may be left, and may cost money" in str(result.failure)
        assert "specimen endpoint delete" in str(result.failure.hint)

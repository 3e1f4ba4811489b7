"""Experiments, trials and trial components, and what jobs leave in them."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from specimen.emulator.jobs.launch import Launcher
from specimen.emulator.jobs.log import stream_file
from specimen.emulator.sagemaker.experiments import record_job

from tests.unit.emulator.conftest import ARN, Cloud

JOB: dict[str, Any] = {
    "TrainingJobName": "job",
    "TrainingJobArn": f"{ARN}training-job/job",
    "TrainingJobStatus": "InProgress",
    "SecondaryStatus": "Starting",
    "AlgorithmSpecification": {
        "TrainingImage": "registry/image:1",
        "MetricDefinitions": [{"Name": "validation:auc", "Regex": r".*auc:(\S+)"}],
    },
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
    "HyperParameters": {"eta": "0.2", "objective": "binary:logistic", "tree_method": "nan"},
    "InputDataConfig": [
        {
            "ChannelName": "train",
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/train.csv"}},
        }
    ],
    "ModelArtifacts": {"S3ModelArtifacts": "s3://bucket/job/output/model.tar.gz"},
    "CreationTime": 1_700_000_000.0,
}


def record(cloud: Cloud, kind: str, body: Mapping[str, Any]) -> None:
    with cloud.emulator.store.transaction() as tx:
        record_job(cloud.emulator.context(tx), kind, body)


def names(answer: Mapping[str, Any], member: str) -> list[str]:
    (found,) = [value for name, value in answer.items() if name.endswith("Summaries")]
    return [item[member] for item in found]


def component(cloud: Cloud, name: str) -> dict[str, Any]:
    return cloud.ask("DescribeTrialComponent", TrialComponentName=name)


@pytest.fixture
def trial(cloud: Cloud) -> Iterator[str]:
    cloud.ask("CreateExperiment", ExperimentName="Experiment-1", Description="text")
    cloud.ask("CreateTrial", TrialName="Trial-1", ExperimentName="experiment-1")
    yield "Trial-1"


def test_an_experiment_is_described_and_changed(cloud: Cloud) -> None:
    """Its ARN is in lower case, its name as given; a name is unique without regard to case."""
    arn = cloud.ask("CreateExperiment", ExperimentName="Experiment-1")["ExperimentArn"]
    assert arn == f"{ARN}experiment/experiment-1"
    before = cloud.ask("DescribeExperiment", ExperimentName="EXPERIMENT-1")
    assert (before["ExperimentName"], before["DisplayName"]) == ("Experiment-1", "Experiment-1")
    cloud.ask("UpdateExperiment", ExperimentName="Experiment-1", Description="text")
    after = cloud.ask("DescribeExperiment", ExperimentName="Experiment-1")
    assert after["Description"] == "text"
    assert after["LastModifiedTime"] > after["CreationTime"] == before["CreationTime"]
    error = cloud.refused("CreateExperiment", ExperimentName="experiment-1")
    assert error.message == (
        "Experiment names must be unique within an AWS account and region. "
        "Experiment with name (experiment-1) already exists."
    )


@pytest.mark.parametrize(
    ("operation", "request_", "message"),
    [
        ("DescribeExperiment", {"ExperimentName": "absent"}, "Experiment 'absent' does not exist."),
        ("CreateTrial", {"TrialName": "t", "ExperimentName": "absent"}, "Experiment 'absent' does not exist."),
        ("DescribeTrial", {"TrialName": "absent"}, "Trial 'absent' does not exist."),
        ("DescribeTrialComponent", {"TrialComponentName": "absent"}, "Trial Component 'absent' does not exist."),
        ("ListTrials", {"ExperimentName": "absent"}, "Experiment 'absent' does not exist."),
        ("ListTrialComponents", {"TrialName": "absent"}, "Trial 'absent' does not exist."),
    ],
)
def test_what_is_absent(cloud: Cloud, operation: str, request_: dict[str, str], message: str) -> None:
    """ResourceNotFound, with a sentence that names it."""
    error = cloud.refused(operation, **request_)
    assert (error.code, error.message) == ("ResourceNotFound", message)


def test_a_component_belongs_to_trials(cloud: Cloud, trial: str) -> None:
    """It is listed by trial and by experiment, until it is taken out."""
    cloud.ask("CreateTrialComponent", TrialComponentName="Part", DisplayName="shown")
    cloud.ask("CreateTrialComponent", TrialComponentName="Other")
    for _ in range(2):  # once more is no error
        answer = cloud.ask("AssociateTrialComponent", TrialComponentName="part", TrialName="trial-1")
    assert answer["TrialArn"] == f"{ARN}experiment-trial/trial-1"
    for where in ({"TrialName": trial}, {"ExperimentName": "Experiment-1"}):
        assert names(cloud.ask("ListTrialComponents", **where), "TrialComponentName") == ["Part"]
    assert names(cloud.ask("ListTrials", TrialComponentName="Part"), "TrialName") == [trial]
    assert names(cloud.ask("ListTrials", TrialComponentName="Other"), "TrialName") == []
    both = {"TrialName": trial, "ExperimentName": "Experiment-1"}
    assert cloud.refused("ListTrialComponents", **both).code == "ValidationException"
    cloud.ask("DisassociateTrialComponent", TrialComponentName="Part", TrialName=trial)
    assert names(cloud.ask("ListTrialComponents", TrialName=trial), "TrialComponentName") == []
    gone = {"TrialComponentName": "Part", "TrialName": trial}
    assert cloud.refused("DisassociateTrialComponent", **gone).code == "ResourceNotFound"


def test_things_are_deleted_from_the_leaves_up(cloud: Cloud, trial: str) -> None:
    """What still holds something stays."""
    cloud.ask("CreateTrialComponent", TrialComponentName="part")
    cloud.ask("AssociateTrialComponent", TrialComponentName="part", TrialName=trial)
    assert "has trials" in cloud.refused("DeleteExperiment", ExperimentName="Experiment-1").message
    assert "has trial components" in cloud.refused("DeleteTrial", TrialName=trial).message
    assert "belongs to a trial" in cloud.refused("DeleteTrialComponent", TrialComponentName="part").message
    cloud.ask("DisassociateTrialComponent", TrialComponentName="part", TrialName=trial)
    cloud.ask("DeleteTrialComponent", TrialComponentName="part")
    cloud.ask("DeleteTrial", TrialName=trial)
    cloud.ask("DeleteExperiment", ExperimentName="Experiment-1")
    assert cloud.ask("ListExperiments")["ExperimentSummaries"] == []
    cloud.ask("CreateExperiment", ExperimentName="Experiment-1")


def test_a_component_is_changed_in_parts(cloud: Cloud) -> None:
    """Parameters and artifacts are added to those it has, and taken away by name."""
    cloud.ask(
        "CreateTrialComponent",
        TrialComponentName="part",
        Parameters={"a": {"NumberValue": 1.0}, "b": {"StringValue": "x"}},
        InputArtifacts={"data": {"Value": "s3://bucket/data"}},
    )
    cloud.ask(
        "UpdateTrialComponent",
        TrialComponentName="part",
        Status={"PrimaryStatus": "Completed", "Message": "done"},
        Parameters={"c": {"NumberValue": 3.0}},
        ParametersToRemove=["a", "absent"],
        OutputArtifacts={"model": {"Value": "s3://bucket/model", "MediaType": "application/x-tar"}},
    )
    found = component(cloud, f"{ARN}experiment-trial-component/part")
    assert found["Parameters"] == {"b": {"StringValue": "x"}, "c": {"NumberValue": 3.0}}
    assert found["InputArtifacts"] == {"data": {"Value": "s3://bucket/data"}}
    assert found["OutputArtifacts"] == {"model": {"Value": "s3://bucket/model", "MediaType": "application/x-tar"}}
    assert found["Status"] == {"PrimaryStatus": "Completed", "Message": "done"}


def test_lists_are_sorted_bounded_and_paged(cloud: Cloud) -> None:
    """Newest first unless asked otherwise."""
    for name in ("b", "c", "a"):
        cloud.ask("CreateExperiment", ExperimentName=name)
    assert names(cloud.ask("ListExperiments"), "ExperimentName") == ["a", "c", "b"]
    order = {"SortBy": "Name", "SortOrder": "Ascending"}
    first = cloud.ask("ListExperiments", MaxResults=2, **order)
    assert names(first, "ExperimentName") == ["a", "b"]
    second = cloud.ask("ListExperiments", MaxResults=2, NextToken=first["NextToken"], **order)
    assert names(second, "ExperimentName") == ["c"]
    assert "NextToken" not in second
    middle = cloud.ask("DescribeExperiment", ExperimentName="c")["CreationTime"]
    assert names(cloud.ask("ListExperiments", CreatedAfter=middle, **order), "ExperimentName") == ["a", "c"]
    assert names(cloud.ask("ListExperiments", CreatedBefore=middle, **order), "ExperimentName") == ["b", "c"]
    for token in ("x", "e30=", "eyJzdGFydCI6IC0xfQ=="):
        assert cloud.refused("ListExperiments", NextToken=token).message == "Invalid NextToken."


def test_a_training_job_leaves_a_component(cloud: Cloud, trial: str) -> None:
    """In the trial that it names, with what it was asked for: numbers as numbers."""
    config = {"ExperimentName": "Experiment-1", "TrialName": trial, "TrialComponentDisplayName": "Training"}
    record(cloud, "TrainingJob", {**JOB, "ExperimentConfig": config})
    found = component(cloud, "job-aws-training-job")
    assert found["DisplayName"] == "Training"
    assert found["Source"] == {"SourceArn": JOB["TrainingJobArn"], "SourceType": "SageMakerTrainingJob"}
    assert found["Parameters"] == {
        "eta": {"NumberValue": 0.2},
        "objective": {"StringValue": "binary:logistic"},
        "tree_method": {"StringValue": "nan"},
        "SageMaker.ImageUri": {"StringValue": "registry/image:1"},
        "SageMaker.InstanceType": {"StringValue": "ml.m5.xlarge"},
        "SageMaker.InstanceCount": {"NumberValue": 1.0},
        "SageMaker.VolumeSizeInGB": {"NumberValue": 5.0},
    }
    assert found["InputArtifacts"] == {"train": {"Value": "s3://bucket/train.csv", "MediaType": "text/csv"}}
    assert found["OutputArtifacts"] == {"SageMaker.ModelArtifact": {"Value": "s3://bucket/job/output/model.tar.gz"}}
    assert found["Status"]["PrimaryStatus"] == "InProgress"
    by_source = cloud.ask("ListTrialComponents", SourceArn=JOB["TrainingJobArn"])
    by_trial = cloud.ask("ListTrialComponents", TrialName=trial)
    assert names(by_source, "TrialComponentName") == names(by_trial, "TrialComponentName") == ["job-aws-training-job"]


def test_a_channel_may_say_more_than_a_media_type(cloud: Cloud) -> None:
    """A component's artifact cannot hold it, so that it is left out."""
    channel = {**JOB["InputDataConfig"][0], "ContentType": "text/csv;label_size=0"}
    record(cloud, "TrainingJob", {**JOB, "InputDataConfig": [channel]})
    assert component(cloud, "job-aws-training-job")["InputArtifacts"] == {"train": {"Value": "s3://bucket/train.csv"}}


def test_a_job_names_a_trial_that_exists(cloud: Cloud, trial: str) -> None:
    """One that does not keeps the job from being created."""
    for config in ({"TrialName": "absent"}, {"ExperimentName": "absent", "TrialName": trial}):
        with pytest.raises(Exception, match="'absent' does not exist"):
            record(cloud, "TrainingJob", {**JOB, "ExperimentConfig": config})
    assert names(cloud.ask("ListTrialComponents"), "TrialComponentName") == []


def test_a_finished_job_shows_its_metrics_and_its_model(cloud: Cloud) -> None:
    """Over the whole log, and the model in the lineage once it is there."""
    record(cloud, "TrainingJob", JOB)
    log = stream_file(cloud.emulator.state, "/aws/sagemaker/TrainingJobs", "job/algo-1-1")
    log.parent.mkdir(parents=True)
    log.write_text("1000 [0]#011auc:0.5\n2000 nothing\n3000 [1]#011auc:0.7\n4000 auc:none\n")
    assert produced(cloud) == []
    done = {
        "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed",
        "TrainingStartTime": 1.0,
        "TrainingEndTime": 9.0,
    }
    record(cloud, "TrainingJob", {**JOB, **done})
    found = component(cloud, "job-aws-training-job")
    (metric,) = found["Metrics"]
    assert metric == {
        "MetricName": "validation:auc",
        "SourceArn": JOB["TrainingJobArn"],
        "TimeStamp": 3.0,
        "Max": 0.7,
        "Min": 0.5,
        "Last": 0.7,
        "Count": 2,
        "Avg": pytest.approx(0.6),
        "StdDev": pytest.approx(0.1),
    }
    assert (found["StartTime"], found["EndTime"]) == (1.0, 9.0)
    assert found["Status"]["Message"] == "Status: Completed, secondary status: Completed, failure reason: ."
    assert produced(cloud) == ["Model"]


def produced(cloud: Cloud) -> list[str]:
    arn = f"{ARN}experiment-trial-component/job-aws-training-job"
    found = cloud.ask("ListAssociations", SourceArn=arn, AssociationType="Produced")["AssociationSummaries"]
    return [item["DestinationType"] for item in found]


def test_a_failed_job_leaves_no_model_in_the_lineage(cloud: Cloud) -> None:
    """Its inputs are there, and its reason in the component."""
    failed = {"TrainingJobStatus": "Failed", "SecondaryStatus": "Failed", "FailureReason": "AlgorithmError: it fell"}
    record(cloud, "TrainingJob", {**JOB, **failed})
    assert "AlgorithmError: it fell" in component(cloud, "job-aws-training-job")["Status"]["Message"]
    assert produced(cloud) == []
    arn = f"{ARN}experiment-trial-component/job-aws-training-job"
    inputs = cloud.ask("ListAssociations", DestinationArn=arn)["AssociationSummaries"]
    assert sorted(item["SourceType"] for item in inputs) == ["DataSet", "Image"]


def test_processing_and_transform_jobs_leave_components_too(cloud: Cloud) -> None:
    """With their own inputs and outputs."""
    processing = {
        "ProcessingJobName": "p",
        "ProcessingJobArn": f"{ARN}processing-job/p",
        "ProcessingJobStatus": "Completed",
        "AppSpecification": {"ImageUri": "registry/image:1"},
        "ProcessingResources": {"ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1}},
        "ProcessingInputs": [{"InputName": "in", "S3Input": {"S3Uri": "s3://bucket/in"}}],
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": {"S3Uri": "s3://bucket/out"}}]},
    }
    record(cloud, "ProcessingJob", processing)
    found = component(cloud, "p-aws-processing-job")
    assert found["InputArtifacts"] == {"in": {"Value": "s3://bucket/in"}}
    assert found["OutputArtifacts"] == {"out": {"Value": "s3://bucket/out"}}
    transform = {
        "TransformJobName": "t",
        "TransformJobArn": f"{ARN}transform-job/t",
        "TransformJobStatus": "Stopped",
        "ModelName": "model",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3Uri": "s3://bucket/out"}}, "ContentType": "text/csv"},
        "TransformOutput": {"S3OutputPath": "s3://bucket/predictions"},
        "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
    }
    record(cloud, "TransformJob", transform)
    found = component(cloud, "t-aws-transform-job")
    assert found["Parameters"]["SageMaker.ModelName"] == {"StringValue": "model"}
    assert found["Status"]["PrimaryStatus"] == "Stopped"
    artifacts = cloud.ask("ListArtifacts", SourceUri="s3://bucket/out")["ArtifactSummaries"]
    assert len(artifacts) == 1  # what one job wrote and another one read is one thing


def test_a_job_that_runs_nowhere_is_seen_to_fail(cloud: Cloud) -> None:
    """The component of a job is as the job is now, also if nobody described the job since."""
    assert isinstance(cloud.emulator.launcher, Launcher)
    cloud.ask(
        "CreateTrainingJob",
        TrainingJobName="job",
        RoleArn="arn:aws:iam::111122223333:role/sagemaker",
        AlgorithmSpecification={"TrainingImage": "unheard:1", "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": "s3://models/out"},
        ResourceConfig={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )
    limit = time.monotonic() + 60
    while (status := component(cloud, "job-aws-training-job")["Status"])["PrimaryStatus"] == "InProgress":
        assert time.monotonic() < limit
    assert status["PrimaryStatus"] == "Failed"
    assert "unheard:1" in status["Message"]

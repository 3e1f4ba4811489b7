"""Jobs through boto3, a real server and the real image: what a program that knows nothing of Specimen sees."""

import json
import os
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from specimen.emulator import control
from specimen.emulator.control import Server
from specimen.emulator.jobs.launch import Launcher

Eventually = Callable[[Callable[[], Any]], Any]
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
RULES = "503895931360.dkr.ecr.us-east-1.amazonaws.com/sagemaker-debugger-rules:latest"
OWN = "registry.example.com/specimen-jobs:1"
ROLE = "arn:aws:iam::111122223333:role/sagemaker"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """The state folder of a server that is stopped in the end, with all that it started."""
    yield tmp_path
    control.stop(tmp_path)
    Launcher(tmp_path / "aws").sweep(lambda kind, name: False)


def client(server: Server, service: str) -> Any:
    """Make a client of the server."""
    return boto3.client(
        service,  # type: ignore[call-overload] # by name
        endpoint_url=server.endpoint,
        region_name=server.region,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
    )


def rows(count: int) -> bytes:
    """Make rows whose label is whether two numbers add up to more than 1."""
    numbers = random.Random(7)
    pairs = [(numbers.random(), numbers.random()) for _ in range(count)]
    return "".join(f"{int(one + other > 1)},{one:.6f},{other:.6f}\n" for one, other in pairs).encode()


def create_training_job(server: Server, name: str, rounds: int, **more: Any) -> None:
    """Upload two channels and start to train on them."""
    s3 = client(server, "s3")
    s3.create_bucket(Bucket="a-bucket")
    channels = []
    for channel in ("train", "validation"):
        s3.put_object(Bucket="a-bucket", Key=f"{channel}/part.csv", Body=rows(500))
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://a-bucket/{channel}/"}
        channels.append({"ChannelName": channel, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}})
    asked = {"AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"}, **more}
    client(server, "sagemaker").create_training_job(
        TrainingJobName=name,
        HyperParameters={"num_round": str(rounds), "objective": "binary:logistic", "eval_metric": "logloss,auc"},
        RoleArn=ROLE,
        InputDataConfig=channels,
        OutputDataConfig={"S3OutputPath": "s3://a-bucket/output"},
        ResourceConfig={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
        **asked,
    )


def test_a_model_is_trained_transformed_with_and_served(state: Path, eventually: Eventually) -> None:
    server = control.start(state)
    sagemaker, s3 = client(server, "sagemaker"), client(server, "s3")
    create_training_job(server, "job", rounds=5)
    waiting = {"Delay": 0.2, "MaxAttempts": 500}
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="job", WaiterConfig=waiting)
    job = sagemaker.describe_training_job(TrainingJobName="job")
    names = {metric["MetricName"] for metric in job["FinalMetricDataList"]}
    assert names == {"train:logloss", "validation:logloss", "train:auc", "validation:auc"}
    logs = client(server, "logs")
    (stream,) = logs.describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs")["logStreams"]
    events = logs.get_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamName=stream["logStreamName"], startFromHead=True
    )["events"]
    assert any("[4]#011train-logloss:" in event["message"] for event in events)

    data = {"Image": IMAGE, "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"]}
    sagemaker.create_model(ModelName="model", PrimaryContainer=data, ExecutionRoleArn=ROLE)
    s3.put_object(Bucket="a-bucket", Key="test/test.csv", Body=b"0.1,0.1\n0.9,0.9\n")
    sagemaker.create_transform_job(
        TransformJobName="transform",
        ModelName="model",
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://a-bucket/test/"}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        TransformOutput={"S3OutputPath": "s3://a-bucket/answers", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
    )
    sagemaker.get_waiter("transform_job_completed_or_stopped").wait(TransformJobName="transform", WaiterConfig=waiting)
    answers = s3.get_object(Bucket="a-bucket", Key="answers/test.csv.out")["Body"].read().split()
    assert [float(answer) > 0.5 for answer in answers] == [False, True]

    variant = {"VariantName": "v", "ModelName": "model", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName="config", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="endpoint", EndpointConfigName="config")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="endpoint", WaiterConfig=waiting)
    runtime = client(server, "sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName="endpoint", Body=b"0.1,0.1\n0.9,0.9\n", ContentType="text/csv")
    assert answer["ContentType"].startswith("text/csv")
    assert answer["Body"].read().split() == answers
    with pytest.raises(ClientError) as refused:
        runtime.invoke_endpoint(EndpointName="endpoint", Body=b"not,numbers", ContentType="text/csv")
    answered: Any = refused.value.response
    assert (answered["Error"]["Code"], answered["OriginalStatusCode"]) == ("ModelError", 415)
    assert "not numeric" in answered["OriginalMessage"]

    launcher = Launcher(state / "aws")
    (name,) = launcher.names("Endpoint")
    worker = launcher.folder("Endpoint", name).process("worker.json")
    assert worker is not None
    assert control.stop(state)
    eventually(lambda: not worker.alive())
    again = control.start(state)
    answer = client(again, "sagemaker-runtime").invoke_endpoint(
        EndpointName="endpoint", Body=b"0.9,0.9", ContentType="text/csv"
    )
    assert answer["Body"].read().split() == answers[1:]
    client(again, "sagemaker").delete_endpoint(EndpointName="endpoint")


def test_an_endpoint_that_failed_stays_failed_after_a_restart(state: Path, eventually: Eventually) -> None:
    server = control.start(state)
    sagemaker = client(server, "sagemaker")
    sagemaker.create_model(ModelName="model", PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)
    variant = {"VariantName": "v", "ModelName": "model", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName="config", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="endpoint", EndpointConfigName="config")
    launcher = Launcher(state / "aws")
    (name,) = launcher.names("Endpoint")
    worker = launcher.folder("Endpoint", name).process("worker.json")
    assert worker is not None
    eventually(lambda: sagemaker.describe_endpoint(EndpointName="endpoint")["EndpointStatus"] != "Creating")
    described = sagemaker.describe_endpoint(EndpointName="endpoint")
    assert described["EndpointStatus"] == "Failed"  # the image serves no model without its data
    assert "did not pass the ping health check" in described["FailureReason"]
    eventually(lambda: not worker.alive())
    assert control.stop(state)
    again = control.start(state)
    assert client(again, "sagemaker").describe_endpoint(EndpointName="endpoint")["EndpointStatus"] == "Failed"


def test_a_job_goes_on_while_its_server_is_killed_and_started_again(state: Path, eventually: Eventually) -> None:
    server = control.start(state)
    create_training_job(server, "job", rounds=1_000_000)

    def status(of: Server) -> str:
        described = client(of, "sagemaker").describe_training_job(TrainingJobName="job")
        return str(described["SecondaryStatus"])

    eventually(lambda: status(server) == "Training")
    os.kill(server.pid, signal.SIGKILL)
    eventually(lambda: control.status(state) is None)
    again = control.start(state)
    assert again.endpoint == server.endpoint
    assert status(again) == "Training"
    client(again, "sagemaker").stop_training_job(TrainingJobName="job")
    eventually(lambda: status(again) == "Stopped")


def test_a_rule_stops_the_training_that_it_watches(state: Path, eventually: Eventually) -> None:
    """The real evaluation of a rule reads what the real training saves, and does what it was told to do."""
    server = control.start(state)
    sagemaker = client(server, "sagemaker")
    parameters = {
        "rule_to_invoke": "LossNotDecreasing",
        "collection_names": "metrics",
        "tensor_regex": "train-logloss",
        "num_steps": "5",
        "diff_percent": "99",
        "action_json": '{"name": "stoptraining", "parameters": {"training_job_prefix": "job"}}',
    }
    rule = {"RuleConfigurationName": "Impatient", "RuleEvaluatorImage": RULES, "RuleParameters": parameters}
    metrics = {"CollectionName": "metrics", "CollectionParameters": {"save_interval": "5"}}
    hook = {"S3OutputPath": "s3://a-bucket/debug", "CollectionConfigurations": [metrics]}
    create_training_job(server, "job", rounds=1_000_000, DebugHookConfig=hook, DebugRuleConfigurations=[rule])

    def ended() -> dict[str, Any] | None:
        job: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName="job")
        (found,) = job["DebugRuleEvaluationStatuses"]
        going = {job["TrainingJobStatus"], found["RuleEvaluationStatus"]} & {"InProgress", "Stopping"}
        return None if going else job

    job = eventually(ended)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    (found,) = job["DebugRuleEvaluationStatuses"]
    assert found["RuleEvaluationStatus"] == "IssuesFound"
    verdict = "Evaluation of the rule LossNotDecreasing at step 5 resulted in the condition being met"
    assert found["StatusDetails"] == f"RuleEvaluationConditionMet: {verdict}"
    assert "FailureReason" not in job


def test_the_jobs_image_saves_tensors_as_checkpoints_and_evaluates_rules(state: Path) -> None:
    """As on an AWS where Debugger is closed: nothing but training, checkpoints and processing is needed."""
    server = control.start(state)
    sagemaker, s3 = client(server, "sagemaker"), client(server, "s3")
    metrics = {"CollectionName": "metrics", "CollectionParameters": {"save_interval": "2"}}
    hook = {"LocalPath": "/opt/ml/checkpoints/debug-output", "CollectionConfigurations": [metrics]}
    create_training_job(
        server,
        "job",
        rounds=6,
        AlgorithmSpecification={
            "TrainingImage": OWN,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "loss", "Regex": r"train-logloss:([0-9.]+)"}],
        },
        CheckpointConfig={"S3Uri": "s3://a-bucket/checkpoints/job"},
        Environment={"SPECIMEN_DEBUG_HOOK": json.dumps(hook)},
    )
    told = {
        "rule": "LossNotDecreasing",
        "parameters": {"collection_names": "metrics"},
        "tensors": "s3://a-bucket/checkpoints/job/debug-output",
        "training_job": "job",
    }
    s3.put_object(Bucket="a-bucket", Key="rule/rule_config.json", Body=json.dumps(told))
    source = {"S3Uri": "s3://a-bucket/rule/", "LocalPath": "/opt/ml/processing/input/config"}
    sagemaker.create_processing_job(
        ProcessingJobName="rule",
        AppSpecification={"ImageUri": OWN, "ContainerEntrypoint": ["python", "-m", "specimen_jobs.debugger"]},
        ProcessingInputs=[
            {"InputName": "c", "S3Input": {**source, "S3DataType": "S3Prefix", "S3InputMode": "File"}},
        ],
        ProcessingResources={
            "ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5}
        },
        RoleArn=ROLE,
    )
    waiting = {"Delay": 0.2, "MaxAttempts": 500}
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="job", WaiterConfig=waiting)
    sagemaker.get_waiter("processing_job_completed_or_stopped").wait(ProcessingJobName="rule", WaiterConfig=waiting)
    job = sagemaker.describe_training_job(TrainingJobName="job")
    assert [metric["MetricName"] for metric in job["FinalMetricDataList"]] == ["loss"]
    keys = {entry["Key"] for entry in s3.list_objects_v2(Bucket="a-bucket", Prefix="checkpoints/")["Contents"]}
    inside = {key.removeprefix("checkpoints/job/debug-output/") for key in keys}
    assert {f"index/000000000/{step:012}_worker_0.json" for step in (0, 2, 4)} <= inside
    assert "training_job_end.ts" in inside
    message = sagemaker.describe_processing_job(ProcessingJobName="rule")["ExitMessage"]
    assert "LossNotDecreasing was evaluated at 3 steps" in message

"""What a team asks of its jobs: instances, networks, keys; each member stands in the request, or nowhere."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import botocore.loaders
import botocore.model
import botocore.validate
import pytest
from specimen.errors import SpecimenError
from specimen.planning.debugger import Monitoring
from specimen.planning.plan import plan
from specimen.planning.protection import volume_key
from specimen.planning.refusals import refuse
from specimen.planning.requests import Requests
from specimen.planning.steps import Plan
from specimen.spec.model import (
    Debugger,
    Experiment,
    Hosting,
    Input,
    Resources,
    Serverless,
    Target,
    Training,
    Trial,
    Variant,
    Vpc,
)

from tests.sent_requests import requests

SOURCES = {"data/loans.csv": "abc123"}
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}


@pytest.fixture(scope="module")
def sagemaker() -> botocore.model.ServiceModel:
    return botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("sagemaker", "service-2"))


@pytest.fixture
def guarded(target: Target) -> Target:
    """A target that asks for a network and a key."""
    vpc = Vpc(subnets=("subnet-1", "subnet-2"), security_groups=("sg-1",))
    return replace(target, kms_key=KEY, vpc=vpc, network_isolation=True)


@pytest.fixture
def training(trial: Trial) -> Training:
    """A training that is told everything."""
    return replace(
        trial.training,
        content_type="libsvm",
        distribution="sharded",
        input=Input("Pipe", "Gzip"),
        checkpoints=True,
        environment={"OMP_NUM_THREADS": "4"},
        retries=3,
        encrypt_traffic=True,
        tags={"schedule": "nightly"},
        resources=Resources("ml.m5.xlarge", 2, 5, 1800, 7200, max_pending=7200, keep_alive=600),
    )


def sent(steps: Plan) -> dict[str, Any]:
    return {f"{step}:{operation}": request for step, operation, request in requests(steps)}


def test_everything_that_a_training_is_told_is_in_its_request(
    experiment: Experiment, guarded: Target, training: Training
) -> None:
    request: Any = Requests(experiment, guarded, ("loans-default",)).training(training)
    assert request["ResourceConfig"] == {
        "InstanceType": "ml.m5.xlarge",
        "InstanceCount": 2,
        "VolumeSizeInGB": 5,
        "VolumeKmsKeyId": KEY,
        "KeepAlivePeriodInSeconds": 600,
    }
    assert request["StoppingCondition"] == {
        "MaxRuntimeInSeconds": 1800,
        "MaxWaitTimeInSeconds": 7200,
        "MaxPendingTimeInSeconds": 7200,
    }
    assert request["AlgorithmSpecification"]["TrainingInputMode"] == "Pipe"
    place = "s3://risk-ml/experiments/loans/checkpoints/"
    assert request["CheckpointConfig"] == {"S3Uri": {"$join": [place, {"$ref": "name"}]}}
    assert request["OutputDataConfig"]["KmsKeyId"] == KEY
    assert request["Environment"] == {"OMP_NUM_THREADS": "4"}
    assert request["RetryStrategy"] == {"MaximumRetryAttempts": 3}
    assert request["EnableInterContainerTrafficEncryption"] is True
    assert (request["VpcConfig"], request["EnableNetworkIsolation"]) == (VPC, True)
    assert {"Key": "schedule", "Value": "nightly"} in request["Tags"]
    assert {"Key": "team", "Value": "risk"} in request["Tags"]


def test_the_training_part_is_shared_out_and_the_validation_part_is_not(
    experiment: Experiment, target: Target, training: Training
) -> None:
    request: Any = Requests(experiment, target, ("t",)).training(training)
    channels = {channel["ChannelName"]: channel for channel in request["InputDataConfig"]}
    distributed = {name: one["DataSource"]["S3DataSource"]["S3DataDistributionType"] for name, one in channels.items()}
    assert distributed == {"train": "ShardedByS3Key", "validation": "FullyReplicated"}
    assert {channel["ContentType"] for channel in channels.values()} == {"text/libsvm"}
    assert {channel["CompressionType"] for channel in channels.values()} == {"Gzip"}


@pytest.mark.parametrize(
    ("content", "named"), [("csv", "text/csv"), ("libsvm", "text/libsvm"), ("parquet", "application/x-parquet")]
)
def test_a_content_type_has_sagemakers_name(
    content: str, named: str, experiment: Experiment, target: Target, trial: Trial
) -> None:
    training = replace(trial.training, content_type=content)
    request: Any = Requests(experiment, target, ("t",)).training(training)
    assert [channel["ContentType"] for channel in request["InputDataConfig"]] == [named, named]


ABSENT = {
    "CheckpointConfig",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "EnableNetworkIsolation",
    "Environment",
    "KeepAlivePeriodInSeconds",
    "KmsKeyId",
    "MaxConcurrentTransforms",
    "MaxPendingTimeInSeconds",
    "MaxWaitTimeInSeconds",
    "NetworkConfig",
    "RetryStrategy",
    "VolumeKmsKeyId",
    "VpcConfig",
}


def members(data: Any) -> set[str]:
    """Every member's name, however deep."""
    match data:
        case Mapping():
            return set(data) | {name for inner in data.values() for name in members(inner)}
        case list():
            return {name for inner in data for name in members(inner)}
    return set()


def test_what_is_absent_is_in_no_request(steps: Plan) -> None:
    assert {step: found for step, request in sent(steps).items() if (found := members(request) & ABSENT)} == {}


def test_a_targets_network_and_key_are_in_every_request_that_takes_them(
    experiment: Experiment, trial: Trial, guarded: Target, sagemaker: botocore.model.ServiceModel
) -> None:
    found = sent(plan(replace(experiment, trials=(trial,)), guarded, SOURCES))
    for kind in ("train:CreateTrainingJob", "model:CreateModel"):
        assert (found[kind]["VpcConfig"], found[kind]["EnableNetworkIsolation"]) == (VPC, True)
    for kind in ("bias-pre:CreateProcessingJob", "bias-post:CreateProcessingJob"):
        assert found[kind]["NetworkConfig"] == {"VpcConfig": VPC}
        assert found[kind]["ProcessingOutputConfig"]["KmsKeyId"] == KEY
        assert found[kind]["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == KEY
    transform = found["evaluate:CreateTransformJob"]
    assert (transform["TransformOutput"]["KmsKeyId"], transform["TransformResources"]["VolumeKmsKeyId"]) == (KEY, KEY)
    for kind, request in found.items():
        shape = sagemaker.operation_model(kind.partition(":")[2]).input_shape
        assert shape
        report = botocore.validate.ParamValidator().validate(request, shape)
        assert not report.has_errors(), (kind, report.generate_report())


def test_a_search_carries_them_too_and_no_checkpoints(
    experiment: Experiment, tuned: Trial, training: Training, guarded: Target, sagemaker: botocore.model.ServiceModel
) -> None:
    """Its training jobs would write over each other's."""
    whole = replace(tuned, training=replace(training, ranges=tuned.training.ranges), registry=None)
    request = sent(plan(replace(experiment, trials=(whole,)), guarded, SOURCES))["tune:CreateHyperParameterTuningJob"]
    definition = request["TrainingJobDefinition"]
    assert (definition["VpcConfig"], definition["EnableNetworkIsolation"]) == (VPC, True)
    assert definition["EnableInterContainerTrafficEncryption"] is True
    assert definition["ResourceConfig"]["VolumeKmsKeyId"] == KEY
    assert definition["Environment"] == {"OMP_NUM_THREADS": "4"}
    assert "CheckpointConfig" not in definition
    assert {"Key": "schedule", "Value": "nightly"} in request["Tags"]
    shape = sagemaker.operation_model("CreateHyperParameterTuningJob").input_shape
    assert shape
    report = botocore.validate.ParamValidator().validate(request, shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize(
    ("instance", "taken"),
    [
        ("ml.m5.xlarge", True),
        ("ml.c6i.large", True),
        ("ml.t3.medium", True),
        ("ml.p3.2xlarge", True),
        ("ml.g4dn.xlarge", False),
        ("ml.m5d.xlarge", False),
        ("ml.r6gd.large", False),
        ("ml.p4de.24xlarge", False),
        ("ml.p5.48xlarge", False),
        ("ml.p6-b200.48xlarge", False),
        ("ml.g5.xlarge", False),
        ("ml.trn1n.32xlarge", False),
        ("ml.i3.large", False),
    ],
)
def test_disks_that_encrypt_themselves_take_no_key(instance: str, taken: bool, guarded: Target) -> None:
    assert bool(volume_key(guarded, instance)) == taken


def test_a_serverless_endpoint_has_no_network_of_its_own(experiment: Experiment, guarded: Target) -> None:
    hosting = Hosting("loans", (), Serverless(2048, 5, None), None, None, None, None, keep=True)
    asked = replace(experiment, hosting=hosting)
    for target, key in ((guarded, "vpc"), (replace(guarded, vpc=None), "networkIsolation")):
        with pytest.raises(SpecimenError, match=f"no serverless endpoints with the `aws.{key}` of target production"):
            plan(asked, target, SOURCES)
    refuse(replace(experiment, hosting=replace(hosting, serverless=None)), guarded)
    refuse(experiment, guarded)
    refuse(asked, replace(guarded, vpc=None, network_isolation=False))


def test_an_endpoints_tags_are_as_many_as_aws_takes(experiment: Experiment, target: Target, trial: Trial) -> None:
    """Those that say where manifests are among them."""
    variants = tuple(Variant(f"v{place}", trial.name, 1, trial.training.resources) for place in range(2))
    hosting = Hosting("loans", variants, None, None, None, None, None, keep=True)
    full = replace(experiment, hosting=hosting, labels={f"l{place}": "" for place in range(21)})
    tags = {f"t{place}": "" for place in range(22)}
    refuse(full, replace(target, tags=tags))
    with pytest.raises(SpecimenError, match="it would have 51 tags, and AWS takes 50"):
        plan(full, replace(target, tags={**tags, "one": "more"}), SOURCES)


def test_given_parts_are_read_where_each_lies(experiment: Experiment, trial: Trial, target: Target) -> None:
    parts = {"train": "data/a.csv", "validation": "s3://elsewhere/b.csv", "test": "data/c.csv"}
    dataset = replace(trial.dataset, source=None, parts=parts, split=None, encode={"sex": "ordinal"}, shards=3)
    experiment = replace(experiment, trials=(replace(trial, dataset=dataset),))
    steps = plan(experiment, target, {"data/a.csv": "1", "data/c.csv": "2"})
    (prepare,) = (step for step in steps if step.id == "prepare")
    assert "source" not in prepare.arguments
    assert prepare.arguments["parts"] == {
        "train": "s3://risk-ml/experiments/sources/1/a.csv",
        "validation": "s3://elsewhere/b.csv",
        "test": "s3://risk-ml/experiments/sources/2/c.csv",
    }
    told = prepare.arguments["dataset"]
    assert isinstance(told, Mapping)
    assert told.items() >= {"encode": {"sex": "ordinal"}, "shards": 3, "content_type": "csv"}.items()
    assert not told.keys() & {"split", "compression"}


def test_variables_stand_beside_those_of_our_own_debugger(experiment: Experiment, target: Target, trial: Trial) -> None:
    """Neither takes the other's place."""
    monitoring = Monitoring(Debugger({"metrics": {}}, {}, (), None), "eu-west-1", "s3://b/d", {}, jobs="image")
    training = replace(trial.training, environment={"A": "1"}, checkpoints=True)
    request: Any = Requests(experiment, target, ("t",)).training(training, monitoring)
    assert request["Environment"].keys() == {"A", "SPECIMEN_DEBUG_HOOK"}
    assert request["CheckpointConfig"]["LocalPath"] == "/opt/ml/checkpoints"

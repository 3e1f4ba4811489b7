"""Requests: leaves filled, integers restored, tags added, digests taken."""

import pytest
from specimen_components import requests
from specimen_components.jsondata import Json
from specimen_components.problems import Failure

REQUEST: dict[str, Json] = {
    "TrainingJobName": {"$ref": "name"},
    "RoleArn": "arn:aws:iam::111122223333:role/role",
    "HyperParameters": {"max_depth": "5"},
    "OutputDataConfig": {"S3OutputPath": {"$join": ["s3://b/", {"$ref": "name"}, "/out"]}},
    "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": {"$ref": "train"}}}}],
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1.0, "VolumeSizeInGB": 5.0},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600.0},
    "Tags": [{"Key": "team", "Value": "risk"}],
}
VALUES: dict[str, Json] = {"train": "s3://b/train.csv"}


def test_leaves_are_filled_with_values_and_joined_strings() -> None:
    filled = requests.filled({"a": {"$ref": "x"}, "b": [{"$join": ["p/", {"$ref": "y"}]}]}, {"x": {"k": [1]}, "y": "z"})
    assert filled == {"a": {"k": [1]}, "b": ["p/z"]}


def test_an_object_with_more_keys_is_no_leaf() -> None:
    assert requests.filled({"$ref": "x", "more": 1}, {}) == {"$ref": "x", "more": 1}


def test_a_leaf_without_a_value_says_which_option_is_missing() -> None:
    with pytest.raises(Failure, match="'bias_pre'") as caught:
        requests.filled([{"$ref": "bias_pre"}], {})
    assert caught.value.hint == "Pass --bias-pre."


def test_integers_come_back_where_the_operation_has_integers() -> None:
    prepared = requests.prepared("sagemaker", "CreateTrainingJob", REQUEST, {**VALUES, "name": "job"})
    assert repr(prepared["ResourceConfig"]["InstanceCount"]) == "1"
    assert repr(prepared["StoppingCondition"]["MaxRuntimeInSeconds"]) == "3600"
    assert prepared["OutputDataConfig"] == {"S3OutputPath": "s3://b/job/out"}
    assert prepared["HyperParameters"] == {"max_depth": "5"}


def test_a_fraction_and_an_unknown_member_are_left_for_aws_to_refuse() -> None:
    prepared = requests.prepared(
        "sagemaker", "CreateTrainingJob", {"Nope": 1.0, "StoppingCondition": {"MaxRuntimeInSeconds": 1.5}}, {}
    )
    assert prepared == {"Nope": 1.0, "StoppingCondition": {"MaxRuntimeInSeconds": 1.5}}


def digest(**changes: Json) -> str:
    return requests.request_digest({**REQUEST, **changes}, VALUES, "TrainingJobName")


def test_the_digest_ignores_name_tags_experiment_and_the_way_numbers_are_written() -> None:
    same = digest(
        TrainingJobName="other",
        Tags=[],
        ExperimentConfig={"ExperimentName": "e"},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )
    assert same == digest()


def test_the_digest_knows_the_data_and_every_other_member() -> None:
    other = requests.request_digest(REQUEST, {"train": "s3://b/other.csv"}, "TrainingJobName")
    assert len({digest(), other, digest(HyperParameters={"max_depth": "6"})}) == 3


def test_a_request_keeps_its_own_tags() -> None:
    tagged = requests.tagged({"Tags": [{"Key": "specimen:run", "Value": "mine"}]}, {"specimen:run": "r-1", "k": "v"})
    assert tagged["Tags"] == [{"Key": "specimen:run", "Value": "mine"}, {"Key": "k", "Value": "v"}]

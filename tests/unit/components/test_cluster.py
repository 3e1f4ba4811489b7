"""What a training job ran on, told from DescribeTrainingJob."""

from typing import Any

import pytest
from specimen_components.cluster import cluster, features

DESCRIBED: dict[str, Any] = {
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 5},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    "InputDataConfig": [
        {
            "ChannelName": "validation",
            "DataSource": {"S3DataSource": {"S3DataDistributionType": "FullyReplicated"}},
            "ContentType": "text/csv",
        },
        {
            "ChannelName": "train",
            "DataSource": {"S3DataSource": {"S3DataDistributionType": "ShardedByS3Key"}},
            "ContentType": "text/libsvm",
            "CompressionType": "None",
        },
    ],
}


def test_instances_and_how_the_training_channel_was_read() -> None:
    assert cluster(DESCRIBED) == {
        "instance": "ml.m5.xlarge",
        "count": 2,
        "keep_alive": None,
        "warm_pool": None,
        "encrypted_traffic": False,
        "distribution": "ShardedByS3Key",
        "input_mode": "File",
        "compression": None,
        "content_type": "text/libsvm",
        "spot": False,
        "max_wait": None,
        "checkpoints": None,
        "interruptions": 0,
        "restarts": 0,
    }


def test_spot_counts_its_interruptions() -> None:
    statuses = ("Starting", "Training", "Interrupted", "Starting", "Training", "Interrupted", "Restarting", "Training")
    found = cluster(
        {
            **DESCRIBED,
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 120},
            "CheckpointConfig": {"S3Uri": "s3://b/checkpoints/job"},
            "SecondaryStatusTransitions": [{"Status": status} for status in statuses],
        }
    )
    assert (found["spot"], found["interruptions"], found["restarts"]) == (True, 2, 1)
    assert (found["max_wait"], found["checkpoints"]) == (120, "s3://b/checkpoints/job")


def test_a_channel_has_its_own_mode_and_a_pool_stays_warm() -> None:
    train = {"ChannelName": "train", "InputMode": "Pipe", "CompressionType": "Gzip"}
    found = cluster(
        {
            **DESCRIBED,
            "InputDataConfig": [train],
            "ResourceConfig": {**DESCRIBED["ResourceConfig"], "KeepAlivePeriodInSeconds": 600},
            "WarmPoolStatus": {"Status": "Available"},
            "EnableInterContainerTrafficEncryption": True,
        }
    )
    assert (found["input_mode"], found["compression"], found["distribution"]) == ("Pipe", "Gzip", None)
    assert (found["keep_alive"], found["warm_pool"], found["encrypted_traffic"]) == (600, "Available", True)


def test_a_bare_description_is_no_error() -> None:
    found = cluster({"AlgorithmSpecification": {}})
    assert (found["instance"], found["input_mode"], found["interruptions"]) == (None, None, 0)


@pytest.mark.parametrize(("content_type", "names"), [("text/csv", ["a", "b"]), ("text/libsvm", ["digit", "a", "b"])])
def test_features_are_counted_as_the_channel_counts_them(content_type: str, names: list[str]) -> None:
    """XGBoost's f0 is the index 0, which none of our columns has in libsvm."""
    description = {"InputDataConfig": [{"ChannelName": "train", "ContentType": content_type}]}
    assert features(description, ["digit", "a", "b"]) == names

"""What a training job ran on, how its data came to it, and what interrupted it, from its description."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from specimen_components.jsondata import Json

_TRAIN = "train"  # the channel whose rows are dealt out


def cluster(description: Mapping[str, Any]) -> dict[str, Json]:
    """Give a description's figures as the record holds them; what the job was not asked for is None."""
    config = description.get("ResourceConfig") or {}
    passed = Counter(one.get("Status") for one in description.get("SecondaryStatusTransitions") or ())
    return {
        "instance": config.get("InstanceType"),
        "count": config.get("InstanceCount"),
        "keep_alive": config.get("KeepAlivePeriodInSeconds"),
        "warm_pool": (description.get("WarmPoolStatus") or {}).get("Status"),
        "encrypted_traffic": bool(description.get("EnableInterContainerTrafficEncryption")),
        **_input(description),
        "spot": bool(description.get("EnableManagedSpotTraining")),
        "max_wait": (description.get("StoppingCondition") or {}).get("MaxWaitTimeInSeconds"),
        "checkpoints": (description.get("CheckpointConfig") or {}).get("S3Uri"),
        "interruptions": passed["Interrupted"],
        "restarts": passed["Restarting"],
    }


def features(description: Mapping[str, Any], columns: Sequence[Any]) -> list[str]:
    """Give the names of the model's features f0, f1, … from its data's columns, the label first.

    XGBoost takes the indices of libsvm as they stand, and ours count from 1: f0 is no column, and has the label's name.
    """
    named = list(map(str, columns))
    return named if "libsvm" in str(_input(description)["content_type"]) else named[1:]


def _input(description: Mapping[str, Any]) -> dict[str, Json]:
    """Give how the training channel was read."""
    channels = description.get("InputDataConfig") or ()
    channel: Mapping[str, Any] = next((one for one in channels if one.get("ChannelName") == _TRAIN), {})
    source = (channel.get("DataSource") or {}).get("S3DataSource") or {}
    compression = channel.get("CompressionType")
    return {
        "distribution": source.get("S3DataDistributionType"),
        "input_mode": channel.get("InputMode")
        or (description.get("AlgorithmSpecification") or {}).get("TrainingInputMode"),
        "compression": None if compression == "None" else compression,
        "content_type": channel.get("ContentType"),
    }

"""What a training job ran on, how its data came to it, and what interrupted it, from its description."""

from collections import Counter
from collections.abc import Mapping
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


def _input(description: Mapping[str, Any]) -> dict[str, Json]:
    """Give how the training channel was read."""
    channels = description.get("InputDataConfig") or ()
    channel: Mapping[str, Any] = next((one for one in channels if one.get("ChannelName") == _TRAIN), {})
    source = (channel.get("DataSource") or {}).get("S3DataSource") or {}
    compression = channel.get("CompressionType")
    return {
        "distribution": source.get("S3DataDistributionType"),
        "input_mode": channel.get("InputMode") or description["AlgorithmSpecification"].get("TrainingInputMode"),
        "compression": None if compression == "None" else compression,
        "content_type": channel.get("ContentType"),
    }

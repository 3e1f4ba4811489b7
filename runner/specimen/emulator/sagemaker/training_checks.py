"""What SageMaker refuses of a training job before it accepts it, and what this server cannot do."""

from collections.abc import Mapping
from typing import Any

from specimen.emulator.context import Request
from specimen.emulator.errors import validation
from specimen.emulator.sagemaker import debugger, jobs

DEFAULT_RUNTIME = 24 * 3600  # seconds
_NOT_YET = (
    "MlflowConfig",
    "ModelPackageConfig",
    "ServerlessJobConfig",
    "SessionChainingConfig",
    "TensorBoardOutputConfig",
)


def check(request: Request) -> None:
    """Raise AWS's answer to a training job that it does not accept."""
    jobs.refuse(request, *_NOT_YET)
    debugger.check(request)
    if "AlgorithmSpecification" not in request or "ResourceConfig" not in request:
        raise validation("AlgorithmSpecification and ResourceConfig are required.")
    jobs.refuse(request["ResourceConfig"], "InstanceGroups")
    if request["OutputDataConfig"].get("CompressionType", "GZIP") != "GZIP":
        raise jobs.unsupported("OutputDataConfig.CompressionType NONE")
    _check_channels(request)
    _check_spot(request)


def _check_channels(request: Request) -> None:
    names = [channel["ChannelName"] for channel in request.get("InputDataConfig", [])]
    if len(names) != len(set(names)):
        raise validation(f"Channel names must be unique, but are {', '.join(names)}")
    for channel in request.get("InputDataConfig", []):
        _check_channel(channel, request["AlgorithmSpecification"]["TrainingInputMode"])


def _check_channel(channel: Mapping[str, Any], otherwise: str) -> None:
    where = f"channel {channel['ChannelName']}"
    source = channel["DataSource"].get("S3DataSource")
    if source is None:
        raise jobs.unsupported(f"a data source other than S3DataSource ({where})")
    if source["S3DataType"] not in ("S3Prefix", "ManifestFile"):
        raise jobs.unsupported(f"S3DataType {source['S3DataType']} ({where})")
    if channel.get("RecordWrapperType", "None") != "None":
        raise jobs.unsupported(f"RecordWrapperType ({where})")
    if channel.get("CompressionType", "None") != "None" and channel.get("InputMode", otherwise) != "Pipe":
        raise validation(
            f"CompressionType {channel['CompressionType']} is supported only in Pipe input mode ({where}). In File "
            "mode, leave this field unset or set it to None."
        )


def _check_spot(request: Request) -> None:
    stopping = request.get("StoppingCondition", {})
    wait = stopping.get("MaxWaitTimeInSeconds")
    if not request.get("EnableManagedSpotTraining"):
        if wait is not None:
            raise validation("MaxWaitTimeInSeconds is supported only when EnableManagedSpotTraining is set to true.")
        return
    if wait is None or wait < stopping.get("MaxRuntimeInSeconds", DEFAULT_RUNTIME):
        raise validation(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
        )
    if request["ResourceConfig"].get("KeepAlivePeriodInSeconds"):
        raise validation("KeepAlivePeriodInSeconds is not supported when EnableManagedSpotTraining is set to true.")

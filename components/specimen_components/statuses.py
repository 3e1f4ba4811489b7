"""What each status that AWS declares means for whoever waits; a test compares this table with botocore's enums."""

from collections.abc import Mapping
from enum import Enum


class Phase(Enum):
    """What a status means: the thing is on its way, or has ended one way or the other."""

    GOING = "going"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


_JOB = {
    "InProgress": Phase.GOING,
    "Stopping": Phase.GOING,
    "Completed": Phase.DONE,
    "Failed": Phase.FAILED,
    "Stopped": Phase.STOPPED,
}
_TUNING = {**_JOB, "Deleting": Phase.GOING, "DeleteFailed": Phase.DONE}  # it is still there, with its jobs
_PACKAGE = {
    "Pending": Phase.GOING,
    "InProgress": Phase.GOING,
    "Deleting": Phase.GOING,  # soon absent, and then made anew
    "Completed": Phase.DONE,
    "Failed": Phase.FAILED,
}

# by the name of botocore's shape
STATUSES: Mapping[str, Mapping[str, Phase]] = {
    "TrainingJobStatus": {**_JOB, "Deleting": Phase.GOING},
    "HyperParameterTuningJobStatus": _TUNING,
    "ProcessingJobStatus": _JOB,
    "TransformJobStatus": _JOB,
    "RuleEvaluationStatus": {
        "InProgress": Phase.GOING,
        "Stopping": Phase.GOING,
        "NoIssuesFound": Phase.DONE,
        "IssuesFound": Phase.DONE,
        "Error": Phase.FAILED,
        "Stopped": Phase.STOPPED,
    },
    "EndpointStatus": {
        "Creating": Phase.GOING,
        "Updating": Phase.GOING,
        "SystemUpdating": Phase.GOING,
        "RollingBack": Phase.GOING,
        "Deleting": Phase.GOING,
        "InService": Phase.DONE,
        "OutOfService": Phase.FAILED,
        "Failed": Phase.FAILED,
        "UpdateRollbackFailed": Phase.FAILED,  # it answers all the same, with two configurations side by side
    },
    "ModelPackageStatus": _PACKAGE,
    "ModelPackageGroupStatus": {**_PACKAGE, "DeleteFailed": Phase.DONE},  # it is still there, and usable
}

# a training job's finer states: which of them say why it ended
TIME_LIMITS: Mapping[str, str] = {
    "MaxRuntimeExceeded": "it reached its maximum run time",
    "MaxWaitTimeExceeded": "it waited too long for spot capacity",
    "Interrupted": "its spot instance was taken away",
}
SECONDARY: frozenset[str] = frozenset(
    {
        "Starting",
        "LaunchingMLInstances",
        "PreparingTrainingStack",
        "Downloading",
        "DownloadingTrainingImage",
        "Training",
        "Uploading",
        "Stopping",
        "Stopped",
        "Completed",
        "Failed",
        "Updating",
        "Restarting",
        "Pending",
        *TIME_LIMITS,
    }
)

_PASSING = ("CapacityError", "InternalServerError", "InternalError", "Internal service error")


def phase(shape: str, status: str) -> Phase:
    """Give the phase of a status; one that AWS has added since counts as on its way, and a deadline ends the wait."""
    return STATUSES[shape].get(status, Phase.GOING)


def passing(reason: str) -> bool:
    """Tell whether a job failed for want of capacity or inside AWS, which another attempt may well not meet."""
    return reason.startswith(_PASSING)

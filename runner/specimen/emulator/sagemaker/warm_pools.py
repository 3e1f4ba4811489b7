"""Warm pools: a training job's instances, kept for the next one that matches, as they are described.

Source: "SageMaker AI Managed Warm Pools". A pool begins when a training job ends, unless it failed for an internal
reason, and lasts for the job's KeepAlivePeriodInSeconds or until a matching job takes it over.
"""

from collections.abc import Callable, Mapping
from typing import Any

from specimen.emulator.context import Context, Request
from specimen.emulator.sagemaker.paging import Body

KIND = "WarmPool"  # one entry a pool that may be there, under its training job's name
MEMBER = "WarmPoolStatus"
_ENDED = frozenset({"Completed", "Failed", "Stopped"})
_RESOURCES = ("InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId")
_SWITCHES = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption")


def keep(context: Context, request: Request) -> None:
    """Remember that a training job's instances are to be kept, if it asks for that."""
    name = request["TrainingJobName"]
    if _period(request):
        context.tx.insert(KIND, name, {"TrainingJobName": name})


def take(context: Context, request: Request, current: Callable[[str], Body]) -> None:
    """Let a new training job take over the first pool that matches; `current` describes a job by its name."""
    for entry in context.tx.list(KIND):
        name = entry["TrainingJobName"]
        body = current(name)
        pool = described(body, context.now()).get(MEMBER, {"Status": "Terminated"})
        if pool["Status"] == "Terminated":
            context.tx.delete(KIND, name)
        elif pool["Status"] == "Available" and _shape(body) == _shape(request):
            reused = {**pool, "Status": "Reused", "ReusedByJob": request["TrainingJobName"]}
            context.tx.put("TrainingJob", name, {**body, MEMBER: reused})
            context.tx.delete(KIND, name)
            return


def described(body: Mapping[str, Any], now: float) -> Body:
    """Return what a training job's description says of its pool at a time, where that is not written down yet."""
    period = _period(body)
    if not period or MEMBER in body:
        return {}
    if body["TrainingJobStatus"] not in _ENDED:
        return {MEMBER: {"Status": "InUse"}}
    if body.get("FailureReason", "").startswith("InternalServerError"):
        return {}
    kept = now - body["TrainingEndTime"]
    status = "Available" if kept < period else "Terminated"
    return {MEMBER: {"Status": status, "ResourceRetainedBillableTimeInSeconds": int(min(kept, period))}}


def _period(request: Mapping[str, Any]) -> int:
    return int(request["ResourceConfig"].get("KeepAlivePeriodInSeconds", 0))


def _shape(request: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what has to be equal for one job to use the instances of another."""
    resources = [request["ResourceConfig"].get(member) for member in _RESOURCES]
    vpc = request.get("VpcConfig", {})
    network = [sorted(vpc.get(member, [])) for member in ("SecurityGroupIds", "Subnets")]
    return request["RoleArn"], *resources, *network, *(request.get(switch, False) for switch in _SWITCHES)

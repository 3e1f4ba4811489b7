"""Training jobs."""

from collections.abc import Mapping, Sequence
from typing import Any

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import validation
from specimen.emulator.jobs import channels
from specimen.emulator.jobs.containers import Image
from specimen.emulator.jobs.folder import Transition
from specimen.emulator.jobs.launch import Progress
from specimen.emulator.sagemaker import debugger, jobs
from specimen.emulator.sagemaker.jobs import Kind

DEFAULT_RUNTIME = 24 * 3600  # seconds
STARTING = "Preparing the instances for training"
STOPPING = "Stopping the training job"
METRICS = 40  # at most in FinalMetricDataList
_ENDS = (*jobs.FINAL, "MaxRuntimeExceeded")
_LOST = {"Failed": "Training job failed", "Stopped": "Training job stopped"}
_SWITCHES = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")
_NOT_YET = (
    "MlflowConfig",
    "ModelPackageConfig",
    "ServerlessJobConfig",
    "SessionChainingConfig",
    "TensorBoardOutputConfig",
)


def create_training_job(context: Context, request: Request) -> Response:
    """Check a training job as SageMaker does before it accepts one, and start it."""
    jobs.need_new(context, TRAINING, request["TrainingJobName"])
    return start(context, accepted(context, request))


def accepted(context: Context, request: Request) -> dict[str, Any]:
    """Return a training job's request with what SageMaker adds when it accepts it."""
    _check(request)
    algorithm = _algorithm(context, request)
    for channel in request.get("InputDataConfig", []):
        jobs.need_objects(context, channel["DataSource"]["S3DataSource"]["S3Uri"], request["RoleArn"])
    stopping = {"MaxRuntimeInSeconds": DEFAULT_RUNTIME, **request.get("StoppingCondition", {})}
    return {**request, "AlgorithmSpecification": algorithm, "StoppingCondition": stopping}


def start(context: Context, request: Request) -> Response:
    """Start a training job that was accepted."""
    name = request["TrainingJobName"]
    log = jobs.log_file(context, TRAINING.group, f"{name}/algo-1-{int(context.now())}")
    body = {**request, **_beginning(context, request)}
    image = request["AlgorithmSpecification"]["TrainingImage"]
    job = jobs.brief(context, TRAINING.name, name, TRAINING.arn(context, name), body, image, log)
    response = jobs.begin(context, TRAINING, job)
    debugger.begin(context, request, job.arn)
    return response


def _beginning(context: Context, request: Request) -> dict[str, Any]:
    output = channels.join(request["OutputDataConfig"]["S3OutputPath"], request["TrainingJobName"], "output")
    return {
        "SecondaryStatus": "Starting",
        "SecondaryStatusTransitions": transitions([Transition(context.now(), "Starting", STARTING)], False),
        # SageMaker describes the key that encrypts the output even where there is none, and SDK v2 relies on it.
        "OutputDataConfig": {"KmsKeyId": "", "CompressionType": "GZIP", **request["OutputDataConfig"]},
        "ModelArtifacts": {"S3ModelArtifacts": channels.join(output, "model.tar.gz")},
        **{name: request.get(name, False) for name in _SWITCHES},
        **debugger.filled(request),
    }


def _check(request: Request) -> None:
    jobs.refuse(request, *_NOT_YET)
    debugger.check(request)
    resources = request.get("ResourceConfig", {})
    jobs.refuse(resources, "InstanceGroups")
    if resources.get("InstanceCount", 1) != 1:
        raise jobs.unsupported(f"InstanceCount {resources['InstanceCount']}: a training job runs on 1 instance")
    if request["OutputDataConfig"].get("CompressionType", "GZIP") != "GZIP":
        raise jobs.unsupported("OutputDataConfig.CompressionType NONE")
    _check_channels(request)
    _check_spot(request)


def _check_channels(request: Request) -> None:
    names = [channel["ChannelName"] for channel in request.get("InputDataConfig", [])]
    if len(names) != len(set(names)):
        raise validation(f"Channel names must be unique, but are {', '.join(names)}")
    for channel in request.get("InputDataConfig", []):
        where = f"channel {channel['ChannelName']}"
        source = channel["DataSource"].get("S3DataSource")
        if source is None:
            raise jobs.unsupported(f"a data source other than S3DataSource ({where})")
        if source["S3DataType"] != "S3Prefix":
            raise jobs.unsupported(f"S3DataType {source['S3DataType']} ({where})")
        if channel.get("RecordWrapperType", "None") != "None" or channel.get("CompressionType", "None") != "None":
            raise jobs.unsupported(f"RecordWrapperType and CompressionType, which go with Pipe mode ({where})")
        if channel.get("InputMode", "File") == "Pipe":
            raise jobs.unsupported(f"Pipe mode ({where})")


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


def _algorithm(context: Context, request: Request) -> dict[str, Any]:
    """Return the algorithm with the metrics that its log is searched for: a built-in image brings its own."""
    if "AlgorithmSpecification" not in request or "ResourceConfig" not in request:
        raise validation("AlgorithmSpecification and ResourceConfig are required.")
    algorithm = dict(request["AlgorithmSpecification"])
    if "TrainingImage" not in algorithm:
        raise jobs.unsupported("AlgorithmName; give a TrainingImage")
    if algorithm["TrainingInputMode"] == "Pipe":
        raise jobs.unsupported("TrainingInputMode Pipe")
    image = context.launcher.images.find(algorithm["TrainingImage"])
    if image is not None and image.metrics is not None:
        if algorithm.get("MetricDefinitions"):
            raise validation(
                "You can't override the metric definitions for Amazon SageMaker algorithms. Please retry the request "
                "without specifying metric definitions."
            )
        algorithm["MetricDefinitions"] = _definitions(image)
    return {"EnableSageMakerMetricsTimeSeries": False, **algorithm}


def _definitions(image: Image) -> list[dict[str, str]]:
    return [{"Name": name, "Regex": regex} for name, regex in (image.metrics or {}).items()]


def describe_training_job(context: Context, request: Request) -> Response:
    """Describe a training job as it is now."""
    return jobs.without(described(context, jobs.current(context, TRAINING, request["TrainingJobName"])))


def described(context: Context, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a training job with what its rules have come to, which may be after its end."""
    return {**body, **debugger.statuses(context, body["TrainingJobName"])}


def stop_training_job(context: Context, request: Request) -> Response:
    """Ask a training job to stop; what it has saved of its model by then is kept."""
    return jobs.stop(context, TRAINING, request["TrainingJobName"], STOPPING)


def list_training_jobs(context: Context, request: Request) -> Response:
    """List training jobs."""
    return jobs.listing(context, TRAINING, request, "SecondaryStatus")


def _fold(folded: dict[str, Any], progress: Progress) -> None:
    """Add what training jobs alone have: secondary statuses, durations and final metrics."""
    steps = [Transition(folded["CreationTime"], "Starting", STARTING), *progress.transitions]
    final = folded[TRAINING.status] in jobs.FINAL
    if final and steps[-1].status not in _ENDS:
        status = folded[TRAINING.status]  # of a lost worker, which could not say so itself
        steps.append(Transition(folded["TrainingEndTime"], status, _LOST[status]))
    folded["SecondaryStatusTransitions"] = transitions(steps, final)
    folded["SecondaryStatus"] = steps[-1].status
    if final:
        seconds = max(1, round(folded["TrainingEndTime"] - folded["TrainingStartTime"]))
        folded |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
        found = (progress.result or {}).get("metrics") or {}
        metrics = [{"MetricName": name, "Value": value, "Timestamp": time} for name, (value, time) in found.items()]
        folded["FinalMetricDataList"] = metrics[:METRICS]


def transitions(steps: Sequence[Transition], final: bool) -> list[dict[str, Any]]:
    """Return secondary statuses as they are described: each lasts until the next, and a final one no time at all."""
    ends = [*(step.time for step in steps[1:]), steps[-1].time if final else None]
    described = []
    for step, end in zip(steps, ends, strict=True):
        entry = {"Status": step.status, "StartTime": step.time, "StatusMessage": step.message}
        described.append(entry if end is None else {**entry, "EndTime": end})
    return described


TRAINING = Kind("TrainingJob", "Training", "training job", _fold, debugger.lost)

OPERATIONS: Mapping[str, Operation] = {
    "CreateTrainingJob": create_training_job,
    "DescribeTrainingJob": describe_training_job,
    "ListTrainingJobs": list_training_jobs,
    "StopTrainingJob": stop_training_job,
}

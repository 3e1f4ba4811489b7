"""Training jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import validation
from specimen.emulator.jobs import channels
from specimen.emulator.jobs.containers import Image
from specimen.emulator.jobs.folder import Transition
from specimen.emulator.jobs.launch import Progress
from specimen.emulator.jobs.training import STARTING
from specimen.emulator.sagemaker import debugger, jobs, warm_pools
from specimen.emulator.sagemaker.jobs import Kind
from specimen.emulator.sagemaker.training_checks import DEFAULT_RUNTIME, check

STOPPING = "Stopping the training job"
RESTARTING = "Restarting the training job after an internal error"
METRICS = 40  # at most in FinalMetricDataList
_ENDS = (*jobs.FINAL, "MaxRuntimeExceeded", "MaxWaitTimeExceeded")
_WAITING = ("Starting", "Restarting", "Interrupted")  # statuses in which nothing trains
SPOT_SHARE = 0.3  # of the time that is billed: AWS says that spot instances save up to 90 %, and it is often 70 %
_LOST = {"Failed": "Training job failed", "Stopped": "Training job stopped"}
_SWITCHES = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")


def create_training_job(context: Context, request: Request) -> Response:
    """Check a training job as SageMaker does before it accepts one, and start it."""
    jobs.need_new(context, TRAINING, request["TrainingJobName"])
    return start(context, accepted(context, request))


def accepted(context: Context, request: Request) -> dict[str, Any]:
    """Return a training job's request with what SageMaker adds when it accepts it."""
    check(request)
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
    if body["EnableNetworkIsolation"]:
        job = replace(job, environment={})  # an isolated container has no credentials and reaches no service
    warm_pools.take(context, request, lambda other: jobs.current(context, TRAINING, other))
    response = jobs.begin(context, TRAINING, job)
    warm_pools.keep(context, request)
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


def _algorithm(context: Context, request: Request) -> dict[str, Any]:
    """Return the algorithm with the metrics that its log is searched for: a built-in image brings its own."""
    algorithm = dict(request["AlgorithmSpecification"])
    if "TrainingImage" not in algorithm:
        raise jobs.unsupported("AlgorithmName; give a TrainingImage")
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
    return {**jobs.described(context, TRAINING, body), **debugger.statuses(context, body["TrainingJobName"])}


def stop_training_job(context: Context, request: Request) -> Response:
    """Ask a training job to stop; what it has saved of its model by then is kept."""
    return jobs.stop(context, TRAINING, request["TrainingJobName"], STOPPING)


def list_training_jobs(context: Context, request: Request) -> Response:
    """List training jobs."""
    return jobs.listing(context, TRAINING, request, "SecondaryStatus", warm_pools.MEMBER)


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
        folded |= _durations(folded, steps)
        found = (progress.result or {}).get("metrics") or {}
        metrics = [{"MetricName": name, "Value": value, "Timestamp": time} for name, (value, time) in found.items()]
        folded["FinalMetricDataList"] = metrics[:METRICS]


def _durations(folded: Mapping[str, Any], steps: Sequence[Transition]) -> dict[str, int]:
    """Return how long the job has trained, the waiting for other instances left out, and what of that is billed."""
    begun = [step for step in steps if step.time >= folded["TrainingStartTime"]]
    waited = sum(after.time - step.time for step, after in pairwise(begun) if step.status in _WAITING)
    seconds = max(1, round(folded["TrainingEndTime"] - folded["TrainingStartTime"] - waited))
    billed = max(1, int(seconds * SPOT_SHARE)) if folded["EnableManagedSpotTraining"] else seconds
    return {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": billed}


def transitions(steps: Sequence[Transition], final: bool) -> list[dict[str, Any]]:
    """Return secondary statuses as they are described: each lasts until the next, and a final one no time at all."""
    ends = [*(step.time for step in steps[1:]), steps[-1].time if final else None]
    described = []
    for step, end in zip(steps, ends, strict=True):
        entry = {"Status": step.status, "StartTime": step.time, "StatusMessage": step.message}
        described.append(entry if end is None else {**entry, "EndTime": end})
    return described


def _retried(context: Context, body: Mapping[str, Any]) -> bool:
    """Start the worker of a job again that was lost, as often as its RetryStrategy says."""
    name, attempts = body["TrainingJobName"], body.get("RetryStrategy", {}).get("MaximumRetryAttempts", 0)
    folder = context.launcher.folder(TRAINING.name, name)
    made = sum(step.status == "Restarting" for step in folder.transitions())
    if made >= attempts or body[TRAINING.status] == "Stopping":
        return False
    context.tx.put(TRAINING.name, name, dict(body))  # which one request at a time may do
    folder.enter("Restarting", RESTARTING)
    context.launcher.revive(TRAINING.name, name)
    return True


def _shown(context: Context, body: Mapping[str, Any]) -> dict[str, Any]:
    return warm_pools.described(body, context.now())


TRAINING = Kind("TrainingJob", "Training", "training job", _fold, debugger.lost, _retried, _shown)

OPERATIONS: Mapping[str, Operation] = {
    "CreateTrainingJob": create_training_job,
    "DescribeTrainingJob": describe_training_job,
    "ListTrainingJobs": list_training_jobs,
    "StopTrainingJob": stop_training_job,
}

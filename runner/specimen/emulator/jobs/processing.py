"""What a processing job's worker does: inputs, the container, outputs."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from specimen.emulator.jobs import channels
from specimen.emulator.jobs.folder import Folder
from specimen.emulator.jobs.instance import Cause, Ending, Instance, local
from specimen.emulator.jobs.job import REASON_LENGTH, Job, JobFailed, JobStopped, Result, Stop
from specimen.emulator.jobs.log import Log
from specimen.emulator.jobs.training_setup import resources
from specimen.emulator.objects import Objects

_TOLD = (  # what SageMaker tells a container of its job
    "ProcessingJobName",
    "ProcessingInputs",
    "ProcessingOutputConfig",
    "ProcessingResources",
    "RoleArn",
    "StoppingCondition",
    "AppSpecification",
    "Environment",
    "NetworkConfig",
)
PYTHON = ("python", "-m")
DEFAULT_RUNTIME = 24 * 3600  # seconds; MaxRuntimeInSeconds of a job that does not say


def run(job: Job, folder: Folder, stop: Stop, instance: Instance) -> Result:
    """Run a processing job to its end and tell how that was."""
    started = time.time()
    status, reason = "Completed", None
    try:
        ending = _process(job, folder, stop, instance)
        status = "Completed" if ending.cause is Cause.ITSELF else "Stopped"
    except JobStopped:
        status = "Stopped"
    except JobFailed as failed:
        status, reason = "Failed", str(failed)
    message = instance.text("output/message")[:REASON_LENGTH] or None
    instance.clear()
    folder.enter(status, reason or "")
    return Result(status, started, time.time(), reason=reason, message=message)


def _process(job: Job, folder: Folder, stop: Stop, instance: Instance) -> Ending:
    objects = job.store()
    folder.enter("Downloading", "")
    _prepare(job, objects, stop, instance)
    folder.enter("Processing", "")
    ending = _contain(job, stop, instance)
    if ending.cause is Cause.ITSELF and ending.code != 0:
        raise instance.failure(ending.code, "AlgorithmError: See job logs for more information")
    folder.enter("Uploading", "")
    _upload(job.body, objects, instance)
    return ending


def _prepare(job: Job, objects: Objects, stop: Stop, instance: Instance) -> None:
    for entry in job.body.get("ProcessingInputs", []):
        stop.check()
        source = entry["S3Input"]
        if not channels.download(objects, source["S3Uri"], local(instance.base, source["LocalPath"])):
            raise JobFailed("ClientError: " + channels.missing(source["S3Uri"], job.region, job.body["RoleArn"]))
    stop.check()
    cluster = job.body["ProcessingResources"]["ClusterConfig"]
    told = {name: job.body[name] for name in _TOLD if name in job.body}
    instance.write("config/processingjobconfig.json", {"ProcessingJobArn": job.arn, **told})
    instance.write("config/resourceconfig.json", resources(cluster["InstanceType"]))
    if job.rule is not None:
        written = local(instance.base, _outputs(job.body)[0]["LocalPath"])
        instance.write("processing/input/config/rule_config.json", {**job.rule, "output": str(written)})
    instance.base.joinpath("output").mkdir(parents=True, exist_ok=True)
    for output in _outputs(job.body):
        local(instance.base, output["LocalPath"]).mkdir(parents=True, exist_ok=True)


def _contain(job: Job, stop: Stop, instance: Instance) -> Ending:
    specification = job.body["AppSpecification"]
    entrypoint = specification.get("ContainerEntrypoint", [])
    if module(entrypoint) == job.module:  # which is started in any case
        entrypoint = entrypoint[len(PYTHON) + 1 :]
    arguments = [*entrypoint, *specification.get("ContainerArguments", [])]
    environment = {"PROCESSING_JOB_NAME": job.name, "PROCESSING_JOB_ARN": job.arn, **job.body.get("Environment", {})}
    limit = job.body.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", DEFAULT_RUNTIME)
    container = instance.start(arguments, environment, Log(job.log_path).write)
    return container.wait(stop, job.grace, time.monotonic() + limit)


def module(entrypoint: Sequence[str]) -> str | None:
    """Return the module that an entry point starts, ``python -m module``; None for any other entry point."""
    start, rest = tuple(entrypoint[: len(PYTHON)]), entrypoint[len(PYTHON) :]
    return rest[0] if start == PYTHON and rest else None


def _outputs(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [entry["S3Output"] for entry in body.get("ProcessingOutputConfig", {}).get("Outputs", [])]


def _upload(body: Mapping[str, Any], objects: Objects, instance: Instance) -> None:
    for output in _outputs(body):
        channels.upload_folder(objects, local(instance.base, output["LocalPath"]), output["S3Uri"])

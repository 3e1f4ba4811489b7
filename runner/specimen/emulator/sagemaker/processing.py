"""Processing jobs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import validation
from specimen.emulator.jobs.containers import repository
from specimen.emulator.jobs.job import Job
from specimen.emulator.jobs.processing import module
from specimen.emulator.sagemaker import jobs
from specimen.emulator.sagemaker.jobs import Kind

PROCESSING = Kind("ProcessingJob", "Processing", "processing job")
ROOT = "/opt/ml/processing/"


def create_processing_job(context: Context, request: Request) -> Response:
    """Check a processing job and start it."""
    name = request["ProcessingJobName"]
    arn = jobs.need_new(context, PROCESSING, name)
    cluster = request["ProcessingResources"]["ClusterConfig"]
    for member in ("InstanceCount", "InstanceType"):
        if member not in cluster:
            raise validation(f"{member} is required in ProcessingResources.ClusterConfig.")
    count = cluster["InstanceCount"]
    if count != 1:
        raise jobs.unsupported(f"InstanceCount {count}: a processing job runs on 1 instance")
    for entry in request.get("ProcessingInputs", []):
        _check_input(context, request["RoleArn"], entry)
    for entry in request.get("ProcessingOutputConfig", {}).get("Outputs", []):
        _check_output(entry)
    return jobs.begin(context, PROCESSING, _entered(context, brief(context, request, arn)))


def brief(context: Context, request: Request, arn: str) -> Job:
    """Write down what the worker of a processing job needs."""
    name = request["ProcessingJobName"]
    log = jobs.log_file(context, PROCESSING.group, f"{name}/algo-1-{int(context.now())}")
    return jobs.brief(context, PROCESSING.name, name, arn, request, request["AppSpecification"]["ImageUri"], log)


def _entered(context: Context, job: Job) -> Job:
    """Return a job with the module that it starts, of an image that has several."""
    image = context.launcher.images.find(job.image)
    if image is None or not image.others:
        return job
    entrypoint = job.body["AppSpecification"].get("ContainerEntrypoint", [])
    asked = module(entrypoint)
    if asked not in image.others:
        starts = " or ".join(f"python -m {name}" for name in image.others)
        raise jobs.unsupported(f"the entry point {' '.join(entrypoint)!r} of {repository(job.image)}, but {starts}")
    return replace(job, module=asked)


def _check_input(context: Context, role: str, entry: Mapping[str, Any]) -> None:
    where = f"input {entry['InputName']}"
    source = entry.get("S3Input")
    if source is None:
        raise jobs.unsupported(f"an input other than S3Input ({where})")
    if source["S3DataType"] != "S3Prefix":
        raise jobs.unsupported(f"S3DataType {source['S3DataType']} ({where})")
    if source.get("S3InputMode", "File") != "File" or source.get("S3CompressionType", "None") != "None":
        raise jobs.unsupported(f"Pipe mode ({where})")
    _check_path(source.get("LocalPath", ""), where)
    jobs.need_objects(context, source["S3Uri"], role)


def _check_output(entry: Mapping[str, Any]) -> None:
    where = f"output {entry['OutputName']}"
    if "S3Output" not in entry:
        raise jobs.unsupported(f"an output other than S3Output ({where})")
    _check_path(entry["S3Output"].get("LocalPath", ""), where)


def _check_path(path: str, where: str) -> None:
    if not f"{path}/".startswith(ROOT):
        raise validation(f"LocalPath must begin with {ROOT} ({where})")


def describe_processing_job(context: Context, request: Request) -> Response:
    """Describe a processing job as it is now."""
    return jobs.without(jobs.current(context, PROCESSING, request["ProcessingJobName"]))


def stop_processing_job(context: Context, request: Request) -> Response:
    """Ask a processing job to stop."""
    return jobs.stop(context, PROCESSING, request["ProcessingJobName"])


def list_processing_jobs(context: Context, request: Request) -> Response:
    """List processing jobs."""
    return jobs.listing(context, PROCESSING, request, "FailureReason", "ExitMessage")


OPERATIONS: Mapping[str, Operation] = {
    "CreateProcessingJob": create_processing_job,
    "DescribeProcessingJob": describe_processing_job,
    "ListProcessingJobs": list_processing_jobs,
    "StopProcessingJob": stop_processing_job,
}

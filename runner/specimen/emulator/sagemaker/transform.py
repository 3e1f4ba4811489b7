"""Batch transform jobs."""

from collections.abc import Mapping
from dataclasses import replace

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import validation
from specimen.emulator.jobs import filters
from specimen.emulator.sagemaker import jobs, models
from specimen.emulator.sagemaker.jobs import Kind

TRANSFORM = Kind("TransformJob", "Transform", "transform job")
LARGEST_MB = 100  # of MaxPayloadInMB times MaxConcurrentTransforms
FILTERS = ("InputFilter", "OutputFilter")


def create_transform_job(context: Context, request: Request) -> Response:
    """Check a transform job, its model included, and start it."""
    name = request["TransformJobName"]
    arn = jobs.need_new(context, TRANSFORM, name)
    model = models.served(models.stored(context, request["ModelName"]))
    _check(request)
    source = request["TransformInput"]["DataSource"]["S3DataSource"]
    jobs.need_objects(context, source["S3Uri"], model.get("ExecutionRoleArn", ""))
    stream = f"{name}/i-{int(context.now() * 1000):017x}"  # named by the instance, as on AWS
    log, data_log = (jobs.log_file(context, TRANSFORM.group, stream + end) for end in ("", "/data-log"))
    job = jobs.brief(context, TRANSFORM.name, name, arn, request, model["PrimaryContainer"]["Image"], log)
    return jobs.begin(context, TRANSFORM, replace(job, model=model, data_log=data_log))


def _check(request: Request) -> None:
    jobs.refuse(request, "DataCaptureConfig")
    given = request["TransformInput"]
    if given["DataSource"]["S3DataSource"]["S3DataType"] != "S3Prefix":
        raise jobs.unsupported("S3DataType ManifestFile")
    if given.get("SplitType", "None") not in ("None", "Line"):
        raise jobs.unsupported(f"SplitType {given['SplitType']}")
    if request["TransformResources"].get("InstanceCount", 1) != 1:
        raise jobs.unsupported("InstanceCount above 1: a transform job runs on 1 instance")
    if request.get("MaxPayloadInMB", 0) * request.get("MaxConcurrentTransforms", 0) > LARGEST_MB:
        raise validation(f"MaxConcurrentTransforms * MaxPayloadInMB must not exceed {LARGEST_MB} MB.")
    _check_processing(request)


def _check_processing(request: Request) -> None:
    processing = request.get("DataProcessing", {})
    joined = processing.get("JoinSource", "None") == "Input"
    if not joined and all(processing.get(name, "$") == "$" for name in FILTERS):
        return
    kind = request["TransformInput"].get("ContentType", "")
    if kind.partition(";")[0].strip() != "text/csv":
        raise jobs.unsupported(f"DataProcessing of {kind or 'data without ContentType'}; text/csv is")
    if request["TransformInput"].get("SplitType") != "Line":
        raise validation("SplitType must be Line when DataProcessing is used with text/csv.")
    if joined and request["TransformOutput"].get("AssembleWith") != "Line":
        raise validation("AssembleWith must be Line, as SplitType is, when JoinSource is Input.")
    for name in FILTERS:
        try:
            filters.parse(processing.get(name, "$"))
        except filters.BadPath as bad:
            raise validation(f"{name} is not a JSONPath that selects columns of CSV: {bad}") from bad


def describe_transform_job(context: Context, request: Request) -> Response:
    """Describe a transform job as it is now."""
    return jobs.without(jobs.current(context, TRANSFORM, request["TransformJobName"]), "LastModifiedTime")


def stop_transform_job(context: Context, request: Request) -> Response:
    """Ask a transform job to stop."""
    return jobs.stop(context, TRANSFORM, request["TransformJobName"])


def list_transform_jobs(context: Context, request: Request) -> Response:
    """List transform jobs."""
    return jobs.listing(context, TRANSFORM, request, "FailureReason")


OPERATIONS: Mapping[str, Operation] = {
    "CreateTransformJob": create_transform_job,
    "DescribeTransformJob": describe_transform_job,
    "ListTransformJobs": list_transform_jobs,
    "StopTransformJob": stop_transform_job,
}

"""What a training job's worker does: channels in, the container, the model out."""

import time
from collections.abc import Mapping
from typing import Any

from specimen.emulator.jobs import channels, debugger
from specimen.emulator.jobs.folder import Folder
from specimen.emulator.jobs.instance import Cause, Ending, Instance
from specimen.emulator.jobs.job import Job, JobFailed, JobStopped, Result, Stop
from specimen.emulator.jobs.log import Log, Metrics
from specimen.emulator.objects import Objects

HOST = "algo-1"
_MESSAGES = {
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}


def run(job: Job, folder: Folder, stop: Stop, instance: Instance) -> Result:
    """Run a training job to its end and tell how that was."""
    started = time.time()
    metrics = Metrics({entry["Name"]: entry["Regex"] for entry in _algorithm(job).get("MetricDefinitions", [])})
    reason, objects = None, job.store()
    try:
        detail = _train(job, objects, folder, stop, instance, metrics)
    except JobStopped:
        detail = "Stopped"
    except JobFailed as failed:
        detail, reason = "Failed", str(failed)
    debugger.end(job.body, objects)
    instance.clear()
    folder.enter(detail, _MESSAGES[detail])
    status = "Stopped" if detail == "MaxRuntimeExceeded" else detail
    return Result(status, started, time.time(), detail, reason, metrics=metrics.found)


def _train(job: Job, objects: Objects, folder: Folder, stop: Stop, instance: Instance, metrics: Metrics) -> str:
    folder.enter("Downloading", "Downloading input data")
    _prepare(job, objects, stop, instance)
    folder.enter("Training", "Training image download completed. Training in progress.")
    ending = _contain(job, objects, stop, instance, metrics)
    if not stop.requested:
        folder.enter("Uploading", "Uploading generated training model")
    _upload(job, objects, instance, ending)
    if ending.cause is Cause.ITSELF and ending.code != 0:
        raise instance.failure(ending.code, "")
    return {Cause.ITSELF: "Completed", Cause.STOPPED: "Stopped", Cause.OVERTIME: "MaxRuntimeExceeded"}[ending.cause]


def _prepare(job: Job, objects: Objects, stop: Stop, instance: Instance) -> None:
    for channel in job.body.get("InputDataConfig", []):
        stop.check()
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        if not channels.download(objects, uri, instance.base / "input/data" / channel["ChannelName"]):
            raise JobFailed("ClientError: " + channels.missing(uri, job.region, job.body["RoleArn"]))
    stop.check()
    instance.write("input/config/hyperparameters.json", job.body.get("HyperParameters", {}))
    instance.write("input/config/inputdataconfig.json", _data_config(job.body))
    instance.write("input/config/resourceconfig.json", resources(job.body["ResourceConfig"]["InstanceType"]))
    for name in ("model", "output/data"):
        instance.base.joinpath(name).mkdir(parents=True, exist_ok=True)
    debugger.prepare(job, objects, instance)


def _data_config(body: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Describe the channels as SageMaker describes them to a container."""
    return {channel["ChannelName"]: _channel(body, channel) for channel in body.get("InputDataConfig", [])}


def _channel(body: Mapping[str, Any], channel: Mapping[str, Any]) -> dict[str, str]:
    source = channel["DataSource"]["S3DataSource"]
    config = {
        "TrainingInputMode": channel.get("InputMode", body["AlgorithmSpecification"]["TrainingInputMode"]),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return config | ({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})


def resources(instance_type: str) -> dict[str, Any]:
    """Describe the cluster to a container: resourceconfig.json of a job on one instance."""
    group = {"instance_group_name": "homogeneousCluster", "instance_type": instance_type, "hosts": [HOST]}
    return {
        "current_host": HOST,
        "current_instance_type": instance_type,
        "current_group_name": group["instance_group_name"],
        "hosts": [HOST],
        "instance_groups": [group],
        "network_interface_name": "lo",
    }


def _contain(job: Job, objects: Objects, stop: Stop, instance: Instance, metrics: Metrics) -> Ending:
    log = Log(job.log_path)
    deadline = time.monotonic() + job.body["StoppingCondition"].get("MaxRuntimeInSeconds", 86400)
    told = {"TRAINING_JOB_NAME": job.name, "TRAINING_JOB_ARN": job.arn, "TRAINING_IMAGE": job.image}
    environment = told | job.body.get("Environment", {})
    command = [*_algorithm(job).get("ContainerEntrypoint", []), *_algorithm(job).get("ContainerArguments", [])]
    container = instance.start(command or ["train"], environment, lambda line: metrics.read(log.write(line)))
    with debugger.accompany(job, objects, instance, container):
        return container.wait(stop, job.grace, deadline)


def _upload(job: Job, objects: Objects, instance: Instance, ending: Ending) -> None:
    target = channels.join(job.body["OutputDataConfig"]["S3OutputPath"], job.name, "output")
    saved = any(instance.base.joinpath("model").iterdir())
    if saved or ending == Ending(0, Cause.ITSELF):
        _archive(objects, instance, "model", channels.join(target, "model.tar.gz"))
    if any(instance.base.joinpath("output/data").iterdir()):
        _archive(objects, instance, "output/data", channels.join(target, "output.tar.gz"))


def _archive(objects: Objects, instance: Instance, folder: str, uri: str) -> None:
    archive = instance.base / uri.rpartition("/")[2]
    channels.pack(instance.base / folder, archive)
    channels.upload(objects, archive, uri)


def _algorithm(job: Job) -> Mapping[str, Any]:
    algorithm: Mapping[str, Any] = job.body["AlgorithmSpecification"]
    return algorithm

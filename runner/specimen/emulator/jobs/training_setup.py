"""What a training job's containers find when they start: their channels, and who they are."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from specimen.emulator.jobs import debugger, sources
from specimen.emulator.jobs.instance import Instance
from specimen.emulator.jobs.job import Job
from specimen.emulator.jobs.pipes import Feed
from specimen.emulator.objects import Objects

HOST = "algo-1"
TRACKER = "SPECIMEN_TRACKER"  # the variable that leads hosts without names to each other


def instances(job: Job, first: Instance) -> Mapping[str, Instance]:
    """Return a job's instances by the names of their hosts."""
    count = job.body["ResourceConfig"].get("InstanceCount", 1)
    return {HOST: first, **{host: first.beside(host) for host in (f"algo-{number}" for number in range(2, count + 1))}}


def prepare(
    job: Job, objects: Objects, instances: Mapping[str, Instance], check: Callable[[], None]
) -> tuple[Feed, ...]:
    """Fill the instances' disks and return what feeds their pipes; `check` is called in between."""
    feeds = []
    for channel in job.body.get("InputDataConfig", []):
        source = channel["DataSource"]["S3DataSource"]
        found = sources.objects_of(job, objects, source)
        for place, instance in enumerate(instances.values()):
            check()
            own = sources.dealt(found, source, place, len(instances))
            target = instance.base / "input/data" / channel["ChannelName"]
            if _mode(job.body, channel) == "Pipe":
                feeds.append(Feed(objects, own, target, channel.get("CompressionType") == "Gzip"))
            else:
                sources.download(objects, own, target)
    for host, instance in instances.items():
        check()
        _configure(job, objects, instance, tuple(instances), host)
    return tuple(feeds)


def _configure(job: Job, objects: Objects, instance: Instance, hosts: tuple[str, ...], host: str) -> None:
    instance.write("input/config/hyperparameters.json", job.body.get("HyperParameters", {}))
    instance.write("input/config/inputdataconfig.json", _data_config(job.body))
    kind = job.body["ResourceConfig"]["InstanceType"]
    instance.write("input/config/resourceconfig.json", resources(kind, hosts, host))
    for name in ("model", "output/data"):
        instance.base.joinpath(name).mkdir(parents=True, exist_ok=True)
    debugger.prepare(job, objects, instance)


def _data_config(body: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Describe the channels as SageMaker describes them to a container."""
    return {channel["ChannelName"]: _channel(body, channel) for channel in body.get("InputDataConfig", [])}


def _channel(body: Mapping[str, Any], channel: Mapping[str, Any]) -> dict[str, str]:
    source = channel["DataSource"]["S3DataSource"]
    config = {
        "TrainingInputMode": _mode(body, channel),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return config | ({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})


def _mode(body: Mapping[str, Any], channel: Mapping[str, Any]) -> str:
    """Return how a container gets a channel: FastFile looks like files to it, and here they are."""
    mode: str = channel.get("InputMode", body["AlgorithmSpecification"]["TrainingInputMode"])
    return "Pipe" if mode == "Pipe" else "File"


def resources(instance_type: str, hosts: tuple[str, ...] = (HOST,), host: str = HOST) -> dict[str, Any]:
    """Describe the cluster to a container: resourceconfig.json."""
    group = {"instance_group_name": "homogeneousCluster", "instance_type": instance_type, "hosts": list(hosts)}
    return {
        "current_host": host,
        "current_instance_type": instance_type,
        "current_group_name": group["instance_group_name"],
        "hosts": list(hosts),
        "instance_groups": [group],
        "network_interface_name": "lo",
    }


def environment(job: Job, instances: Mapping[str, Instance]) -> dict[str, str]:
    """Return a container's variables.

    Several hosts share this machine's cores, and find each other by a file, on the first one's disk since it is to go
    with the disk: the next run of the job must not find it.
    """
    told = {"TRAINING_JOB_NAME": job.name, "TRAINING_JOB_ARN": job.arn, "TRAINING_IMAGE": job.image}
    if len(instances) > 1:
        file, threads = instances[HOST].base / "tracker", max(1, _cores() // len(instances))
        told |= {TRACKER: str(file), "OMP_NUM_THREADS": str(threads)}
    return {**told, **job.body.get("Environment", {})}


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

"""What Debugger and checkpoints ask of a training job: what its container is told, and what of it goes to S3 meanwhile.

The places are SageMaker's: ``<S3OutputPath>/<job>/debug-output`` for tensors, ``…/profiler-output`` for timelines
(``framework``) and system metrics (``system``), each with an empty ``training_job_end.ts`` once nothing more comes.
"""

import contextlib
import io
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from specimen.emulator.errors import AwsError
from specimen.emulator.jobs import channels
from specimen.emulator.jobs.instance import Container, Instance, local
from specimen.emulator.jobs.job import Job
from specimen.emulator.jobs.mirror import END, Mirror, Mirroring
from specimen.emulator.jobs.sampling import Sampler
from specimen.emulator.objects import Objects

TENSORS = "/opt/ml/output/tensors"
PROFILES = "/opt/ml/output/profiler"
CHECKPOINTS = "/opt/ml/checkpoints"
INTERVAL = 500  # milliseconds between two looks at what a container takes, where nobody says

Body = Mapping[str, Any]


def tensors(body: Body) -> str | None:
    """Return where a training job's tensors go; None if it saves none."""
    hook = body.get("DebugHookConfig")
    return channels.join(hook["S3OutputPath"], body["TrainingJobName"], "debug-output") if hook else None


def profiles(body: Body) -> str | None:
    """Return where a training job's timelines and system metrics go; None if it is not profiled."""
    config = body.get("ProfilerConfig", {})
    if config.get("DisableProfiler") or "S3OutputPath" not in config:
        return None
    return channels.join(config["S3OutputPath"], body["TrainingJobName"], "profiler-output")


def prepare(job: Job, objects: Objects, instance: Instance) -> None:
    """Write the container's configuration files, and fetch the checkpoints that there are."""
    if tensors(job.body):
        _tell(instance, "debughookconfig", job.body["DebugHookConfig"], TENSORS)
    if profiles(job.body):
        config = job.body["ProfilerConfig"]
        folder = local(instance.base, PROFILES)
        parameters = {**config.get("ProfilingParameters", {}), "LocalPath": str(folder)}
        instance.write("input/config/profilerconfig.json", {**config, "ProfilingParameters": parameters})
        folder.mkdir(parents=True, exist_ok=True)
    if "CheckpointConfig" in job.body:
        config = job.body["CheckpointConfig"]
        _tell(instance, "checkpointconfig", config, CHECKPOINTS)
        channels.download(objects, config["S3Uri"], local(instance.base, config.get("LocalPath", CHECKPOINTS)))


def _tell(instance: Instance, name: str, config: Body, otherwise: str) -> None:
    """Write a configuration whose LocalPath is where that path of the container lies on this machine."""
    folder = local(instance.base, config.get("LocalPath", otherwise))
    instance.write(f"input/config/{name}.json", {**config, "LocalPath": str(folder)})
    folder.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def accompany(job: Job, objects: Objects, instance: Instance, container: Container, host: str) -> Iterator[None]:
    """Copy to S3 what a host's container writes while it runs, and note what it takes of the machine."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(Mirroring(list(_mirrors(job.body, objects, instance))))
        target = profiles(job.body)
        if target is not None:
            interval = job.body["ProfilerConfig"].get("ProfilingIntervalInMilliseconds", INTERVAL) / 1000
            stack.enter_context(Sampler(container.pid, interval, partial(_store, objects, target), host))
        yield


def _store(objects: Objects, prefix: str, path: str, content: bytes) -> None:
    channels.upload_stream(objects, io.BytesIO(content), channels.join(prefix, path))


def _mirrors(body: Body, objects: Objects, instance: Instance) -> Iterator[Mirror]:
    target = tensors(body)
    if target is not None:
        yield Mirror(objects, local(instance.base, body["DebugHookConfig"].get("LocalPath", TENSORS)), target)
    target = profiles(body)
    if target is not None:
        yield Mirror(objects, local(instance.base, PROFILES), target)
    checkpoints = body.get("CheckpointConfig")
    if checkpoints:
        folder = local(instance.base, checkpoints.get("LocalPath", CHECKPOINTS))
        yield Mirror(objects, folder, checkpoints["S3Uri"], settle=True)


def end(body: Body, objects: Objects) -> None:
    """Say to whoever follows a training job's output that nothing more comes, however the job has ended."""
    debugged, profiled = tensors(body), profiles(body)
    marks = [channels.join(debugged, END)] if debugged else []
    marks += [channels.join(profiled, part, END) for part in ("framework", "system")] if profiled else []
    for uri in marks:
        with contextlib.suppress(AwsError):  # without a bucket nobody follows
            bucket, key = channels.split(uri)
            if objects.get(bucket, key) is None:
                objects.put(bucket, key, b"")

"""What a training job's worker does: channels in, a container on each instance, the model out.

Spot instances may be taken away: then the same is done again, with the checkpoints that were saved until then.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from specimen.emulator.jobs import channels, cluster, debugger, training_setup
from specimen.emulator.jobs.cluster import Ended
from specimen.emulator.jobs.folder import Folder
from specimen.emulator.jobs.instance import Cause, Container, Instance
from specimen.emulator.jobs.job import Job, JobFailed, JobInterrupted, JobStopped, Result, Stop
from specimen.emulator.jobs.log import Log, Metrics
from specimen.emulator.objects import Objects

STARTING = "Preparing the instances for training"
_MESSAGES = {
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job wait time exceeded MaxWaitTimeInSeconds provided",
    "Interrupted": "The job stopped because the managed spot training instances were interrupted",
}
_DETAILS = {
    Cause.ITSELF: "Completed",
    Cause.STOPPED: "Stopped",
    Cause.OVERTIME: "MaxRuntimeExceeded",
    Cause.OVERWAIT: "MaxWaitTimeExceeded",
}
_STATUSES = {"MaxRuntimeExceeded": "Stopped", "MaxWaitTimeExceeded": "Stopped"}


class Limits:
    """How long a job may train, and how long it may take with the waiting for spot instances; in seconds."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        stopping = body["StoppingCondition"]
        self._left = stopping.get("MaxRuntimeInSeconds", 86400)
        wait = stopping.get("MaxWaitTimeInSeconds")
        self._end = float("inf") if wait is None else time.monotonic() + wait
        self._spot = bool(body.get("EnableManagedSpotTraining"))
        self._since: float | None = None

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Count the time within as that of training."""
        self._since = time.monotonic()
        yield
        self._left -= time.monotonic() - self._since
        self._since = None

    def asked(self, stop: Stop) -> Cause | None:
        """Return why the job's containers are to end now; None if they are not."""
        now = time.monotonic()
        if stop.requested:
            return Cause.STOPPED
        if self._since is not None and now - self._since > self._left:
            return Cause.OVERTIME
        if now > self._end:
            return Cause.OVERWAIT
        return Cause.INTERRUPTED if self.interrupted(stop) else None

    def interrupted(self, stop: Stop) -> bool:
        """Tell whether the instances are taken away, which happens to spot instances alone."""
        return self._spot and stop.interrupted

    def over(self) -> bool:
        """Tell whether there is no time left to wait for other instances."""
        return time.monotonic() > self._end


@dataclass(frozen=True)
class Training:
    """A training job, and all that it needs to run."""

    job: Job
    objects: Objects
    folder: Folder
    stop: Stop
    instances: Mapping[str, Instance]
    metrics: Metrics
    limits: Limits

    def check(self) -> None:
        """Raise what ends the job before its containers run."""
        self.stop.check()
        if self.limits.interrupted(self.stop):
            raise JobInterrupted

    def clear(self) -> None:
        """Delete the instances' disks."""
        for instance in self.instances.values():
            instance.clear()


def run(job: Job, folder: Folder, stop: Stop, instance: Instance) -> Result:
    """Run a training job to its end and tell how that was."""
    started = time.time()
    metrics = Metrics({entry["Name"]: entry["Regex"] for entry in _algorithm(job).get("MetricDefinitions", [])})
    instances = training_setup.instances(job, instance)
    training = Training(job, job.store(), folder, stop, instances, metrics, Limits(job.body))
    training.clear()  # a worker before this one may have been killed
    reason = None
    try:
        detail = _train(training)
    except JobStopped:
        detail = "Stopped"
    except JobFailed as failed:
        detail, reason = "Failed", str(failed)
    debugger.end(job.body, training.objects)
    training.clear()
    folder.enter(detail, _MESSAGES[detail])
    return Result(_STATUSES.get(detail, detail), started, time.time(), detail, reason, metrics=metrics.found)


def _train(training: Training) -> str:
    """Train until that comes to an end, however often the instances are taken away meanwhile."""
    while True:
        with contextlib.suppress(JobInterrupted):
            return _once(training)
        training.folder.enter("Interrupted", _MESSAGES["Interrupted"])
        training.clear()
        training.stop.interrupted = False
        if training.limits.over():
            return "MaxWaitTimeExceeded"
        training.folder.enter("Starting", STARTING)


def _once(training: Training) -> str:
    training.folder.enter("Downloading", "Downloading input data")
    feeds = training_setup.prepare(training.job, training.objects, training.instances, training.check)
    training.folder.enter("Training", "Training image download completed. Training in progress.")
    with training.limits.running(), contextlib.ExitStack() as piped:
        for feed in feeds:
            piped.enter_context(feed)
        ended = _contain(training)
    if ended.cause is Cause.INTERRUPTED:
        raise JobInterrupted
    if not training.stop.requested:
        training.folder.enter("Uploading", "Uploading generated training model")
    _upload(training, ended)
    if ended.failed is not None and ended.cause is Cause.ITSELF:
        host = cluster.culprit(training.instances, ended)
        raise training.instances[host].failure(ended.codes[host], "")
    return _DETAILS[ended.cause]


def _contain(training: Training) -> Ended:
    containers: dict[str, Container] = {}
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: cluster.end(tuple(containers.values()), 0))  # should one of them not start
        for host, instance in training.instances.items():
            containers[host] = container = _start(training, host, instance)
            stack.enter_context(debugger.accompany(training.job, training.objects, instance, container, host))
        return cluster.wait(containers, lambda: training.limits.asked(training.stop), training.job.grace)


def _start(training: Training, host: str, instance: Instance) -> Container:
    job, log = training.job, Log(training.job.log_of(host))
    command = [*_algorithm(job).get("ContainerEntrypoint", []), *_algorithm(job).get("ContainerArguments", [])]
    environment = training_setup.environment(job, training.instances)
    return instance.start(command or ["train"], environment, lambda line: training.metrics.read(log.write(line)))


def _upload(training: Training, ended: Ended) -> None:
    target = channels.join(training.job.body["OutputDataConfig"]["S3OutputPath"], training.job.name, "output")
    if ended.whole or _saved(training, "model"):
        _archive(training, "model", channels.join(target, "model.tar.gz"))
    if _saved(training, "output/data"):
        _archive(training, "output/data", channels.join(target, "output.tar.gz"))


def _saved(training: Training, folder: str) -> bool:
    return any(path for instance in training.instances.values() for path in instance.base.joinpath(folder).iterdir())


def _archive(training: Training, folder: str, uri: str) -> None:
    """Store what all instances have in a folder as one archive."""
    instances = tuple(training.instances.values())
    archive = instances[0].base / uri.rpartition("/")[2]
    channels.pack([instance.base / folder for instance in instances], archive)
    channels.upload(training.objects, archive, uri)


def _algorithm(job: Job) -> Mapping[str, Any]:
    algorithm: Mapping[str, Any] = job.body["AlgorithmSpecification"]
    return algorithm

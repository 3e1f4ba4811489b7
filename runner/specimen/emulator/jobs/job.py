"""What a worker is told, and how a job ends."""

import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from specimen.emulator.objects import Objects

_FIRST_HOST = re.compile(r"algo-1(?=-[0-9]+$)")  # in the name of a log stream
REASON_LENGTH = 1024  # of FailureReason and ExitMessage in botocore's model


class JobFailed(Exception):
    """The job cannot go on; the text is AWS's FailureReason."""


class JobStopped(Exception):
    """The job was asked to stop before its container ran."""


class JobInterrupted(Exception):
    """The job's spot instances were taken away."""


@dataclass(frozen=True)
class Job:
    """The content of job.json.

    `body` is the job as it is described, `image` the URI of its container image and `module` what runs in its place,
    None if there is none. `environment` leads the container's AWS clients to this server. `log` and `data_log` are the
    files of its log streams. `grace` is how many seconds it has between SIGTERM and SIGKILL. `model` is the model of a
    transform job or an endpoint as it is described. `rule` is what a processing job that evaluates one of
    Debugger's rules is told of it.
    """

    kind: str
    name: str
    arn: str
    body: Mapping[str, Any]
    image: str
    module: str | None
    environment: Mapping[str, str]
    objects: str
    log: str
    region: str
    grace: float
    data_log: str | None = None
    model: Mapping[str, Any] | None = None
    rule: Mapping[str, Any] | None = None

    @property
    def log_path(self) -> Path:
        """Return the file of the job's log stream."""
        return Path(self.log)

    def log_of(self, host: str) -> Path:
        """Return the file of the log stream of one of several hosts, the first of which has the job's own."""
        return self.log_path.with_name(_FIRST_HOST.sub(host, self.log_path.name))

    def store(self) -> Objects:
        """Open the object store."""
        return Objects(Path(self.objects))


@dataclass(frozen=True)
class Result:
    """The content of result.json.

    `status` is AWS's last status, `detail` the secondary one of a training job, `reason` its FailureReason, `message`
    its ExitMessage, `started` and `ended` when the instance was in use (epoch seconds), `metrics` the last value and
    its time of every metric found in the log, `converged` when a tuning job found that it had converged.
    """

    status: str
    started: float
    ended: float
    detail: str | None = None
    reason: str | None = None
    message: str | None = None
    metrics: Mapping[str, tuple[float, float]] | None = None
    converged: float | None = None


class Stop:
    """A request to stop, which reaches a worker as SIGTERM.

    SIGUSR1 says that the spot instances are taken away (`interrupted`), which matters only where there are some.
    """

    def __init__(self) -> None:
        self.requested = False
        self.interrupted = False

    def listen(self) -> None:
        """Take the signals as requests from now on."""
        signal.signal(signal.SIGTERM, self._receive)
        signal.signal(signal.SIGUSR1, self._interrupt)

    def check(self) -> None:
        """Raise `JobStopped` if a stop was requested."""
        if self.requested:
            raise JobStopped

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.requested = True

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.interrupted = True

"""The machine that a job is given: a folder in place of /opt/ml, and a process in place of the container.

As Docker does it, only the container's first process is told to stop; when that has ended, or its time is up, all the
others of its process group are killed.
"""

import contextlib
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any, BinaryIO

from specimen.emulator.jobs.containers import CANNOT_PULL
from specimen.emulator.jobs.folder import Folder
from specimen.emulator.jobs.job import REASON_LENGTH, Job, JobFailed, Stop
from specimen.emulator.jobs.processes import identify
from specimen.warm.template import Call, Process, Template

TICK = 0.02  # seconds between two looks at a running container
PUMP_SECONDS = 5.0  # for the rest of the output, should a process that left the group still hold the pipe
LINE_BYTES = 256 * 1024  # the size of an event in CloudWatch Logs; a longer line becomes several
LEADING_AWAY = ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")  # to AWS itself
PREFIXES = ("ClientError:", "AlgorithmError:", "InternalServerError:", "CustomerError:")


class Cause(Enum):
    """Why a container ended."""

    ITSELF = auto()
    STOPPED = auto()
    OVERTIME = auto()
    OVERWAIT = auto()
    INTERRUPTED = auto()


@dataclass(frozen=True)
class Ending:
    """How a container ended: its exit code (negative: the signal that ended it), and why."""

    code: int
    cause: Cause


class Container:
    """A running container; every line that it prints is handed to `listen`, in a thread of its own."""

    def __init__(self, process: Process, output: BinaryIO, listen: Callable[[str], object]) -> None:
        self._process = process
        self._asked = False
        self._pump = threading.Thread(target=_pump, args=(output, listen), daemon=True)
        self._pump.start()

    @property
    def pid(self) -> int:
        """Return its first process, which leads its process group."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Tell whether its first process still runs."""
        return self.code is None

    @property
    def code(self) -> int | None:
        """Return its exit code (negative: the signal that ended it); None while it runs."""
        return self._process.poll()

    def wait(self, stop: Stop, grace: float, deadline: float | None = None) -> Ending:
        """Wait until it ends, or end it when a stop is requested or the deadline (monotonic seconds) is past."""
        cause = Cause.ITSELF
        while self.running:
            if stop.requested or (deadline is not None and time.monotonic() > deadline):
                cause = Cause.STOPPED if stop.requested else Cause.OVERTIME
                self.end(grace)
            else:
                self._process.wait(TICK)
        return Ending(self.end(0), cause)

    def ask(self) -> None:
        """Tell it to end, once: a second signal would come in the midst of what it does before it ends."""
        if self.running and not self._asked:
            self._asked = True
            self._process.terminate()

    def end(self, grace: float) -> int:
        """Tell it to end, kill what is left of it after `grace` seconds, and return its exit code."""
        self.ask()
        if self.running and self._process.wait(grace) is None:
            self._process.kill()
        # nothing may be left of the group, or only zombies (macOS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        code = self._process.wait()
        self._pump.join(PUMP_SECONDS)
        return code


class Instance:
    """One instance with its base folder, which SageMaker's containers know as /opt/ml; `host` is one of several."""

    def __init__(self, folder: Folder, job: Job, template: Template, host: str | None = None) -> None:
        self.base = folder.path / (f"ml-{host}" if host else "ml")
        self._note = f"container-{host}.json" if host else "container.json"
        self._folder = folder
        self._job = job
        self.template = template

    def start(
        self, arguments: Sequence[str], environment: Mapping[str, str], listen: Callable[[str], object]
    ) -> Container:
        """Start the job's container; `JobFailed` if its image cannot be had."""
        if self._job.module is None:
            raise JobFailed(CANNOT_PULL.format(image=self._job.image))
        self.base.mkdir(parents=True, exist_ok=True)
        try:
            process, output = self._spawn(self._job.module, arguments, environment)
        except (OSError, ValueError) as problem:  # a NUL in an argument or in a variable is a ValueError
            raise JobFailed(f"AlgorithmError: cannot start the container: {problem}") from problem
        known = identify(process.pid)
        if known is not None:
            self._folder.note(self._note, known)
        return Container(process, output, listen)

    def beside(self, host: str) -> "Instance":
        """Return another instance of the same job."""
        return Instance(self._folder, self._job, self.template, host)

    def _spawn(self, module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[Process, BinaryIO]:
        asked = {name: value for name, value in environment.items() if not name.startswith(LEADING_AWAY)}
        told = {**os.environ, **asked, **self._job.environment, "SAGEMAKER_BASE_DIR": str(self.base)}
        ours, theirs = os.pipe()
        output = os.fdopen(ours, "rb")
        try:
            call = Call(module, arguments, told, cwd=str(self.base), session=False)
            return self.template.start(call, theirs), output
        except BaseException:
            output.close()
            raise
        finally:
            os.close(theirs)

    def write(self, path: str, content: Any) -> None:
        """Write a JSON file below the base folder."""
        target = self.base / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(content))

    def text(self, path: str) -> str:
        """Read the beginning of a text file below the base folder; empty if it is not there."""
        target = self.base / path
        if not target.is_file():
            return ""
        with target.open("rb") as stream:
            return stream.read(4 * REASON_LENGTH).decode(errors="replace").strip()

    def failure(self, code: int, otherwise: str) -> JobFailed:
        """Form the reason of a container that ended with an exit code, from output/failure if it wrote one."""
        text = self.text("output/failure")
        if not text and otherwise:
            return JobFailed(otherwise)
        ending = f", exit code: {code if code >= 0 else 128 - code}"  # as Docker reports an end by signal
        prefix = "" if text.startswith(PREFIXES) else "AlgorithmError: "
        return JobFailed(prefix + text[: REASON_LENGTH - len(prefix) - len(ending)] + ending)

    def clear(self) -> None:
        """Delete the base folder: an instance's disk goes with it."""
        shutil.rmtree(self.base, ignore_errors=True)


def local(base: Path, path: str) -> Path:
    """Return where a path of the container (``/opt/ml/…``) lies on this machine; `JobFailed` if it is another one."""
    target = Path(os.path.normpath(base / path.removeprefix("/opt/ml").lstrip("/")))
    if not path.startswith("/opt/ml/") or "\0" in path or not target.is_relative_to(base):
        raise JobFailed(f"ClientError: {path!r} does not lie under /opt/ml.")
    return target


def _pump(stream: BinaryIO, listen: Callable[[str], object]) -> None:
    with stream:
        while line := stream.readline(LINE_BYTES):
            listen(line.decode(errors="replace").rstrip("\r\n"))

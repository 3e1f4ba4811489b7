"""Starts workers, stops them, and reads what they have come to.

A worker is found again by its process (pid and start time), which stands in its job's folder: so a server that was
restarted goes on with the workers that its predecessor started.
"""

import contextlib
import os
import shutil
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from specimen.emulator.jobs.containers import BUILT_IN, Images
from specimen.emulator.jobs.folder import Folder, Transition
from specimen.emulator.jobs.processes import identify, session
from specimen.warm.template import Call, Template

LOST = "InternalServerError: We encountered an internal error. Please try again. (The job's worker ended abruptly.)"


GRACE_SECONDS = 120.0  # that SageMaker gives a container between SIGTERM and SIGKILL
KILL_SECONDS = 5.0  # within which the kernel ends a process


@dataclass(frozen=True)
class Progress:
    """What a job has come to: its transitions so far and, once it has ended, its result.

    `lost` says that the worker ended, but left no result: it was killed, or its machine was switched off.
    """

    transitions: tuple[Transition, ...]
    result: Mapping[str, Any] | None
    lost: bool


class Launcher:
    """The workers of the server whose state lies in `state`; their containers have `grace` seconds to stop.

    Workers are forked from `template`, else from one of the launcher's own, which imports `libraries` before it is
    needed.
    """

    def __init__(
        self,
        state: Path,
        images: Images = BUILT_IN,
        grace: float = GRACE_SECONDS,
        libraries: Sequence[str] = (),
        template: Template | None = None,
    ) -> None:
        self.images = images
        self.grace = grace
        self._template = template or Template(libraries, _environment())
        self._root = state / "jobs"
        self._reviving = threading.Lock()

    def warm(self) -> None:
        """Start the template, so that it is ready when it is needed."""
        self._template.warm()

    def close(self) -> None:
        """End the template; workers go on."""
        self._template.close()

    def folder(self, kind: str, name: str) -> Folder:
        """Return a job's folder, there or not."""
        return Folder(self._root / kind / name)

    def launch(self, kind: str, name: str, job: dict[str, Any]) -> None:
        """Start the worker of a new job; anything left in a folder of this name belongs to no job and goes."""
        self.discard(kind, name)
        folder = self.folder(kind, name)
        folder.path.mkdir(parents=True, mode=0o700, exist_ok=True)
        folder.write("job.json", job)
        self._start(folder)

    def revive(self, kind: str, name: str) -> None:
        """Start the worker of a job that was lost once more, with the job.json that it has."""
        with self._reviving:  # several requests may find out at once
            folder = self.folder(kind, name)
            if self.progress(kind, name).lost and folder.read("job.json") is not None:
                folder.remove("serving.json")
                self._start(folder)

    def stop(self, kind: str, name: str) -> None:
        """Ask a worker to stop its container and to end, unless it has ended by itself."""
        worker = self.folder(kind, name).process("worker.json")
        if worker is not None:
            worker.signal(signal.SIGTERM)

    def progress(self, kind: str, name: str) -> Progress:
        """Read what a job has come to; of a lost worker the container is ended as well."""
        folder = self.folder(kind, name)
        worker = folder.process("worker.json")
        alive = worker is not None and worker.alive()
        result = folder.read("result.json")  # after the look at the process, which writes it before it ends
        lost = result is None and not alive
        if lost:
            _kill(folder)
        return Progress(folder.transitions(), result, lost)

    def discard(self, kind: str, name: str) -> None:
        """End what still runs of a job, and delete its folder."""
        folder = self.folder(kind, name)
        with self._reviving:  # from now on nobody starts it again, who has looked before it was to go
            folder.remove("job.json")
        _kill(folder)
        shutil.rmtree(folder.path, ignore_errors=True)

    def sweep(self, known: Callable[[str, str], bool]) -> None:
        """End and delete jobs (kind and name) that the server does not know: it was killed before it answered."""
        for path in sorted(self._root.glob("*/*")):
            if not known(path.parent.name, path.name):
                self.discard(path.parent.name, path.name)

    def suspend(self, kind: str) -> None:
        """Ask all workers of a kind to end, as a server does with its endpoints before it goes; they can come back."""
        for name in self.names(kind):
            self.stop(kind, name)

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the names of all jobs of a kind that have a folder."""
        return tuple(sorted(path.name for path in self._root.glob(f"{kind}/*")))

    def _start(self, folder: Folder) -> None:
        call = Call(
            "specimen.emulator.jobs.worker",
            [str(folder.path)],
            _environment(),
            cwd=str(folder.path),
            umask=0o077,  # nobody else is to read what a job works on
        )
        with folder.path.joinpath("output").open("ab") as output:
            process = self._template.start(call, output.fileno())
        worker = identify(process.pid)
        if worker is not None:
            folder.note("worker.json", worker)
        threading.Thread(target=process.wait, name=f"reaper-{process.pid}", daemon=True).start()


def _kill(folder: Folder) -> None:
    """Kill a job's processes: the worker first, so that it cannot start another container."""
    for name in ("worker.json", *folder.containers()):
        process = folder.process(name)
        if process is not None and process.signal(signal.SIGKILL, group=True):
            process.wait(KILL_SECONDS)
            for pid in session(process.pid):  # a container that the worker had not come to write down
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    """Return this process's environment without anything that could lead an AWS client to AWS."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BOTO"))}

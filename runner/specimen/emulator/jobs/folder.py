"""A job's folder: the files by which a server and a worker, which may outlive it, understand each other.

========  =============  ==========================================================
written   file           content
========  =============  ==========================================================
server    job.json       all that the worker needs
both      worker.json    the worker's process
worker    container.json the process of the container that it runs; ``container-<host>.json`` of further instances
worker    serving.json   the port on which an endpoint's container answers, for as long as it does
both      status.jsonl   transitions, a line each: time, status, message
worker    result.json    how it ended; renamed into place, so that it is whole
worker    output         what the worker itself printed, for whoever looks for a bug
========  =============  ==========================================================
"""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from specimen.emulator.jobs.processes import Process

_BEGINNINGS = frozenset(
    {"Starting", "Restarting", "Downloading", "Training", "Interrupted", "Processing", "Transforming"}
)
_ENDS = frozenset({"Completed", "Failed", "Stopped", "MaxRuntimeExceeded", "MaxWaitTimeExceeded"})


@dataclass(frozen=True)
class Transition:
    """A status that a job entered at a time (epoch seconds), and AWS's message to it."""

    time: float
    status: str
    message: str


@dataclass(frozen=True)
class Folder:
    """The folder of one job."""

    path: Path

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Write a JSON file aside and rename it into place; it holds keys, hence for its owner's eyes only."""
        aside = self.path / f".{name}.{os.getpid()}"
        aside.touch(mode=0o600)
        with aside.open("w") as stream:
            json.dump(content, stream)
            stream.flush()
            os.fsync(stream.fileno())
        aside.rename(self.path / name)

    def read(self, name: str) -> dict[str, Any] | None:
        """Read a JSON file, or return None if it is not there."""
        try:
            content: dict[str, Any] = json.loads(self.path.joinpath(name).read_bytes())
        except FileNotFoundError:
            return None
        return content

    def remove(self, name: str) -> None:
        """Delete a file, which need not be there."""
        self.path.joinpath(name).unlink(missing_ok=True)

    def containers(self) -> tuple[str, ...]:
        """Return the names of the files that name containers' processes."""
        return tuple(sorted(path.name for path in self.path.glob("container*.json")))

    def process(self, name: str) -> Process | None:
        """Return the process that a file names, running or not."""
        content = self.read(name)
        return None if content is None else Process(content["pid"], content["started"])

    def note(self, name: str, process: Process) -> None:
        """Write down a process, so that it is found again after a restart."""
        self.write(name, asdict(process))

    def enter(self, status: str, message: str) -> None:
        """Append a transition that happens now; one short write, which the other side sees whole or not at all."""
        line = json.dumps(asdict(Transition(time.time(), status, message))) + "\n"
        with self.path.joinpath("status.jsonl").open("ab", buffering=0) as stream:
            stream.write(line.encode())

    def transitions(self) -> tuple[Transition, ...]:
        """Return the transitions so far, oldest first.

        A worker that learns of a stop too late may still say that it begins something; no job does after "Stopping".
        Nor is a job stopping that had ended when it was told to.
        """
        try:
            text = self.path.joinpath("status.jsonl").read_text()
        except FileNotFoundError:
            return ()
        found: list[Transition] = []
        stopping = False
        for entered in filter(None, map(_transition, text.splitlines())):
            if entered.status == "Stopping" and found and found[-1].status in _ENDS:
                continue
            if not (stopping and entered.status in _BEGINNINGS):
                found.append(entered)
            stopping = stopping or entered.status == "Stopping"
        return tuple(found)


def _transition(line: str) -> Transition | None:
    """Read a line; None for one that a full disk has cut short."""
    try:
        return Transition(**json.loads(line))
    except ValueError:
        return None

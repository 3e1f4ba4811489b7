"""``run.json``: how the run stands, replaced as a whole at every change."""

import os
import threading
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from specimen.emulator.jobs.processes import identify
from specimen.planning.steps import Plan, Step
from specimen.running.folder import RunFolder
from specimen.running.outcome import Outcome, State
from specimen.spec.model import Json


class Journal:
    """Keeps ``run.json``; told of changes from several threads.

    It names the runner's process as server.json does the server's: a run that says "running" and whose process is gone
    was killed.
    """

    def __init__(self, folder: RunFolder, plan: Plan, told: Mapping[str, Json]) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._run: dict[str, Json] = {
            "run": folder.name,
            **told,
            "process": _process(),
            "state": State.RUNNING.value,
            "started": _now(),
            "ended": None,
        }
        self._steps: dict[str, dict[str, Json]] = {step.id: _untouched(step, folder) for step in plan}
        self._write()

    def note(self, step: Step, outcome: Outcome, record: Mapping[str, Json] | None) -> None:
        """A step's state has changed; `record` is what its component wrote, once there is one."""
        with self._lock:
            entry = self._steps[step.id]
            entry["state"] = outcome.state.value
            entry["reason"] = outcome.reason
            entry["started" if outcome.state is State.RUNNING else "ended"] = _now()
            if record:
                entry["resource"] = record.get("resource")
                self._keep(record.get("details"))
            self._write()

    def _keep(self, details: Json) -> None:
        """The exit step tells what the trials came to, by which runs are compared later."""
        match details:
            case {"results": results}:
                self._run["results"] = results

    def end(self, state: State) -> None:
        """The run has ended."""
        with self._lock:
            self._run |= {"state": state.value, "ended": _now()}
            self._write()

    def _write(self) -> None:
        self._folder.write({**self._run, "steps": list(self._steps.values())})


def _untouched(step: Step, folder: RunFolder) -> dict[str, Json]:
    return {
        "id": step.id,
        "component": step.component,
        "trials": sorted(step.trials),
        "saves": _saves(step),
        "state": State.WAITING.value,
        "started": None,
        "ended": None,
        "reason": None,
        "resource": None,
        "log": str(folder.log(step.id).relative_to(folder.path)),
    }


def _saves(step: Step) -> Json:
    """The S3 prefix under which a training job of the step's own name saves its tensors, if it does."""
    match step.arguments.get("request"):
        case {"DebugHookConfig": {"S3OutputPath": str() as prefix}}:
            return prefix
        case _:
            return None


def _process() -> Json:
    process = identify(os.getpid())
    return asdict(process) if process else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")

"""A whole run on this machine.

Starts the embedded SageMaker, puts local sources where the plan expects them, walks the plan, and keeps the run's
folder. What is done already is found by the components themselves, never by anything written here.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from specimen.errors import Interrupted, SpecimenError
from specimen.inputs import Inputs
from specimen.planning.digests import digest
from specimen.planning.locations import Locations
from specimen.planning.steps import Plan, Step
from specimen.running import server
from specimen.running.circumstances import commit, differences, versions
from specimen.running.folder import RunFolder, new_run
from specimen.running.journal import Journal
from specimen.running.outcome import Outcome, State
from specimen.running.process import LIBRARIES, Processes, environment
from specimen.running.schedule import Observe, walk
from specimen.running.storage import Storage, connect
from specimen.spec.model import Json
from specimen.warm.template import Template

AT_ONCE = max(2, os.cpu_count() or 2)


class Watcher(Protocol):
    """Who is told of a run as it goes on."""

    def begun(self, folder: RunFolder, plan: Plan) -> None:
        """The run has a folder."""

    def changed(self, step: Step, outcome: Outcome) -> None:
        """A step's state has changed."""

    def said(self, step: Step, line: str) -> None:
        """A step printed a line."""

    def noted(self, line: str) -> None:
        """Something happened that concerns the run as a whole."""


@dataclass(frozen=True)
class Request:
    """What is to be run: the plan, what it was made from, and the folder that holds all local state."""

    spec: Path
    inputs: Inputs
    plan: Plan
    state: Path


@dataclass(frozen=True)
class Finished:
    """A run that has ended: its folder, and what became of each step."""

    folder: RunFolder
    outcomes: Mapping[str, Outcome]

    @property
    def failures(self) -> Mapping[str, Outcome]:
        """The steps that failed."""
        return {step: outcome for step, outcome in self.outcomes.items() if outcome.state is State.FAILED}

    @property
    def causes(self) -> Mapping[str, Outcome]:
        """The failures to tell: the exit step, the last, fails with any other step and repeats what that one said."""
        *steps, _ = self.outcomes
        return {step: outcome for step, outcome in self.failures.items() if step in steps} or self.failures


def run(request: Request, watcher: Watcher) -> Finished:
    """Run to the end and give every step's outcome.

    Raises:
        Interrupted: by Ctrl-C or SIGTERM, after `finish` has stopped the run's jobs.
        UsageError: the state folder, a port or an extra is missing.
    """
    with Template(LIBRARIES, environment({})) as template, server.kept_up(request.state, watcher.noted) as found:
        surroundings = found.environment()
        storage = connect(surroundings)
        storage.ensure_bucket(request.inputs.target.bucket)
        for source in request.inputs.sources:
            storage.upload(source.path, source.uri)
        folder = new_run(request.state, request.inputs.experiment.name)
        return _Run(request, folder, storage, environment(surroundings), template, watcher).walk()


@dataclass(frozen=True)
class _Run:
    request: Request
    folder: RunFolder
    storage: Storage
    environment: Mapping[str, str]
    template: Template
    watcher: Watcher

    def walk(self) -> Finished:
        *steps, finish = self.request.plan  # the last step is the exit step
        records = self._locations.records(self.folder.name)
        journal = Journal(self.folder, self.request.plan, {**told(self.request), "records": records})
        self.watcher.begun(self.folder, self.request.plan)
        processes = self._processes()
        observe = partial(self._observe, journal)
        try:
            outcomes = walk(tuple(steps), processes.execute, observe, processes.end, at_once=AT_ONCE)
        except KeyboardInterrupt as interruption:
            try:
                self._last(finish, observe)
            finally:  # also after a second Ctrl-C, which does not wait for the exit step
                journal.end(State.STOPPED)
            raise Interrupted(f"run {self.folder.name} was interrupted", self._stopped(finish)) from interruption
        except BaseException:
            journal.end(State.FAILED)
            raise
        finished = Finished(self.folder, {**outcomes, finish.id: self._last(finish, observe)})
        journal.end(State.FAILED if finished.failures else State.SUCCEEDED)
        return finished

    def _last(self, finish: Step, observe: Observe) -> Outcome:
        """Do the exit step: whatever happened before, and also after an interruption."""
        observe(finish, Outcome(State.RUNNING))
        outcome = self._processes().execute(finish, {})
        observe(finish, outcome)
        return outcome

    def _stopped(self, finish: Step) -> tuple[str, ...]:
        """What `finish` says it has stopped and deleted."""
        record = self._record(finish) or {}
        match record.get("details"):
            case {"stopped": [*stopped], **rest}:
                deleted = rest.get("deleted")
                return tuple(map(str, [*stopped, *(deleted if isinstance(deleted, list) else ())]))
            case _:
                return ()

    def _record(self, step: Step) -> Mapping[str, Json] | None:
        """What the step's component wrote; nothing where the server is gone, which the component itself will tell."""
        try:
            return self.storage.record(self._locations.record(self.folder.name, step.id))
        except SpecimenError:
            return None

    def _observe(self, journal: Journal, step: Step, outcome: Outcome) -> None:
        ended = outcome.state not in (State.WAITING, State.RUNNING, State.SKIPPED)
        journal.note(step, outcome, self._record(step) if ended else None)
        self.watcher.changed(step, outcome)

    def _processes(self) -> Processes:
        return Processes(self.folder, self._locations, self.environment, self.template, self.watcher.said)

    @property
    def _locations(self) -> Locations:
        return Locations.of(self.request.inputs.target, self.request.inputs.experiment.name)


def told(request: Request) -> dict[str, Json]:
    """What ``run.json`` says of the run as a whole."""
    return {
        "experiment": request.inputs.experiment.name,
        "spec": {"path": str(request.spec), "digest": digest(request.inputs.experiment.document)},
        "git": commit(request.spec.parent),
        "data": {str(source.path): source.digest for source in request.inputs.sources},
        "versions": versions(),
        "differences": list(differences(request.inputs.experiment)),
    }

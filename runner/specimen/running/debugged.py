"""What a run knows of its saved tensors: where they are, whose columns they speak of, what the rules found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from specimen.errors import SpecimenError, UsageError
from specimen.running import runs
from specimen.running.runs import AGAIN
from specimen.spec.model import Json
from specimen.spec.words import any_of
from specimen.tensors import Verdict

DEBUG, PREPARE = "debug", "prepare"  # components
COLLECT = "add `debugger: {collect: {metrics: 5}}` to the spec, and run it again"


@dataclass(frozen=True)
class Debugged:
    """A training of a run; each record is that of a step, or empty where the step has left none."""

    run: Path
    step: str
    state: str
    saves: str | None  # the prefix under which the training job saves
    debug: Mapping[str, Json]
    train: Mapping[str, Json]
    prepare: Mapping[str, Json]

    @property
    def tensors(self) -> str:
        """The URI of the tensors; while the training goes on, too.

        Raises:
            SpecimenError: there are none yet.
        """
        match self.debug, self.train:
            case {"details": {"tensors": str() as uri}}, _:
                return uri
            case {"details": {"tensors": None}}, _:
                raise SpecimenError(f"run {self.run.name} saved no tensors", hint=COLLECT)
            case _, {"resource": {"name": str() as job}} if self.saves:
                return f"{self.saves}/{job}/debug-output"
            case _:
                raise SpecimenError(
                    f"run {self.run.name} has no tensors: its step {self.step} is {self.state}",
                    hint=f"see {self.run / 'report.html'}",
                )

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that the features f0, f1, … were made from; none where that is unknown.

        libsvm counts from 1, so that f0 is none of them, and has the name of the first column, the label.
        """
        match self.prepare:
            case {"outputs": {"columns": [*columns]}, "details": {"manifest": {"content_type": "libsvm"}}}:
                return tuple(map(str, columns))
            case {"outputs": {"columns": [_, *columns]}}:
                return tuple(map(str, columns))
            case _:
                return ()

    @property
    def rules(self) -> tuple[Verdict, ...]:
        """The verdicts, in the spec's order; none before the step has ended."""
        match self.debug:
            case {"details": {"rules": [*rules]}}:
                return tuple(_verdict(rule) for rule in rules if isinstance(rule, Mapping))
            case _:
                return ()

    @property
    def reports(self) -> tuple[Path, ...]:
        """The reports of rules that were fetched into the run."""
        return tuple(sorted((self.run / "artifacts" / self.step).glob("*_report.html")))


class Records(Protocol):
    """Where records are read from."""

    def record(self, uri: str) -> Mapping[str, Json] | None:
        """A step's record, if it has written one."""


def chosen(state: Path, name: str) -> "Asked":
    """The debugged training of a run, which is the only one or that of the trial that is named (``RUN/TRIAL``).

    Raises:
        UsageError: there is no such run or trial, or there are several trainings.
        SpecimenError: the run's file is damaged, or the run saved no tensors.
    """
    run, trial = runs.find(state, name)
    document = runs.read(run)
    steps = _steps(run, document)
    if trial is not None and not any(trial in _trials(step) for step in steps):
        raise runs.unknown_trial(run, trial, sorted({name for step in steps for name in _trials(step)}))
    own = [step for step in steps if trial is None or trial in _trials(step)]
    match [step for step in own if step["component"] == DEBUG], document.get("records"):
        case [], _:
            whose = f"trial {trial} of run {run.name}" if trial else f"run {run.name}"
            raise SpecimenError(f"{whose} saved no tensors: its spec has no `debugger`", hint=COLLECT)
        case [step], str() as records:
            return Asked(run, step, own, records)
        case [_], _:
            raise runs.damaged(run, "`records` says not where the steps' records are")
        case several, _:
            names = [f"{run.name}/{_trials(step)[0]}" for step in several]
            raise UsageError(f"run {run.name} has tensors of several trainings", hint=f"name {any_of(names)}")


@dataclass(frozen=True)
class Asked:
    """A training whose records are still to be read: its step `debug`, and all steps of its trials."""

    run: Path
    step: Mapping[str, Json]
    steps: Sequence[Mapping[str, Json]]
    records: str

    def read(self, source: Records) -> Debugged:
        """Read the records of the steps that tell of the training."""
        saving = next((step for step in self.steps if step.get("saves") and self._shares(step)), None)
        prepare = next((step for step in self.steps if step["component"] == PREPARE and self._shares(step)), None)
        return Debugged(
            run=self.run,
            step=str(self.step["id"]),
            state=str(self.step.get("state")),
            saves=str(saving["saves"]) if saving else None,
            debug=self._record(source, self.step),
            train=self._record(source, saving),
            prepare=self._record(source, prepare),
        )

    def _shares(self, step: Mapping[str, Json]) -> bool:
        """Whether a step belongs to all trials that the training belongs to."""
        return set(_trials(self.step)) <= set(_trials(step))

    def _record(self, source: Records, step: Mapping[str, Json] | None) -> Mapping[str, Json]:
        return (source.record(f"{self.records}/{step['id']}.json") if step else None) or {}


def _steps(run: Path, document: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    match document.get("steps"):
        case [*steps]:
            found = [step for step in steps if isinstance(step, Mapping)]
        case _:
            raise runs.damaged(run, "`steps` is no list")
    if not all({"id", "component"} <= step.keys() for step in found):
        raise runs.damaged(run, "a step has no `id` or no `component`")
    if not all("trials" in step for step in found):
        raise SpecimenError(
            f"run {run.name} cannot be read: the version of Specimen that wrote it kept not whose its steps are",
            hint=AGAIN,
        )
    return found


def _trials(step: Mapping[str, Json]) -> list[str]:
    match step["trials"]:
        case [*names]:
            return [str(name) for name in names]
        case _:
            return []


def _verdict(rule: Mapping[str, Json]) -> Verdict:
    details = str(rule.get("details") or "").strip()
    return Verdict(str(rule.get("name")), str(rule.get("status")), details or None)

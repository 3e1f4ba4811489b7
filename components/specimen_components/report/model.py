"""What a report shows: frozen data, made by `collect` and turned into HTML by `page`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Outcome(Enum):
    """What became of a step; the values are what the report says."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"
    CUT_OFF = "cut off"
    SKIPPED = "held back by a gate"
    NOT_STARTED = "did not start"

    @property
    def bad(self) -> bool:
        """Say whether the run failed by it."""
        return self in (Outcome.FAILED, Outcome.STOPPED, Outcome.CUT_OFF)


@dataclass(frozen=True)
class Step:
    """One step of the plan and what became of it."""

    id: str
    component: str
    trials: tuple[str, ...]
    outcome: Outcome
    seconds: float | None = None
    resource: Mapping[str, Any] | None = None  # type, name, arn, how, console
    reason: str | None = None
    hint: str | None = None


@dataclass(frozen=True)
class Trouble:
    """Why the run failed, one cause each, and what to do."""

    where: str
    what: str
    hint: str | None


Found = Mapping[str, Any]  # a step's details


@dataclass(frozen=True)
class Section:
    """A step's outputs and details, or why there are none.

    `before` is what it had found by when it failed; `folder` holds its artifacts, relative to the page of a local run.
    """

    step: str
    outputs: Mapping[str, Any]
    details: Found | None
    why_not: str | None = None
    before: Found | None = None
    folder: str | None = None


@dataclass(frozen=True)
class Trial:
    """One variant of the experiment: its sections by component, and the bias analyses by step."""

    name: str
    sections: Mapping[str, Section]  # component → section; absent when the spec asks for no such step
    bias: tuple[Section, ...]
    manifest: Found = field(default_factory=dict)  # of its data, whichever part of the report shows that; empty of none


@dataclass(frozen=True)
class Report:
    """A whole run."""

    run: str
    experiment: str
    description: str | None
    labels: Mapping[str, str]
    target: Mapping[str, Any]
    digest: str
    document: Mapping[str, Any]
    steps: tuple[Step, ...]
    trials: tuple[Trial, ...]
    hosting: Mapping[str, Section]  # of `host` and `verify`, which are the whole experiment's, by component
    troubles: tuple[Trouble, ...]
    notes: tuple[str, ...]  # what `finish` did, such as jobs stopped
    deleted: tuple[str, ...]  # what `finish` deleted of the endpoint, and what it could not: sentences, as notes are
    undeleted: tuple[str, ...]
    versions: Mapping[str, str]
    started: str | None
    seconds: float | None

    @property
    def ok(self) -> bool:
        """Say whether the run went well."""
        return not self.troubles

    @property
    def interrupted(self) -> bool:
        """Say whether steps were stopped or cut off, and nothing failed by itself: no step, and no gate."""
        outcomes = {step.outcome for step in self.steps}
        return bool(outcomes & {Outcome.STOPPED, Outcome.CUT_OFF}) and not outcomes & {Outcome.FAILED, Outcome.SKIPPED}

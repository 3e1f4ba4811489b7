"""The record that each step leaves in S3: what became of it, for `finish`, for `status`, and for the next reader."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum

from specimen_components import storage
from specimen_components.clients import Aws
from specimen_components.jsondata import Json, finite


class State(Enum):
    """What has become of a step."""

    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    STOPPED = "Stopped"


@dataclass(frozen=True)
class Resource:
    """The AWS resource that a step owns; `how` is created, adopted or reused, `console` a link where there is one."""

    type: str
    name: str
    arn: str
    how: str
    console: str | None = None


@dataclass(frozen=True)
class Record:
    """One step of one run; times are ISO 8601 in UTC."""

    step: str
    component: str
    run: str
    state: State
    started: str
    ended: str | None = None
    outputs: Mapping[str, Json] = field(default_factory=dict)
    reason: str | None = None
    hint: str | None = None
    resource: Resource | None = None
    details: Mapping[str, Json] = field(default_factory=dict)

    def text(self) -> str:
        """Give the record as JSON with the keys in one order."""
        document = {**asdict(replace(self, outputs={}, details={})), "state": self.state.value}
        document |= {"outputs": dict(self.outputs), "details": dict(self.details)}
        return json.dumps(finite(document), indent=1, sort_keys=True, allow_nan=False)


class Recorder:
    """Keeps one step's record in S3: written when it starts, when its resource is known, and when it ends."""

    def __init__(self, aws: Aws, uri: str, component: str, run: str) -> None:
        self._aws = aws
        self.uri = uri
        self.record = Record(step_of(uri), component, run, State.RUNNING, now())

    def start(self) -> None:
        """Write the record for the first time."""
        self._write()

    def announce(self, resource: Resource) -> None:
        """Add the resource, so that the record names it however the step ends."""
        if resource != self.record.resource:
            self.record = replace(self.record, resource=resource)
            self._write()

    def give(self, outputs: Mapping[str, Json], details: Mapping[str, Json]) -> None:
        """Take what the step gives; the next writing has it."""
        self.record = replace(self.record, outputs=outputs, details=details)

    def succeed(self) -> None:
        """Write that the step succeeded."""
        self.record = replace(self.record, state=State.SUCCEEDED, ended=now())
        self._write()

    def fail(self, state: State, reason: str, hint: str | None) -> None:
        """Write how the step failed."""
        self.record = replace(self.record, state=state, ended=now(), reason=reason, hint=hint)
        self._write()

    def _write(self) -> None:
        storage.write(self._aws, self.uri, self.record.text().encode(), "application/json")


def step_of(uri: str) -> str:
    """Give the step's ID, which is the last segment of its record's URI."""
    return uri.rsplit("/", 1)[-1].removesuffix(".json")


def now() -> str:
    """Give the time now, ISO 8601 in UTC, whole milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")

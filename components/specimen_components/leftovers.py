"""Jobs of a run that are still going when it ends: found by the run's tag, and stopped."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from specimen_components import adopt, requests, resources, statuses
from specimen_components.command import Call
from specimen_components.problems import Failure, Refused

# A tuning job first, so that it starts no other training job while those that go are stopped.
_KINDS = (resources.TUNING_JOB, resources.TRAINING_JOB, resources.PROCESSING_JOB, resources.TRANSFORM_JOB)


@dataclass(frozen=True)
class Leftovers:
    """What was stopped, and what could not be: sentences for people."""

    stopped: tuple[str, ...]
    problems: tuple[str, ...]


def stop(call: Call) -> Leftovers:
    """Stop every job in progress that carries the tag of the call's run; a refusal ends nothing but that one stop."""
    stopped: list[str] = []
    problems: list[str] = []
    for kind in _KINDS:
        try:
            for name in _going(call, kind):
                stopped += _stopped(call, kind, name)
        except Failure as failure:
            problems.append(f"Whether a {kind.type} of this run still goes could not be told: {failure}")
    return Leftovers(tuple(stopped), tuple(problems))


def _going(call: Call, kind: resources.ResourceType) -> Iterator[str]:
    """Yield the names of this run's jobs of one kind that are in progress."""
    asked = {"StatusEquals": "InProgress"}
    listed = call.ask(lambda: list(call.aws.pages(adopt.SERVICE, f"List{kind.type}s", asked, f"{kind.type}Summaries")))
    for job in listed:
        if adopt.tags_of(call, job[kind.arn]).get(requests.RUN_TAG) == call.run and not _of_rule(call, kind, job):
            yield job[kind.name]


def _of_rule(call: Call, kind: resources.ResourceType, job: Mapping[str, Any]) -> bool:
    """Tell whether SageMaker runs it beside a training job: it ends soon after that, and could not be started again."""
    return kind is resources.PROCESSING_JOB and "TrainingJobArn" in (adopt.describe(call, kind, job[kind.name]) or {})


def _stopped(call: Call, kind: resources.ResourceType, name: str) -> list[str]:
    try:
        call.ask(lambda: call.aws.call(adopt.SERVICE, f"Stop{kind.type}", {kind.name: name}))
    except Refused as refusal:
        described = adopt.describe(call, kind, name) or {}
        if adopt.phase(kind, {str(kind.status): "Stopped", **described}) is statuses.Phase.GOING:
            raise
        return [f"{kind.type} {name} ended by itself before it could be stopped ({refusal.code})."]
    return [f"{kind.type} {name} was still going and was stopped."]

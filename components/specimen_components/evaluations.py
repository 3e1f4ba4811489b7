"""How Debugger's rules have judged a training job: awaited until each has come to an end, also after the job's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specimen_components import adopt, resources, siblings, statuses
from specimen_components.command import Call
from specimen_components.jsondata import Json
from specimen_components.problems import Failure
from specimen_components.progress import say
from specimen_components.statuses import Phase

SHAPE = "RuleEvaluationStatus"
FOUND = "IssuesFound"
_MEMBERS = ("DebugRuleEvaluationStatuses", "ProfilerRuleEvaluationStatuses")


@dataclass(frozen=True)
class Evaluation:
    """How one rule has judged; `on_issues` says what follows if it found an issue, or could not judge."""

    name: str  # in the training job
    rule: str  # AWS's name for it, or the class of one's own
    on_issues: str  # fail, warn or ignore
    status: str = ""  # AWS's own; empty as long as AWS says nothing of the rule
    details: str = ""
    arn: str = ""

    @property
    def phase(self) -> Phase:
        """Give what the status means."""
        return statuses.phase(SHAPE, self.status)

    @property
    def sound(self) -> bool:
        """Tell whether the rule has judged, and found nothing."""
        return self.phase is Phase.DONE and self.status != FOUND

    @property
    def text(self) -> str:
        """Give the judgement as one line."""
        told = f"{self.name}: {self.status or 'no status'}"
        return f"{told}: {' '.join(self.details.split())}" if self.details else told

    def document(self) -> dict[str, Json]:
        """Give the judgement as the record holds it."""
        return {
            "name": self.name,
            "rule": self.rule,
            "status": self.status,
            "details": self.details,
            "on_issues": self.on_issues,
            "arn": self.arn,
        }


def settled(call: Call, job: str, rules: Sequence[Mapping[str, Any]]) -> tuple[Evaluation, ...]:
    """Wait until every rule has come to an end; one that does not within the pace's margin is given as it stands."""
    began = call.clock.now()
    pauses = call.pace.pauses()
    told: dict[str, str] = {}
    while True:
        found = _evaluations(_described(call, job), rules)
        _tell(found, told)
        going = [one.name for one in found if one.phase is Phase.GOING]
        if not going:
            return found
        if call.clock.now() - began > call.pace.margin:
            say(f"{', '.join(going)}: no end after {call.pace.margin:.0f} s; not waiting any longer")
            return found
        call.clock.sleep(next(pauses))


def recorded(call: Call, rules: Sequence[Mapping[str, Any]]) -> tuple[Evaluation, ...]:
    """Give how rules have judged that steps of their own have run, which are done before this one starts."""
    records = siblings.records(call)
    outputs = {rule["name"]: records.get(str(rule["step"]), {}).get("outputs", {}) for rule in rules}
    members = {"RuleEvaluationStatus": "status", "StatusDetails": "details", "RuleEvaluationJobArn": "arn"}
    found = tuple(
        _evaluation(rule, {member: outputs[rule["name"]].get(output, "") for member, output in members.items()})
        for rule in rules
    )
    _tell(found, {})
    return found


def reported(description: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Give the statuses that a training job's description holds, by the rules' names."""
    return {one["RuleConfigurationName"]: one for member in _MEMBERS for one in description.get(member) or ()}


def _described(call: Call, job: str) -> Mapping[str, Any]:
    description = adopt.describe(call, resources.TRAINING_JOB, job)
    if description is None:
        raise Failure(f"training job {job} is not there any more", hint="Run again; it is made anew.")
    return description


def _evaluations(description: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> tuple[Evaluation, ...]:
    known = reported(description)
    return tuple(_evaluation(rule, known.get(str(rule["name"]), {})) for rule in rules)


def _evaluation(rule: Mapping[str, Any], status: Mapping[str, Any]) -> Evaluation:
    return Evaluation(
        name=str(rule["name"]),
        rule=str(rule["rule"]),
        on_issues=str(rule["on_issues"]),
        status=str(status.get("RuleEvaluationStatus", "")),
        details=str(status.get("StatusDetails", "")).strip(),
        arn=str(status.get("RuleEvaluationJobArn", "")),
    )


def _tell(found: Sequence[Evaluation], told: dict[str, str]) -> None:
    """Say what has changed since it was told last."""
    for one in found:
        if told.get(one.name) != one.text:
            say(one.text)
            told[one.name] = one.text

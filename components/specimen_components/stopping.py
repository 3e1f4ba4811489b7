"""Training jobs that a rule of Debugger's has stopped: one with a model saved is as good as completed."""

from collections.abc import Mapping
from typing import Any

from specimen_components import adopt, resources, siblings, statuses, storage
from specimen_components.command import Call
from specimen_components.evaluations import FOUND, reported
from specimen_components.statuses import Phase
from specimen_components.waiting import until

_STOPS = '"stoptraining'  # in a rule's action_json, whose quotes have backslashes before them


def by_rule(call: Call, description: Mapping[str, Any]) -> str | None:
    """Say which rule has stopped the job, whose model is there; None where that is not what has happened to it."""
    kind = resources.TRAINING_JOB
    own = [str(name) for name in call.items("stoppers")] if "stoppers" in call.arguments else []
    stoppers = [*own, *_stoppers(description)]
    if adopt.phase(kind, description) is not Phase.STOPPED or not stoppers:
        return None
    if description.get("SecondaryStatus") in statuses.TIME_LIMITS:
        return None
    artifact = (description.get("ModelArtifacts") or {}).get("S3ModelArtifacts")
    if not artifact or call.ask(lambda: storage.find(call.aws, artifact)) is None:
        return None
    name = str(description[kind.name])

    def look() -> str | None:  # the rule's own status may arrive after the job's
        if own:
            return _recorded(call, name, own)
        known = reported(adopt.describe(call, kind, name) or {})
        return next((rule for rule in stoppers if known.get(rule, {}).get("RuleEvaluationStatus") == FOUND), None)

    rule = until(call.clock, call.pace, look)
    return None if rule is None else f"rule {rule} has stopped it, and its model up to then was saved"


def _recorded(call: Call, job: str, stoppers: list[str]) -> str | None:
    """Give the rule whose own step says that it has found an issue in the job."""
    for record in siblings.records(call).values():
        found = record.get("outputs") or {}
        name = (record.get("details") or {}).get("name")
        if name in stoppers and (found.get("training_job"), found.get("status")) == (job, FOUND):
            return str(name)
    return None


def _stoppers(description: Mapping[str, Any]) -> list[str]:
    """Give the names of the rules that may stop the job."""
    return [
        rule["RuleConfigurationName"]
        for rule in description.get("DebugRuleConfigurations") or ()
        if _stops(rule.get("RuleParameters") or {})
    ]


def _stops(parameters: Mapping[str, str]) -> bool:
    if parameters.get("stop_training_on_fire", "").lower() == "true":
        return True
    return _STOPS in parameters.get("action_json", "").replace("\\", "")

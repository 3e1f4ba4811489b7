"""One of Debugger's rules as a processing job of our own, beside the training job that it judges.

It succeeds whatever the rule finds, and also when the rule crashes: `debug` says what that means.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from specimen_components import adopt, configurations, resources, siblings
from specimen_components.command import Call, Result, run
from specimen_components.evaluations import FOUND
from specimen_components.interface import RULE
from specimen_components.jsondata import Json
from specimen_components.problems import Failure, Refused, Stopped, Unreachable, Unusable
from specimen_components.progress import say

MET = "RuleEvaluationConditionMet"  # how the exit message of a rule begins whose condition is met
_OVER = frozenset({"Failed", "Stopped"})


def work(call: Call) -> Result:
    """Judge the training job, and the next one where the step beside this one had to make another attempt."""
    judged = _training_job(call)
    while True:
        if judged is None:
            return _result(call, "", "Stopped", "There was no training job to judge", "")
        result = _judge(call, judged)
        latest = _training_job(call)
        if latest in (judged, None):
            return result
        say(f"{judged} was given up for {latest}")
        judged = latest


def _judge(call: Call, training_job: str) -> Result:
    """Run the rule's job, or use the one that has judged the same training job already."""
    values: dict[str, Json] = {**call.arguments, "training_job": training_job}
    values["config"] = configurations.written(call, values, "rule_config.json")
    kind = resources.PROCESSING_JOB
    try:
        job = adopt.job(call, kind, call.text("prefix"), call.mapping("request"), values)
    except (Refused, Unreachable, Unusable):
        raise
    except Failure as failure:
        status = "Stopped" if isinstance(failure, Stopped) else "Error"
        resource = call.recorder.record.resource
        return _result(call, training_job, status, str(failure), resource.arn if resource else "")
    message = str(job.description.get("ExitMessage", ""))
    return _result(call, training_job, FOUND if message.startswith(MET) else "NoIssuesFound", message, job.resource.arn)


def _result(call: Call, training_job: str, status: str, details: str, arn: str) -> Result:
    told = " ".join(details.split())
    say(f"{status}: {told}" if told else status)
    outputs: dict[str, Json] = {"training_job": training_job, "status": status, "details": told, "arn": arn}
    return Result(outputs, details={"name": call.mapping("config")["name"], **outputs})


def _training_job(call: Call) -> str | None:
    """Give the name of the training job as soon as the step that has it says so; None when it ended without one."""
    pauses, began = call.pace.pauses(), call.clock.now()
    while True:
        record = siblings.record(call, call.text("train")) or {}
        if name := _named(record):
            return name
        if record.get("state") in _OVER:
            return None
        if call.clock.now() - began > call.pace.margin:
            raise Failure(
                f"step {call.text('train')} has named no training job within {call.pace.margin:.0f} s",
                hint="Look at that step's log; then run again.",
            )
        call.clock.sleep(next(pauses))


def _named(record: Mapping[str, Any]) -> str | None:
    """Give the training job that a record names; one whose step failed before it began is none."""
    resource = record.get("resource") or {}
    return str(resource["name"]) if resource.get("type") == resources.TRAINING_JOB.type else None


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(RULE, work, argv)


if __name__ == "__main__":
    sys.exit(main())

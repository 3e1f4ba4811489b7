"""Trial components: how SageMaker shows a job in an experiment. It makes one itself, shortly after each job."""

from collections.abc import Sequence
from typing import Any

from specimen_components import waiting
from specimen_components.command import Call
from specimen_components.progress import say
from specimen_components.resources import ResourceType

SERVICE = "sagemaker"


def name_of(kind: ResourceType, job: str) -> str:
    """Give the name of a job's trial component: ``<job>-aws-training-job`` and its like."""
    return f"{job}-aws-{kind.type.removesuffix('Job').lower()}-job"


def of_job(call: Call, kind: ResourceType, job: str) -> dict[str, Any] | None:
    """Describe a job's trial component; None when it has not appeared after the wait for late news."""
    return waiting.until(call.clock, call.pace, lambda: _described(call, kind, job))


def associate(call: Call, kind: ResourceType, jobs: Sequence[str]) -> None:
    """Show jobs in each of the trials that share them, which are the call's `trials`; none for a job of one trial.

    After one that did not appear in time the others are not waited for again.
    """
    trials = call.items("trials") if "trials" in call.arguments else ()
    missing = False
    for job in jobs if trials else ():
        if (_now(call, kind, job) if missing else of_job(call, kind, job)) is None:
            missing = True
            say(f"trial component {name_of(kind, job)} has not appeared; the job is not shown in its trials")
            continue
        for trial in trials:
            _show(call, name_of(kind, job), str(trial))


def _show(call: Call, component: str, trial: str) -> None:
    request = {"TrialComponentName": component, "TrialName": trial}
    call.ask(lambda: call.aws.call(SERVICE, "AssociateTrialComponent", request))


def _now(call: Call, kind: ResourceType, job: str) -> dict[str, Any] | None:
    return call.ask(lambda: _described(call, kind, job))


def _described(call: Call, kind: ResourceType, job: str) -> dict[str, Any] | None:
    return call.aws.find(SERVICE, "DescribeTrialComponent", {"TrialComponentName": name_of(kind, job)})

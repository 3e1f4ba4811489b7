"""Trial components: how SageMaker shows a job in an experiment. It makes one itself, shortly after each job."""

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
    request = {"TrialComponentName": name_of(kind, job)}
    return waiting.until(call.clock, call.pace, lambda: call.aws.find(SERVICE, "DescribeTrialComponent", request))


def associate(call: Call, kind: ResourceType, job: str) -> None:
    """Show a job in each of the trials that share it, which are the call's `trials`; none for a job of one trial."""
    trials = call.items("trials") if "trials" in call.arguments else ()
    if not trials:
        return
    if of_job(call, kind, job) is None:
        say(f"trial component {name_of(kind, job)} has not appeared; the job is not shown in its trials")
        return
    for trial in trials:
        request = {"TrialComponentName": name_of(kind, job), "TrialName": str(trial)}
        call.ask(lambda asked=request: call.aws.call(SERVICE, "AssociateTrialComponent", asked))  # type: ignore[misc]

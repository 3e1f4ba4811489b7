"""One SageMaker training job: its model's artifact, its final metrics, its learning curves and feature importance."""

import re
import sys
from collections.abc import Mapping, Sequence
from functools import partial

from specimen_components import adopt, outputs, parts, resources, stopping, trained
from specimen_components.command import Call, Result, run
from specimen_components.interface import TRAIN
from specimen_components.jsondata import Json
from specimen_components.problems import Refused

_DEBUGGER = ("DebugHookConfig", "DebugRuleConfigurations", "ProfilerConfig", "ProfilerRuleConfigurations")
_CLOSED = frozenset({"ValidationException", "AccessDeniedException", "AccessDenied"})
_OF_DEBUGGER = re.compile(r"debug|profil|rule.?evaluat", re.IGNORECASE)


def work(call: Call) -> Result:
    """Train, or use the job that has trained the same already."""
    parts.refuse_incomplete(call, "train", "validation")
    job = _trained(call)
    name = job.resource.name
    description = trained.with_metrics(call, name, job.description)
    found = trained.metrics(description)
    return Result(
        {"job": name, "arn": job.resource.arn, "artifact": trained.artifact(description), "metrics": found},
        artifacts={"metrics_view": outputs.metrics(found)},
        details={**trained.details(call, name, description), "status": description["TrainingJobStatus"]},
    )


def _trained(call: Call) -> adopt.Owned:
    """Give the job that has trained, completed or stopped by a rule; a refusal of Debugger names the switch."""
    kind, request, excuse = resources.TRAINING_JOB, call.mapping("request"), partial(stopping.by_rule, call)
    try:
        return adopt.job(call, kind, call.text("prefix"), request, output=trained.artifact, excuse=excuse)
    except Refused as refusal:
        raise _named(refusal, request) from refusal


def _named(refusal: Refused, request: Mapping[str, Json]) -> Refused:
    """Give the refusal with the switch that goes without AWS's Debugger, if it may be that which was refused."""
    asked = any(member in request for member in _DEBUGGER)
    if not asked or refusal.code not in _CLOSED or not _OF_DEBUGGER.search(refusal.reason):
        return refusal
    hint = "If AWS has closed Debugger to this account, write `debugger: own` or `off` under `aws` in the target."
    return Refused(refusal.operation, refusal.code, refusal.reason, hint=hint)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(TRAIN, work, argv)


if __name__ == "__main__":
    sys.exit(main())

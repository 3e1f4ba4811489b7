"""Operations on trial components."""

from collections.abc import Mapping

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import not_found, validation
from specimen.emulator.sagemaker import components, jobs
from specimen.emulator.sagemaker.entities import (
    COMPONENT,
    EXPERIMENT,
    TRIAL,
    add,
    change,
    given,
    need,
    remove,
    shown,
)
from specimen.emulator.sagemaker.jobs import Kind
from specimen.emulator.sagemaker.paging import Body, created, ordered, page
from specimen.emulator.sagemaker.processing import PROCESSING
from specimen.emulator.sagemaker.training import TRAINING
from specimen.emulator.sagemaker.transform import TRANSFORM

_KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (TRAINING, PROCESSING, TRANSFORM)}
_MAPS = ("Parameters", "InputArtifacts", "OutputArtifacts")


def create_trial_component(context: Context, request: Request) -> Response:
    """Create a trial component by hand."""
    name = request["TrialComponentName"]
    arn = add(context, COMPONENT, name, {"DisplayName": name, **request}, request.get("Tags", ()))
    return {"TrialComponentArn": arn}


def describe_trial_component(context: Context, request: Request) -> Response:
    """Describe a trial component; one that a job made is as the job is now."""
    body = fresh(context, components.need_component(context, request["TrialComponentName"]))
    return shown("DescribeTrialComponentResponse", body)


def fresh(context: Context, body: Body) -> Body:
    """Return a component after a look at the job that it stands for."""
    source = body.get("Job")
    job = None if source is None else context.tx.get(source["Kind"], source["Name"])
    if source is None or job is None:
        return body
    jobs.refresh(context, _KINDS[source["Kind"]], job)
    return components.need_component(context, body["TrialComponentName"])


def update_trial_component(context: Context, request: Request) -> Response:
    """Change a trial component; parameters and artifacts are added to those it has."""
    body = components.need_component(context, request["TrialComponentName"])
    changes = given(request, "DisplayName", "Status", "StartTime", "EndTime")
    for member in _MAPS:
        kept = {**body.get(member, {}), **request.get(member, {})}
        for name in request.get(f"{member}ToRemove", ()):
            kept.pop(name, None)
        changes[member] = kept
    change(context, COMPONENT, body, changes)
    return {"TrialComponentArn": body["TrialComponentArn"]}


def delete_trial_component(context: Context, request: Request) -> Response:
    """Delete a trial component that belongs to no trial."""
    body = components.need_component(context, request["TrialComponentName"])
    if components.trials_of(context, body["TrialComponentName"]):
        raise validation(f"Trial Component '{body['TrialComponentName']}' belongs to a trial; disassociate it first.")
    remove(context, COMPONENT, body)
    return {"TrialComponentArn": body["TrialComponentArn"]}


def list_trial_components(context: Context, request: Request) -> Response:
    """List trial components: all, an experiment's, a trial's, or those of a source."""
    if "ExperimentName" in request and "TrialName" in request:
        raise validation("Only one of ExperimentName and TrialName can be given.")
    wanted = _members(context, request)
    found = [fresh(context, body) for body in context.tx.list(COMPONENT.name) if created(request, body)]
    found = [body for body in found if wanted is None or body["TrialComponentName"].lower() in wanted]
    if "SourceArn" in request:
        found = [body for body in found if body.get("Source", {}).get("SourceArn") == request["SourceArn"]]
    found = ordered(request, found, {"Name": "TrialComponentName"})
    return page(request, found, "TrialComponentSummaries", _summary)


def _members(context: Context, request: Request) -> frozenset[str] | None:
    if "TrialName" in request:
        return components.of_trial(context, need(context, TRIAL, request["TrialName"])["TrialName"])
    if "ExperimentName" not in request:
        return None
    experiment = need(context, EXPERIMENT, request["ExperimentName"])["ExperimentName"]
    trials = [body for body in context.tx.list(TRIAL.name) if body["ExperimentName"] == experiment]
    return frozenset[str]().union(*(components.of_trial(context, trial["TrialName"]) for trial in trials))


def _summary(body: Body) -> Body:
    source = {"TrialComponentSource": body["Source"]} if "Source" in body else {}
    return shown("TrialComponentSummary", {**body, **source})


def associate_trial_component(context: Context, request: Request) -> Response:
    """Make a component one of a trial."""
    component, trial = _pair(context, request)
    components.join(context, trial["TrialName"], component["TrialComponentName"])
    return {"TrialComponentArn": component["TrialComponentArn"], "TrialArn": trial["TrialArn"]}


def disassociate_trial_component(context: Context, request: Request) -> Response:
    """Take a component from a trial."""
    component, trial = _pair(context, request)
    if not components.leave(context, trial["TrialName"], component["TrialComponentName"]):
        raise not_found(
            f"Trial Component '{component['TrialComponentName']}' is not associated with trial '{trial['TrialName']}'."
        )
    return {"TrialComponentArn": component["TrialComponentArn"], "TrialArn": trial["TrialArn"]}


def _pair(context: Context, request: Request) -> tuple[Body, Body]:
    component = components.need_component(context, request["TrialComponentName"])
    return component, need(context, TRIAL, request["TrialName"])


OPERATIONS: Mapping[str, Operation] = {
    "AssociateTrialComponent": associate_trial_component,
    "CreateTrialComponent": create_trial_component,
    "DeleteTrialComponent": delete_trial_component,
    "DescribeTrialComponent": describe_trial_component,
    "DisassociateTrialComponent": disassociate_trial_component,
    "ListTrialComponents": list_trial_components,
    "UpdateTrialComponent": update_trial_component,
}

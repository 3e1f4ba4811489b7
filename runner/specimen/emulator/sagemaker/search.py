"""Search: jobs, experiments, their parts, and model packages by any of their properties."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.sagemaker import components, jobs, packages, tags, trial_components, tuning
from specimen.emulator.sagemaker.entities import COMPONENT, EXPERIMENT, GROUP, TRIAL, need, shown
from specimen.emulator.sagemaker.expressions import matches, values
from specimen.emulator.sagemaker.jobs import unsupported
from specimen.emulator.sagemaker.paging import Body, page
from specimen.emulator.sagemaker.training import TRAINING, described


@dataclass(frozen=True)
class Resource:
    """What can be searched: the member of a record that shows it, its ARN's member, and all there are.

    `shape` is the shape of that member, where its name is another.
    """

    record: str
    arn: str
    bodies: Callable[[Context], Iterator[Body]]
    shape: str = ""


def _training_jobs(context: Context) -> Iterator[Body]:
    return (described(context, jobs.refresh(context, TRAINING, body)) for body in context.tx.list(TRAINING.name))


def _tuning_jobs(context: Context) -> Iterator[Body]:
    for body in context.tx.list(tuning.KIND):
        yield tuning.described(context, tuning.refresh(context, body))


def _trials(context: Context) -> Iterator[Body]:
    for body in context.tx.list(TRIAL.name):
        members = sorted(components.of_trial(context, body["TrialName"]))
        simple = [shown("TrialComponentSimpleSummary", _simple(need(context, COMPONENT, name))) for name in members]
        yield {**body, "TrialComponentSummaries": simple}


def _simple(body: Body) -> Body:
    return {**body, "TrialComponentSource": body["Source"]} if "Source" in body else body


def _components(context: Context) -> Iterator[Body]:
    for stored in context.tx.list(COMPONENT.name):
        body = trial_components.fresh(context, stored)
        yield {**body, "Parents": components.parents(context, body["TrialComponentName"])}


_RESOURCES: Mapping[str, Resource] = {
    "TrainingJob": Resource("TrainingJob", "TrainingJobArn", _training_jobs),
    "HyperParameterTuningJob": Resource(
        tuning.KIND, "HyperParameterTuningJobArn", _tuning_jobs, "HyperParameterTuningJobSearchEntity"
    ),
    "Experiment": Resource("Experiment", "ExperimentArn", lambda context: iter(context.tx.list(EXPERIMENT.name))),
    "ExperimentTrial": Resource("Trial", "TrialArn", _trials),
    "ExperimentTrialComponent": Resource("TrialComponent", "TrialComponentArn", _components),
    "ModelPackage": Resource(
        "ModelPackage",
        "ModelPackageArn",
        lambda context: (packages.current(context, body) for body in context.tx.list(packages.KIND)),
    ),
    "ModelPackageGroup": Resource(
        "ModelPackageGroup", "ModelPackageGroupArn", lambda context: iter(context.tx.list(GROUP.name))
    ),
}


def search(context: Context, request: Request) -> Response:
    """Find resources by an expression over their properties, last changed first unless asked otherwise."""
    resource = _RESOURCES.get(request["Resource"])
    if resource is None:
        raise unsupported(f"Search of {request['Resource']}")
    expression = request.get("SearchExpression", {})
    tagged = ({**body, "Tags": tags.of(context, body[resource.arn])} for body in resource.bodies(context))
    found = [body for body in tagged if matches(expression, body)]
    by = request.get("SortBy", "LastModifiedTime")
    found.sort(key=lambda body: _order(body, by), reverse=request.get("SortOrder", "Descending") == "Descending")
    shape = resource.shape or resource.record
    response = page(request, found, "Results", lambda body: {resource.record: shown(shape, body)})
    return {**response, "TotalHits": {"Value": len(found), "Relation": "EqualTo"}}


def _order(body: Body, name: str) -> tuple[int, float, str]:
    """Order numbers before texts, and what lacks the property before both."""
    value = next(values(body, name), body["CreationTime"] if name == "LastModifiedTime" else None)
    match value:
        case None:
            return (0, 0.0, "")
        case int() | float():
            return (1, value, "")
        case _:
            return (2, 0.0, str(value))


OPERATIONS: Mapping[str, Operation] = {"Search": search}

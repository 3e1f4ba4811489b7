"""Experiments and their trials."""

from collections.abc import Mapping

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import validation
from specimen.emulator.sagemaker import components
from specimen.emulator.sagemaker.entities import EXPERIMENT, TRIAL, add, change, given, need, remove, shown
from specimen.emulator.sagemaker.paging import Body, created, ordered, page
from specimen.emulator.sagemaker.recording import record_job

__all__ = ["OPERATIONS", "record_job"]


def create_experiment(context: Context, request: Request) -> Response:
    """Create an experiment."""
    name = request["ExperimentName"]
    arn = add(context, EXPERIMENT, name, {"DisplayName": name, **request}, request.get("Tags", ()))
    return {"ExperimentArn": arn}


def describe_experiment(context: Context, request: Request) -> Response:
    """Describe an experiment."""
    return shown("DescribeExperimentResponse", need(context, EXPERIMENT, request["ExperimentName"]))


def update_experiment(context: Context, request: Request) -> Response:
    """Change an experiment's display name and description."""
    body = need(context, EXPERIMENT, request["ExperimentName"])
    change(context, EXPERIMENT, body, given(request, "DisplayName", "Description"))
    return {"ExperimentArn": body["ExperimentArn"]}


def delete_experiment(context: Context, request: Request) -> Response:
    """Delete an experiment without trials."""
    body = need(context, EXPERIMENT, request["ExperimentName"])
    if any(_belongs(trial, body["ExperimentName"]) for trial in context.tx.list(TRIAL.name)):
        raise validation(f"Experiment '{body['ExperimentName']}' has trials; delete them first.")
    remove(context, EXPERIMENT, body)
    return {"ExperimentArn": body["ExperimentArn"]}


def list_experiments(context: Context, request: Request) -> Response:
    """List experiments."""
    found = [body for body in context.tx.list(EXPERIMENT.name) if created(request, body)]
    found = ordered(request, found, {"Name": "ExperimentName"})
    return page(request, found, "ExperimentSummaries", lambda body: shown("ExperimentSummary", body))


def create_trial(context: Context, request: Request) -> Response:
    """Create a trial of an experiment that exists."""
    experiment = need(context, EXPERIMENT, request["ExperimentName"])
    name = request["TrialName"]
    body = {"DisplayName": name, **request, "ExperimentName": experiment["ExperimentName"]}
    return {"TrialArn": add(context, TRIAL, name, body, request.get("Tags", ()))}


def describe_trial(context: Context, request: Request) -> Response:
    """Describe a trial."""
    return shown("DescribeTrialResponse", need(context, TRIAL, request["TrialName"]))


def update_trial(context: Context, request: Request) -> Response:
    """Change a trial's display name."""
    body = need(context, TRIAL, request["TrialName"])
    change(context, TRIAL, body, given(request, "DisplayName"))
    return {"TrialArn": body["TrialArn"]}


def delete_trial(context: Context, request: Request) -> Response:
    """Delete a trial without components."""
    body = need(context, TRIAL, request["TrialName"])
    if components.of_trial(context, body["TrialName"]):
        raise validation(f"Trial '{body['TrialName']}' has trial components; disassociate them first.")
    remove(context, TRIAL, body)
    return {"TrialArn": body["TrialArn"]}


def list_trials(context: Context, request: Request) -> Response:
    """List trials: all, an experiment's, or those that a component belongs to."""
    found = [body for body in context.tx.list(TRIAL.name) if created(request, body)]
    if "ExperimentName" in request:
        experiment = need(context, EXPERIMENT, request["ExperimentName"])["ExperimentName"]
        found = [body for body in found if _belongs(body, experiment)]
    if "TrialComponentName" in request:
        trials = components.trials_of(context, request["TrialComponentName"])
        found = [body for body in found if body["TrialName"].lower() in trials]
    found = ordered(request, found, {"Name": "TrialName"})
    return page(request, found, "TrialSummaries", lambda body: shown("TrialSummary", body))


def _belongs(trial: Body, experiment: str) -> bool:
    return bool(trial["ExperimentName"].lower() == experiment.lower())


OPERATIONS: Mapping[str, Operation] = {
    "CreateExperiment": create_experiment,
    "CreateTrial": create_trial,
    "DeleteExperiment": delete_experiment,
    "DeleteTrial": delete_trial,
    "DescribeExperiment": describe_experiment,
    "DescribeTrial": describe_trial,
    "ListExperiments": list_experiments,
    "ListTrials": list_trials,
    "UpdateExperiment": update_experiment,
    "UpdateTrial": update_trial,
}

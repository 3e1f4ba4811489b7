"""Hyperparameter tuning jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import validation
from specimen.emulator.jobs.job import REASON_LENGTH
from specimen.emulator.jobs.launch import LOST
from specimen.emulator.sagemaker import answers, jobs, listing, paging, tags, training, tuning_checks
from specimen.emulator.sagemaker import tuning_children as children
from specimen.emulator.sagemaker.paging import Body
from specimen.emulator.sagemaker.training import TRAINING
from specimen.emulator.sagemaker.tuning_children import Child

KIND = "HyperParameterTuningJob"
STATUS = "HyperParameterTuningJobStatus"
_LISTED = (
    *("HyperParameterTuningJobName", "HyperParameterTuningJobArn", STATUS, "CreationTime"),
    *("HyperParameterTuningEndTime", "LastModifiedTime", "TrainingJobStatusCounters", "ObjectiveStatusCounters"),
)


@dataclass(frozen=True)
class Tuning:
    """A tuning job as it is now: its description so far, and its training jobs."""

    body: Body
    children: list[Child]

    @property
    def name(self) -> str:
        """Return the tuning job's name."""
        return str(self.body["HyperParameterTuningJobName"])

    @property
    def objective(self) -> Mapping[str, str]:
        """Return what is tuned for."""
        return children.objective(self.body)


def create_tuning_job(context: Context, request: Request) -> Response:
    """Check a tuning job as SageMaker does before it accepts one, and start it."""
    name = request["HyperParameterTuningJobName"]
    arn = _arn(context, name)
    if context.tx.get(KIND, name) is not None:
        raise answers.exists(KIND, name, arn)
    tuning_checks.check(context, request)
    now = context.now()
    body = {
        **request,
        "HyperParameterTuningJobArn": arn,
        "TrainingJobDefinition": _definition(context, request),
        STATUS: "InProgress",
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    _check_parents(context, body)
    image = body["TrainingJobDefinition"]["AlgorithmSpecification"]["TrainingImage"]
    context.tx.insert(KIND, name, body)
    context.tx.delete(children.KIND, name)  # of a job of this name that was deleted
    tags.give(context, arn, request.get("Tags", []))  # before its training jobs, which have them too
    jobs.launch(context, jobs.brief(context, KIND, name, arn, body, image, log=""))
    return {"HyperParameterTuningJobArn": arn}


def _definition(context: Context, request: Request) -> Body:
    """Return the definition of the training jobs as SageMaker describes it once it has accepted it."""
    definition = request["TrainingJobDefinition"]
    tuned_for = request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"]
    static = {**definition.get("StaticHyperParameters", {}), children.OBJECTIVE: tuned_for}
    sketch = {"TrainingJobDefinition": {**definition, "StaticHyperParameters": static}}
    name = request["HyperParameterTuningJobName"]
    checked = training.accepted(
        context, children.request({**sketch, "HyperParameterTuningJobArn": _arn(context, name)}, name, {})
    )
    algorithm = {**checked["AlgorithmSpecification"]}
    algorithm.pop("EnableSageMakerMetricsTimeSeries", None)
    tuning_checks.check_objective(tuned_for, algorithm)
    switches = {name: checked.get(name, False) for name in tuning_checks.SWITCHES}
    return {
        **definition,
        **switches,
        "StaticHyperParameters": static,
        "AlgorithmSpecification": algorithm,
        "StoppingCondition": checked["StoppingCondition"],
    }


def _check_parents(context: Context, body: Mapping[str, Any]) -> None:
    config = body.get("WarmStartConfig", {})
    for parent in config.get("ParentHyperParameterTuningJobs", []):
        found = current(context, parent["HyperParameterTuningJobName"])
        tuning_checks.check_parent(body, found.body, config["WarmStartType"])


def describe_tuning_job(context: Context, request: Request) -> Response:
    """Describe a tuning job as it is now."""
    return described(context, current(context, request[f"{KIND}Name"]))


def described(context: Context, tuning: Tuning) -> Body:
    """Describe a tuning job with its counters, its best training job and, once it has ended, how that came."""
    objective = tuning.objective
    answer = {**jobs.without(tuning.body), **children.counters(tuning.children, objective["MetricName"])}
    best = children.best(tuning.children, objective)
    if best is not None:
        answer["BestTrainingJob"] = best.summary(objective)
    overall = _overall(context, tuning)
    if overall is not None:
        answer["OverallBestTrainingJob"] = overall
    count = children.not_improving(tuning.children, objective)
    details = {"NumberOfTrainingJobsObjectiveNotImproving": count, **answer.get("TuningJobCompletionDetails", {})}
    return {**answer, "TuningJobCompletionDetails": details}


def _overall(context: Context, tuning: Tuning) -> Body | None:
    """Return the best training job of this tuning job and of those that it goes on from, if its data are theirs."""
    config = tuning.body.get("WarmStartConfig", {})
    if config.get("WarmStartType") != "IdenticalDataAndAlgorithm":
        return None
    parents = [parent["HyperParameterTuningJobName"] for parent in config["ParentHyperParameterTuningJobs"]]
    owned = {child.name: name for name in (tuning.name, *parents) for child in children.of(context, name)}
    everyone = [*tuning.children, *(child for name in parents for child in children.of(context, name))]
    best = children.best(everyone, tuning.objective)
    return None if best is None else best.summary(tuning.objective, owned[best.name])


def list_tuning_jobs(context: Context, request: Request) -> Response:
    """List tuning jobs."""
    known = [described(context, current(context, body[f"{KIND}Name"])) for body in context.tx.list(KIND)]
    wanted = (body for body in known if listing.wanted(request, body, KIND))
    found = paging.ordered(
        request, wanted, {"": f"{KIND}Name", "Name": f"{KIND}Name", "Status": STATUS}, default="Ascending"
    )
    return paging.page(request, found, f"{KIND}Summaries", _listed)


def _listed(body: Body) -> Body:
    config = body["HyperParameterTuningJobConfig"]
    more = {"Strategy": config["Strategy"], "ResourceLimits": config["ResourceLimits"]}
    return {member: body[member] for member in _LISTED if member in body} | more


def list_training_jobs(context: Context, request: Request) -> Response:
    """List the training jobs of a tuning job; in the order of the objective only those that have one."""
    tuning = current(context, request[f"{KIND}Name"])
    shown = [child.summary(tuning.objective) for child in tuning.children]
    status = request.get("StatusEquals")
    wanted = [entry for entry in shown if status in (None, entry["TrainingJobStatus"])]
    by = {"": "TrainingJobName", "Name": "TrainingJobName", "Status": "TrainingJobStatus"}
    if request.get("SortBy") == "FinalObjectiveMetricValue":
        found = _by_objective(wanted, request.get("SortOrder", "Ascending") == "Descending")
    else:
        found = paging.ordered(request, wanted, by, default="Ascending")
    return paging.page(request, found, "TrainingJobSummaries", dict)


def _by_objective(entries: list[Body], backwards: bool) -> list[Body]:
    member = "FinalHyperParameterTuningJobObjectiveMetric"
    return sorted((e for e in entries if member in e), key=lambda e: float(e[member]["Value"]), reverse=backwards)


def stop_tuning_job(context: Context, request: Request) -> Response:
    """Ask a tuning job and all its training jobs to stop; one that is stopping already is left to it."""
    body = current(context, request[f"{KIND}Name"]).body
    if body[STATUS] in jobs.FINAL:
        raise validation(f"The request was rejected because the hyperparameter tuning job is in status {body[STATUS]}.")
    if body[STATUS] != "Stopping":
        name = body[f"{KIND}Name"]
        context.tx.put(KIND, name, {**body, STATUS: "Stopping", "LastModifiedTime": context.now()})
        context.launcher.stop(KIND, name)
    return {}


def delete_tuning_job(context: Context, request: Request) -> Response:
    """Forget a tuning job that has ended; its training jobs and what they wrote stay."""
    body = current(context, request[f"{KIND}Name"]).body
    if body[STATUS] not in jobs.FINAL:
        raise validation(f"The hyperparameter tuning job is in status {body[STATUS]} and cannot be deleted.")
    context.tx.delete(KIND, body[f"{KIND}Name"])
    context.tx.delete(children.KIND, body[f"{KIND}Name"])
    tags.forget(context, body["HyperParameterTuningJobArn"])
    return {}


def current(context: Context, name: str) -> Tuning:
    """Return a tuning job as it is now, or AWS's answer to a name that is not there."""
    body = context.tx.get(KIND, name)
    if body is None:
        raise answers.absent(KIND, name)
    return refresh(context, body)


def refresh(context: Context, body: Body) -> Tuning:
    """Fold what a tuning job's worker has come to into its description; a lost worker's training jobs are stopped."""
    name = body[f"{KIND}Name"]
    if body[STATUS] in jobs.FINAL:
        return Tuning(body, children.of(context, name))
    progress = context.launcher.progress(KIND, name)
    result = progress.result or (_lost(body, context.now()) if progress.lost else None)
    if result is not None:
        body = {**_ended(body, result), "LastModifiedTime": context.now()}
        context.tx.put(KIND, name, body)
    if progress.lost:
        for child in children.of(context, name):
            if child.status == "InProgress":
                jobs.stop(context, TRAINING, child.name, training.STOPPING)
    return Tuning(body, children.of(context, name))


def _lost(body: Mapping[str, Any], now: float) -> Body:
    """Form the result of a worker that left none: stopped, if that was asked for, else failed."""
    status = "Stopped" if body[STATUS] == "Stopping" else "Failed"
    reason = {"reason": LOST} if status == "Failed" else {}
    return {"status": status, "started": body["CreationTime"], "ended": now, **reason}


def _ended(body: Body, result: Mapping[str, Any]) -> Body:
    ended = {
        **body,
        STATUS: result["status"],
        "HyperParameterTuningEndTime": result["ended"],
        "ConsumedResources": {"RuntimeInSeconds": max(1, round(result["ended"] - result["started"]))},
    }
    if result.get("converged"):
        ended["TuningJobCompletionDetails"] = {"ConvergenceDetectedTime": result["converged"]}
    if result.get("reason"):
        ended["FailureReason"] = result["reason"][:REASON_LENGTH]
    return ended


def _arn(context: Context, name: str) -> str:
    return context.arn(f"hyper-parameter-tuning-job/{name}")


OPERATIONS: Mapping[str, Operation] = {
    "CreateHyperParameterTuningJob": create_tuning_job,
    "DeleteHyperParameterTuningJob": delete_tuning_job,
    "DescribeHyperParameterTuningJob": describe_tuning_job,
    "ListHyperParameterTuningJobs": list_tuning_jobs,
    "ListTrainingJobsForHyperParameterTuningJob": list_training_jobs,
    "StopHyperParameterTuningJob": stop_tuning_job,
}

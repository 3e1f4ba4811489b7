"""A plan as a table for people, and as JSON with its requests for programs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from specimen.planning.steps import Argument, Plan, Ref, Step
from specimen.spec.model import Json
from specimen.text import printable

CREATES: Mapping[str, str] = {
    "CreateTrainingJob": "TrainingJobName",
    "CreateHyperParameterTuningJob": "HyperParameterTuningJobName",
    "CreateProcessingJob": "ProcessingJobName",
    "CreateTransformJob": "TransformJobName",
    "CreateModel": "ModelName",
    "CreateModelPackage": "InferenceSpecification",
    "CreateExperiment": "ExperimentName",
    "CreateEndpoint": "EndpointConfigName",
}


@dataclass(frozen=True)
class Row:
    """A step as the table shows it; `hours` are instance hours at the worst, None where nothing bounds them."""

    step: str
    creates: str
    detail: str
    hours: float | None
    needs: str


def as_table(plan: Plan) -> str:
    """The steps in columns, and below them the worst-case instance hours."""
    rows = [_row(step) for step in plan]
    cells = [("step", "creates", "on", "after")]
    cells += [(row.step, row.creates, row.detail, row.needs) for row in rows]
    widths = [max(len(cell[column]) for cell in cells) for column in range(3)]
    lines = [_line(cell, widths) for cell in cells]
    total = sum(row.hours for row in rows if row.hours is not None)
    lines += ["", f"at most {total:.2g} instance hours, as far as the jobs' time limits bound them"]
    return "\n".join(lines) + "\n"


def as_json(plan: Plan) -> str:
    """Every step with all its arguments; a value known only at run time is ``{"$step", "$output"}``."""
    steps = [
        {
            "id": step.id,
            "component": step.component,
            "trials": sorted(step.trials),
            "needs": sorted(step.needs),
            **({"gates": list(step.gates)} if step.gates else {}),
            "arguments": {name: _plain(argument) for name, argument in step.arguments.items()},
        }
        for step in plan
    ]
    return json.dumps({"steps": steps}, indent=2, ensure_ascii=False) + "\n"


def _plain(argument: Argument) -> Json:
    return {"$step": argument.step, "$output": argument.output} if isinstance(argument, Ref) else argument


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    fixed = [printable(cell).ljust(width) for cell, width in zip(cells, widths, strict=False)]
    return "  ".join([*fixed, printable(cells[-1])]).rstrip()


def _row(step: Step) -> Row:
    request = step.arguments.get("request")
    members = request if isinstance(request, Mapping) else {}
    creates = next((operation for operation, member in CREATES.items() if member in members), "")
    clusters = list(_clusters(members))
    limits = _limits(members)
    detail = ", ".join(f"{count} × {instance}" for instance, count in clusters)
    if limits:
        detail = f"{limits['MaxNumberOfTrainingJobs']} jobs, each {detail}"
    needs = [f"{name} (must pass)" if name in step.gates else name for name in sorted(step.needs)]
    return Row(step.id, creates, detail, _hours(members, clusters, limits), ", ".join(needs))


def _clusters(members: Mapping[str, Json]) -> Iterator[tuple[str, int]]:
    """Every (instance type, count) that a request asks for, wherever it stands in it."""
    instance = members.get("InstanceType")
    count = members.get("InstanceCount", members.get("InitialInstanceCount"))
    if isinstance(instance, str) and isinstance(count, int):
        yield instance, count
    for value in members.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping):
                yield from _clusters(one)


def _limits(members: Mapping[str, Json]) -> Mapping[str, Json]:
    """The resource limits of a tuning job; none of another request."""
    config = members.get("HyperParameterTuningJobConfig")
    limits = config.get("ResourceLimits") if isinstance(config, Mapping) else None
    return limits if isinstance(limits, Mapping) else {}


def _hours(members: Mapping[str, Json], clusters: list[tuple[str, int]], limits: Mapping[str, Json]) -> float | None:
    definition = members.get("TrainingJobDefinition", members)  # a tuning job's training jobs have the time limit
    condition = definition.get("StoppingCondition") if isinstance(definition, Mapping) else None
    seconds = condition.get("MaxRuntimeInSeconds") if isinstance(condition, Mapping) else None
    if not isinstance(seconds, int):
        return None
    return sum(count for _, count in clusters) * _job_seconds(seconds, limits) / 3600


def _job_seconds(each: int, limits: Mapping[str, Json]) -> int:
    """The seconds of all jobs together: of a tuning job's, and not more than go side by side in its own time."""
    jobs, parallel = limits.get("MaxNumberOfTrainingJobs", 1), limits.get("MaxParallelTrainingJobs", 1)
    if not isinstance(jobs, int) or not isinstance(parallel, int):
        return each
    whole = limits.get("MaxRuntimeInSeconds")
    return min(jobs * each, parallel * whole) if isinstance(whole, int) else jobs * each

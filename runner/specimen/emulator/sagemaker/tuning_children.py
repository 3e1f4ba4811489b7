"""The training jobs of a tuning job: who they are, what each has come to, and which is the best."""

import math
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specimen.emulator.context import Context
from specimen.emulator.jobs import channels
from specimen.emulator.sagemaker import jobs, tags, training
from specimen.emulator.sagemaker.paging import Body
from specimen.emulator.sagemaker.training import TRAINING

KIND = "TuningChildren"  # one entry a tuning job: its training jobs, in the order in which they were created
OBJECTIVE = "_tuning_objective_metric"  # the hyperparameter by which a container learns what is tuned for
DISK = 30  # gigabytes of an instance's disk where nobody says
_INTERNAL = "InternalServerError"  # how the reason begins of a failure that another attempt may not meet
_SUMMARY = (
    *("TrainingJobName", "TrainingJobArn", "CreationTime", "TrainingStartTime", "TrainingEndTime"),
    *("TrainingJobStatus", "FailureReason"),
)


@dataclass(frozen=True)
class Child:
    """A training job of a tuning job, as it is described, and the hyperparameters that were chosen for it."""

    body: Mapping[str, Any]
    tuned: Mapping[str, str]

    @property
    def name(self) -> str:
        """Return the training job's name."""
        return str(self.body["TrainingJobName"])

    @property
    def status(self) -> str:
        """Return the training job's status."""
        return str(self.body["TrainingJobStatus"])

    @property
    def ended(self) -> bool:
        """Tell whether it has ended."""
        return self.status in jobs.FINAL

    def value(self, metric: str) -> float | None:
        """Return the last value of the objective metric; None while it runs, if it failed, or if it printed none."""
        if self.status not in ("Completed", "Stopped"):
            return None
        found = {entry["MetricName"]: entry["Value"] for entry in self.body.get("FinalMetricDataList", [])}
        value = found.get(metric)
        return value if value is not None and math.isfinite(value) else None

    def objective_status(self, metric: str) -> str:
        """Return AWS's word for how far its objective is."""
        if not self.ended:
            return "Pending"
        return "Failed" if self.value(metric) is None else "Succeeded"

    def summary(self, objective: Mapping[str, str], tuning_job: str | None = None) -> Body:
        """Describe it as a tuning job's description does; `tuning_job` names the one that it belongs to."""
        described: Body = {member: self.body[member] for member in _SUMMARY if member in self.body}
        described |= {
            "TunedHyperParameters": dict(self.tuned),
            "ObjectiveStatus": self.objective_status(objective["MetricName"]),
        }
        if tuning_job is not None:
            described["TuningJobName"] = tuning_job
        value = self.value(objective["MetricName"])
        if value is not None:
            described["FinalHyperParameterTuningJobObjectiveMetric"] = {**objective, "Value": value}
        return described


def objective(body: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what a tuning job tunes for: the metric's name, and whether more or less of it is better."""
    found: Mapping[str, str] = body["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    return found


def of(context: Context, tuning_job: str) -> list[Child]:
    """Return a tuning job's training jobs as they are now, in the order in which they were created."""
    listed = (context.tx.get(KIND, tuning_job) or {"Children": []})["Children"]
    return [
        Child(jobs.current(context, TRAINING, entry["TrainingJobName"]), entry["TunedHyperParameters"])
        for entry in listed
    ]


def begin(context: Context, body: Mapping[str, Any], tuned: Mapping[str, str]) -> str:
    """Create the next training job of a tuning job, with its tags, and return its name: ``<tuning job>-NNN-<hex>``."""
    tuning_job = body["HyperParameterTuningJobName"]
    entry = context.tx.get(KIND, tuning_job) or {"Children": []}
    name = f"{tuning_job}-{len(entry['Children']) + 1:03d}-{secrets.token_hex(4)}"
    started = training.start(context, request(body, name, tuned))
    tags.give(context, started["TrainingJobArn"], tags.of(context, body["HyperParameterTuningJobArn"]))
    entry["Children"].append({"TrainingJobName": name, "TunedHyperParameters": dict(tuned)})
    context.tx.put(KIND, tuning_job, entry)
    return name


def request(body: Mapping[str, Any], name: str, tuned: Mapping[str, str]) -> Body:
    """Form the request of a training job from a tuning job's definition."""
    definition = dict(body["TrainingJobDefinition"])
    static = definition.pop("StaticHyperParameters", {})
    definition.pop("DefinitionName", None)
    resources = definition.pop("HyperParameterTuningResourceConfig", None)
    if resources is not None:
        definition["ResourceConfig"] = {"VolumeSizeInGB": DISK, **resources}
    checkpoints = definition.get("CheckpointConfig")
    if checkpoints is not None:  # none of them may go on from another one's
        definition["CheckpointConfig"] = {**checkpoints, "S3Uri": channels.join(checkpoints["S3Uri"], name)}
    algorithm = {"EnableSageMakerMetricsTimeSeries": False, **definition.pop("AlgorithmSpecification")}
    own = {"TrainingJobName": name, "HyperParameters": {**static, **tuned}, "AlgorithmSpecification": algorithm}
    return {**definition, **own, "TuningJobArn": body["HyperParameterTuningJobArn"]}


def best(children: Iterable[Child], objective: Mapping[str, str]) -> Child | None:
    """Return the training job whose objective is the best, the first of several; None if none has one."""
    sign = -1 if objective["Type"] == "Maximize" else 1
    valued = [(value, child) for child in children if (value := child.value(objective["MetricName"])) is not None]
    return min(valued, key=lambda pair: sign * pair[0])[1] if valued else None


def not_improving(children: Sequence[Child], objective: Mapping[str, str]) -> int:
    """Count the training jobs with an objective that have ended since the best one had."""
    order = sorted((child for child in children if child.ended), key=lambda child: child.body["TrainingEndTime"])
    valued = [child for child in order if child.value(objective["MetricName"]) is not None]
    found = best(valued, objective)
    return 0 if found is None else len(valued) - 1 - valued.index(found)


def counters(children: Sequence[Child], metric: str) -> Body:
    """Count training jobs by status and by what came of their objectives, as tuning jobs describe it."""
    statuses = [_counted(child) for child in children]
    objectives = [child.objective_status(metric) for child in children]
    names = ("Completed", "InProgress", "RetryableError", "NonRetryableError", "Stopped")
    return {
        "TrainingJobStatusCounters": {name: statuses.count(name) for name in names},
        "ObjectiveStatusCounters": {name: objectives.count(name) for name in ("Succeeded", "Pending", "Failed")},
    }


def _counted(child: Child) -> str:
    match child.status:
        case "Failed":
            internal = child.body.get("FailureReason", "").startswith(_INTERNAL)
            return "RetryableError" if internal else "NonRetryableError"
        case "InProgress" | "Stopping":
            return "InProgress"
        case status:
            return status

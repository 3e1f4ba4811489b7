"""A training job on 30,000 real rows without Debugger, with tensors saved, and with two rules that watch it as well.

All are measured in turns, from the request to the end of the training job; what the rules do after that is theirs.
"""

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from specimen.emulator import control
from specimen.emulator.control import Server

from tests.benchmarks.measuring import Cost, report
from tests.benchmarks.run import await_quiet
from tests.benchmarks.tuning import IMAGE, STATIC, TABLE, channel, client, parts, spent, upload

ROUNDS = 5
LOOK = 0.02  # seconds between two looks at a job
RULES = "503895931360.dkr.ecr.us-east-1.amazonaws.com/sagemaker-debugger-rules:latest"
PLACE = {"S3OutputPath": "s3://bench/debug"}
COLLECTIONS = [
    {"CollectionName": name, "CollectionParameters": {"save_interval": "5"}}
    for name in ("metrics", "feature_importance", "average_shap")
]
HOOK = {"DebugHookConfig": {**PLACE, "CollectionConfigurations": COLLECTIONS}}
WATCHED = {
    "DebugRuleConfigurations": [
        {
            "RuleConfigurationName": rule,
            "RuleEvaluatorImage": RULES,
            "RuleParameters": {"rule_to_invoke": rule, **parameters},
        }
        for rule, parameters in {
            "LossNotDecreasing": {"collection_names": "metrics", "num_steps": "10"},
            "Overfit": {},
        }.items()
    ]
}
KINDS: dict[str, dict[str, Any]] = {"without Debugger": {}, "with tensors": HOOK, "with two rules": HOOK | WATCHED}


def main() -> None:
    """Prepare the parts, measure, and print the figures; without the table it says so."""
    if not TABLE.exists():
        print(f"not measured: there is no {TABLE}")
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        parts(folder)
        server = control.start(folder / "state")
        try:
            upload(server, folder)
            await_quiet(server.pid)
            rounds = [one_round(server, number) for number in range(ROUNDS + 1)][1:]
        finally:
            control.stop(folder / "state")
    plain, tensors, rules = zip(*rounds, strict=True)
    for title, costs in zip(KINDS, (plain, tensors, rules), strict=True):
        report(title, costs)
    told("tensors", plain, tensors, "25 % at most")
    told("two rules", tensors, rules, "what two cores force")


def one_round(server: Server, number: int) -> tuple[Cost, ...]:
    """Measure a job of each kind."""
    return tuple(trained(server, f"job-{number}-{kind}", more) for kind, more in enumerate(KINDS.values()))


def trained(server: Server, name: str, more: dict[str, Any]) -> Cost:
    """Run a training job to its end, and its rules to theirs; give the cost of both but the time of the training."""
    sagemaker = client(server, "sagemaker")
    before = spent(server.pid)
    sagemaker.create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        HyperParameters=STATIC,
        RoleArn=f"arn:aws:iam::{server.account}:role/sagemaker",
        InputDataConfig=[channel("train"), channel("validation")],
        OutputDataConfig={"S3OutputPath": "s3://bench/models"},
        ResourceConfig={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
        **more,
    )
    job = sagemaker.describe_training_job(TrainingJobName=name)
    while going(job):
        time.sleep(LOOK)
        job = sagemaker.describe_training_job(TrainingJobName=name)
    assert job["TrainingJobStatus"] == "Completed", job
    assert {rule["RuleEvaluationStatus"] for rule in verdicts(job)} <= {"NoIssuesFound", "IssuesFound"}, job
    seconds = (job["TrainingEndTime"] - job["CreationTime"]).total_seconds()
    return Cost(seconds, spent(server.pid) - before, 0)


def going(job: dict[str, Any]) -> bool:
    """Tell whether the job or one of its rules goes on."""
    statuses = [job["TrainingJobStatus"], *(rule["RuleEvaluationStatus"] for rule in verdicts(job))]
    return bool({"InProgress", "Stopping"} & set(statuses))


def verdicts(job: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """Return what the job's rules have come to."""
    found: Sequence[dict[str, Any]] = job.get("DebugRuleEvaluationStatuses", ())
    return found


def told(title: str, without: Sequence[Cost], costs: Sequence[Cost], asked: str) -> None:
    """Print what something adds, as the median of the rounds' own shares."""
    shares = [100 * (one.seconds / other.seconds - 1) for one, other in zip(costs, without, strict=True)]
    processor = [one.processor - other.processor for one, other in zip(costs, without, strict=True)]
    print(
        f"  {title} add {statistics.median(shares):.0f} % ({min(shares):.0f} to {max(shares):.0f}), and "
        f"{statistics.median(processor):.2f} s of processor time; asked: {asked}",
        flush=True,
    )

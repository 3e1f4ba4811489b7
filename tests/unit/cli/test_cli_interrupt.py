"""`specimen local interrupt`: the spot instances of a training job taken away at one's word."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.conftest import Call, Served

PATIENCE = 60.0
LONG = 1_000_000  # rounds of training, which it is not let end


@pytest.fixture
def spot(served: Served) -> str:
    """A training job on spot instances that goes on until it is stopped."""
    first = served.client.describe_training_job(TrainingJobName=served.output("train-likely", "job"))
    algorithm = {member: first["AlgorithmSpecification"][member] for member in ("TrainingImage", "TrainingInputMode")}
    kept = ("RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig")
    served.client.create_training_job(
        TrainingJobName="spot",
        AlgorithmSpecification=algorithm,
        HyperParameters={**first["HyperParameters"], "num_round": str(LONG)},
        EnableManagedSpotTraining=True,
        StoppingCondition={"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 600},
        CheckpointConfig={"S3Uri": f"{first['OutputDataConfig']['S3OutputPath']}/checkpoints"},
        **{member: first[member] for member in kept},
    )
    return "spot"


def statuses(served: Served, job: str) -> list[str]:
    described: dict[str, Any] = served.client.describe_training_job(TrainingJobName=job)
    return [entered["Status"] for entered in described["SecondaryStatusTransitions"]]


def wait(served: Served, job: str, status: str) -> None:
    limit = time.monotonic() + PATIENCE
    while status not in statuses(served, job):
        assert time.monotonic() < limit, f"{job} is not {status}: {statuses(served, job)}"
        time.sleep(0.05)


def test_a_spot_job_loses_its_instances_and_starts_again(call: Call, served: Served, spot: str) -> None:
    wait(served, spot, "Training")
    code, out, err = call("local", "interrupt", spot, "--state", served.state)
    assert (code, err) == (0, "")
    assert out == "spot: its spot instances were taken away; it starts again from its checkpoints\n"
    wait(served, spot, "Interrupted")
    served.client.stop_training_job(TrainingJobName=spot)
    wait(served, spot, "Stopped")


def test_a_job_without_spot_instances_keeps_them(call: Call, served: Served) -> None:
    job = served.output("train-likely", "job")
    code, out, err = call("local", "interrupt", job, "--state", served.state)
    assert (code, out) == (2, "")
    assert err.startswith(
        f"error: the training job {job} does not use spot instances, which alone can be interrupted\n"
    )
    assert "hint: EnableManagedSpotTraining asks for them" in err


def test_a_job_that_is_not_there_is_said_to_be(call: Call, served: Served, tmp_path: Path) -> None:
    job = served.output("train-likely", "job")
    code, _, err = call("local", "interrupt", f"{job}0", "--state", served.state)
    assert (code, err.splitlines()[-1]) == (2, f"hint: did you mean {job}?")
    for name in ("job", "..", "../Endpoint"):
        code, _, err = call("local", "interrupt", name, "--state", tmp_path)
        assert (code, err.splitlines()[0]) == (2, f"error: there is no training job {name} in {tmp_path}")

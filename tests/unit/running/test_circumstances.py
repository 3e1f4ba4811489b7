"""What a run is remembered with."""

import subprocess
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from specimen.running.circumstances import commit, differences, versions
from specimen.spec.model import (
    Autoscaling,
    Debugger,
    Deployment,
    Experiment,
    Hosting,
    Resources,
    Serverless,
    Trial,
    Variant,
)


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_outside_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) is None


def test_a_commit_is_named_and_so_is_what_differs_from_it(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "first")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert commit(tmp_path) == {"commit": head, "dirty": False}
    (tmp_path / "new").touch()
    assert commit(tmp_path) == {"commit": head, "dirty": True}


def test_versions_are_those_installed() -> None:
    found = versions()
    assert found["boto3"] == version("boto3")
    assert found["xgboost"]


def test_the_stand_in_is_named_beside_what_was_asked_for(experiment: Experiment) -> None:
    first, second = differences(experiment)
    assert (
        first == f"XGBoost {versions()['xgboost']} (installed) trains and answers in place of SageMaker's image 1.7-1"
    )
    assert second == "jobs run on this machine, not on ml.m5.xlarge"


def test_tensors_that_the_image_does_not_save_are_a_difference(experiment: Experiment, trial: Trial) -> None:
    """From 3.0-5 on SageMaker's XGBoost knows no Debugger."""
    watching = replace(trial, debugger=Debugger(collections={"metrics": {}}, hook={}, rules=(), profiler=None))
    newer = replace(watching, training=replace(trial.training, version="3.0-5"))
    _, difference, _ = differences(replace(experiment, trials=(newer,)))
    assert difference == "SageMaker's image 3.0-5 saves no tensors: there they take a target with `aws.debugger: own`"
    assert len([*differences(replace(experiment, trials=(watching,)))]) == 2


def test_what_several_spot_instances_of_a_warm_pool_differ_in_is_said(experiment: Experiment, trial: Trial) -> None:
    many = Resources("ml.m5.xlarge", 2, 5, 1800, max_wait=3600, keep_alive=600)
    training = replace(trial.training, resources=many, encrypt_traffic=True)
    _, _, *said = differences(replace(experiment, trials=(replace(trial, training=training), trial)))
    assert said == [
        "the 2 instances of a training job are processes that share this machine's processors and memory",
        "what the instances of a job tell each other is not encrypted, since it does not leave this machine",
        "spot instances are taken away only by `specimen local interrupt JOB`",
        "warm pools are recorded, and every job starts as quickly",
    ]


def test_what_an_endpoint_differs_in_is_said(experiment: Experiment, trial: Trial) -> None:
    variant = Variant(name="main", trial="default", weight=1.0, resources=trial.training.resources)
    hosting = Hosting(
        name="loans",
        variants=(variant,),
        serverless=None,
        capture=None,
        autoscaling=Autoscaling(least=1, most=4, invocations=1000.0, scale_in=None, scale_out=None),
        deployment=Deployment("canary", size=10, wait=300, terminate_after=None, max_runtime=None, alarms=("late",)),
        verify=None,
        keep=True,
    )
    _, _, *said = differences(replace(experiment, hosting=hosting))
    assert said == [
        "each variant of the endpoint is one process on this machine, whatever its instances are",
        "autoscaling is recorded, and no load changes how many instances there are",
        "an update of the endpoint moves all requests at once when the new models answer: no step is waited for",
        "no alarm rolls an update back",
    ]
    bare = replace(hosting, autoscaling=None, deployment=None, serverless=Serverless(2048, 5, None))
    _, _, *said = differences(replace(experiment, hosting=bare))
    assert said == ["the serverless endpoint is one process on this machine: never cold, and its memory is recorded"]

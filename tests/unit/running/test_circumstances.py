"""What a run is remembered with."""

import subprocess
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from specimen.running.circumstances import commit, differences, versions
from specimen.spec.model import Debugger, Experiment, Trial


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

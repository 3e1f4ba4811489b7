"""What a run ought to be remembered with: the commit, the versions at work, and where it differs from AWS."""

import platform
import subprocess
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path

from specimen.planning.images import saves_tensors
from specimen.spec.model import Experiment, Hosting, Json, Training

DISTRIBUTIONS = ("specimen-ml", "boto3", "imbalanced-learn", "kfp", "moto", "numpy", "pandas", "scikit-learn")
XGBOOST = ("xgboost-cpu", "xgboost")  # two distributions of one library


def versions() -> dict[str, Json]:
    """The versions of Python and of the libraries that a run's figures depend on; None where one is not installed."""
    found: dict[str, Json] = {name: _version(name) for name in DISTRIBUTIONS}
    return {"python": platform.python_version(), "xgboost": installed_xgboost(), **found}


def installed_xgboost() -> str | None:
    """The version of XGBoost that the stand-in of SageMaker's image runs."""
    return next(filter(None, map(_version, XGBOOST)), None)


def differences(experiment: Experiment) -> Iterator[str]:
    """Where the run of this experiment on this machine differs from AWS, a sentence each."""
    for requested in sorted({trial.training.version for trial in experiment.trials}):
        yield f"XGBoost {installed_xgboost()} (installed) trains and answers in place of SageMaker's image {requested}"
    watched = {trial.training.version for trial in experiment.trials if trial.debugger}
    for version in sorted(version for version in watched if not saves_tensors(version)):
        yield f"SageMaker's image {version} saves no tensors: there they take a target with `aws.debugger: own`"
    instances = {trial.training.resources.instance for trial in experiment.trials}
    yield f"jobs run on this machine, not on {', '.join(sorted(instances))}"
    yield from _trained([trial.training for trial in experiment.trials])
    if experiment.hosting is not None:
        yield from _hosted(experiment.hosting)


def _trained(trainings: Sequence[Training]) -> Iterator[str]:
    most = max(training.resources.count for training in trainings)
    if most > 1:
        yield f"the {most} instances of a training job are processes that share this machine's processors and memory"
    if any(training.encrypt_traffic for training in trainings):
        yield "what the instances of a job tell each other is not encrypted, since it does not leave this machine"
    if any(training.resources.max_wait is not None for training in trainings):
        yield "spot instances are taken away only by `specimen local interrupt JOB`"
    if any(training.resources.keep_alive is not None for training in trainings):
        yield "warm pools are recorded, and every job starts as quickly"


def _hosted(hosting: Hosting) -> Iterator[str]:
    if hosting.serverless is not None:
        yield "the serverless endpoint is one process on this machine: never cold, and its memory is recorded"
    else:
        yield "each variant of the endpoint is one process on this machine, whatever its instances are"
    if hosting.autoscaling is not None:
        yield "autoscaling is recorded, and no load changes how many instances there are"
    if hosting.deployment is not None:
        yield "an update of the endpoint moves all requests at once when the new models answer: no step is waited for"
    if hosting.deployment is not None and hosting.deployment.alarms:
        yield "no alarm rolls an update back"


def commit(folder: Path) -> dict[str, Json] | None:
    """The git commit that the folder is at, and whether anything differs from it; None outside a repository."""
    head = _git(folder, "rev-parse", "HEAD")
    if head is None:
        return None
    return {"commit": head.strip(), "dirty": bool(_git(folder, "status", "--porcelain"))}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _version(distribution: str) -> str | None:
    try:
        return version_of(distribution)
    except PackageNotFoundError:
        return None

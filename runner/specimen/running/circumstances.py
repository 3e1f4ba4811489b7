"""What a run ought to be remembered with: the commit, the versions at work, and where it differs from AWS."""

import platform
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path

from specimen.planning.images import saves_tensors
from specimen.spec.model import Experiment, Json

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

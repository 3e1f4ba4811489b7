"""The container's command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from specimen_jobs.container import Container, run
from specimen_jobs.xgboost.memory import keep_freed


def main(argv: Sequence[str] | None = None) -> int:
    """Train or serve; return the container's exit code (2 for bad arguments)."""
    parser = argparse.ArgumentParser(prog="specimen_jobs.xgboost", description="SageMaker's built-in XGBoost.")
    parser.add_argument("mode", choices=["train", "serve"], help="what SageMaker starts the container for")
    mode = parser.parse_args(argv).mode
    container = Container.from_environment()
    keep_freed()
    if mode == "train":
        from specimen_jobs.xgboost.hosts import leave
        from specimen_jobs.xgboost.training import train

        return leave(lambda: run(lambda: train(container), container.failure))
    from specimen_jobs.xgboost.serving import serve

    return run(lambda: serve(container), container.failure)

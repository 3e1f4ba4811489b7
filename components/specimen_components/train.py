"""One SageMaker training job: its model's artifact, its final metrics, its learning curves and feature importance."""

import sys
from collections.abc import Sequence

from specimen_components import adopt, outputs, resources, trained
from specimen_components.command import Call, Result, run
from specimen_components.interface import TRAIN


def work(call: Call) -> Result:
    """Train, or use the job that has trained the same already."""
    job = adopt.job(call, resources.TRAINING_JOB, call.text("prefix"), call.mapping("request"), output=trained.artifact)
    name = job.resource.name
    description = trained.with_metrics(call, name, job.description)
    found = trained.metrics(description)
    return Result(
        {"job": name, "arn": job.resource.arn, "artifact": trained.artifact(description), "metrics": found},
        artifacts={"metrics_view": outputs.metrics(found)},
        details=trained.details(call, name, description),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(TRAIN, work, argv)


if __name__ == "__main__":
    sys.exit(main())

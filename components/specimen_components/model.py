"""SageMaker's model: a container image and the artifact that a training job left."""

import sys
from collections.abc import Sequence

from specimen_components import adopt, resources
from specimen_components.command import Call, Result, run
from specimen_components.interface import MODEL


def work(call: Call) -> Result:
    """Make the model, or use the one that was made of the same image and artifact."""
    made = adopt.job(call, resources.MODEL, call.text("prefix"), call.mapping("request"))
    container = made.description.get("PrimaryContainer", {})
    return Result(
        {"model": made.resource.name, "arn": made.resource.arn},
        details={"image": container.get("Image"), "artifact": container.get("ModelDataUrl")},
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(MODEL, work, argv)


if __name__ == "__main__":
    sys.exit(main())

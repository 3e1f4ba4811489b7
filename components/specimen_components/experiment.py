"""SageMaker's experiment and its trials, which must exist before a job can name them."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from specimen_components import adopt, requests, resources
from specimen_components.command import Call, Result, run
from specimen_components.interface import EXPERIMENT
from specimen_components.jsondata import Json
from specimen_components.problems import Failure, Unusable


def work(call: Call) -> Result:
    """Make the experiment and its trials, or use those that are there."""
    experiment = adopt.stable(call, resources.EXPERIMENT, _request(call, resources.EXPERIMENT, call.mapping("request")))
    call.announce(experiment.resource)
    name = experiment.resource.name
    trials = [_trial(call, name, trial) for trial in call.items("trials")]
    return Result({"experiment": name}, details={"experiment": name, "trials": trials})


def _trial(call: Call, experiment: str, given: Json) -> str:
    if not isinstance(given, Mapping):
        raise Unusable("--trials: a list of CreateTrial requests is needed")
    request = _request(call, resources.TRIAL, given)
    trial = adopt.stable(call, resources.TRIAL, request)
    if trial.description["ExperimentName"] != experiment:
        raise Failure(
            f"trial {trial.resource.name} belongs to experiment {trial.description['ExperimentName']}",
            hint="Rename the experiment or its trial in the spec: SageMaker's trial names are unique in a region.",
        )
    return trial.resource.name


def _request(call: Call, kind: resources.ResourceType, request: Mapping[str, Json]) -> dict[str, Any]:
    return requests.prepared(adopt.SERVICE, kind.create, request, call.arguments)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(EXPERIMENT, work, argv)


if __name__ == "__main__":
    sys.exit(main())

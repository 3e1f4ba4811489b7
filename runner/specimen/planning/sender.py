"""Who asks AWS for something: what every request of a step says of its experiment."""

from collections.abc import Mapping
from dataclasses import dataclass

from specimen.planning.locations import Locations
from specimen.spec.model import Experiment, Json, Target, Training

Request = dict[str, Json]

CSV = "text/csv"
CONTENT_TYPES = {"csv": CSV, "libsvm": "text/libsvm", "parquet": "application/x-parquet"}


def asked_in(training: Training) -> str:
    """The content type in which the model is asked: a model whose zeros were missing in libsvm must be asked so."""
    return CONTENT_TYPES["libsvm"] if training.content_type == "libsvm" else CSV


@dataclass(frozen=True)
class Sender:
    """The trials that share a step, on whose behalf it asks; `trials` are the SageMaker trials' names."""

    experiment: Experiment
    target: Target
    trials: tuple[str, ...]

    @property
    def locations(self) -> Locations:
        """Where this experiment's objects lie."""
        return Locations.of(self.target, self.experiment.name)

    @property
    def owner(self) -> str:
        """The trial if it is only one, else the experiment."""
        return self.trials[0] if len(self.trials) == 1 else self.experiment.name

    def tags(self, own: Mapping[str, str] | None = None) -> list[Json]:
        """The tags of whatever is created, and those that it has of its own."""
        shared = {**self.experiment.labels, **self.target.tags}
        tags = {**shared, **(own or {}), "specimen:experiment": self.experiment.name}
        return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]

    def tracked(self, display: str, own: Mapping[str, str] | None = None) -> Request:
        """The members of a job that name its trial, where it is one trial's alone, and its tags."""
        if len(self.trials) != 1:
            return {"Tags": self.tags(own)}
        experiment = {
            "ExperimentName": self.experiment.name,
            "TrialName": self.trials[0],
            "TrialComponentDisplayName": display,
        }
        return {"ExperimentConfig": experiment, "Tags": self.tags(own)}

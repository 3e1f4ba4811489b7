"""What kind of question a model answers, told by its objective."""

from dataclasses import dataclass

from specimen.spec.model import Json, Training, Trial
from specimen.spec.objectives import OBJECTIVES

EVEN_ODDS = 0.5  # where a probability becomes a positive answer, unless `bias.threshold` says otherwise


@dataclass(frozen=True)
class Problem:
    """The type of the question (binary, multiclass, regression) and how many numbers answer one row."""

    type: str
    answers: int
    threshold: float | None
    classes: int | None

    def as_data(self) -> dict[str, Json]:
        """The problem as `evaluate` takes it."""
        members: dict[str, Json] = {"type": self.type, "threshold": self.threshold, "classes": self.classes}
        return {name: value for name, value in members.items() if value is not None}


def problem(trial: Trial) -> Problem:
    """The problem of a trial."""
    objective, classes = _objective(trial.training)
    match objective.partition(":")[0], objective:
        case "multi", "multi:softprob":
            return Problem("multiclass", classes, None, classes)
        case "multi", _:
            return Problem("multiclass", 1, None, classes)
        case "binary", _:
            return Problem("binary", 1, trial.bias.threshold if trial.bias else EVEN_ODDS, 2)
        case _:
            return Problem("regression", 1, None, None)


def _objective(training: Training) -> tuple[str, int]:
    parameters = training.hyperparameters
    return str(parameters["objective"]), int(parameters.get("num_class", 0))


def measures(trial: Trial) -> tuple[str, ...]:
    """The metrics that a trial's training measures, by XGBoost's names: those asked for, else the objective's own."""
    asked = str(trial.training.hyperparameters.get("eval_metric", ""))
    tuned = [trial.tuning.metric.partition(":")[2]] if trial.tuning else []
    named = [*filter(None, asked.split(",")), *tuned]
    return tuple(dict.fromkeys(named or OBJECTIVES[_objective(trial.training)[0]].measures))

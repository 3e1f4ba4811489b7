"""An evaluation in the layout of SageMaker Model Monitor's model quality statistics.

The layout is the one that AWS documents under "Model Quality Metrics" of Model Monitor, and that the model registry
shows for ``ModelQuality.Statistics``. An undefined figure is the string "NaN", as there.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn import metrics as sk

from specimen_components.evaluation.metrics import Evaluation, Problem, scores
from specimen_components.evaluation.predictions import Array, Predictions

FEWEST = 200  # samples for which a standard deviation is given
SAMPLES, SHARE, SEED = 5, 0.8, 0  # five samples of 80 % each; the seed makes the file a function of its input


def statistics(evaluation: Evaluation, given: Predictions) -> dict[str, Any]:
    """Return the statistics file's content."""
    figures = _figures(evaluation.problem, given)
    spread = _spread(evaluation.problem, given)
    section: dict[str, Any] = {
        name: {"value": _nan(value), "standard_deviation": _nan(spread.get(name))} for name, value in figures.items()
    }
    if evaluation.classes:
        section = {"confusion_matrix": _matrix(evaluation)} | section
    if evaluation.roc:
        section |= _curves(evaluation, given)
    return {"version": 0.0, "dataset": {"item_count": evaluation.rows}, _SECTIONS[evaluation.problem.type]: section}


_SECTIONS: Mapping[str, str] = {
    "binary": "binary_classification_metrics",
    "multiclass": "multiclass_classification_metrics",
    "regression": "regression_metrics",
}


def _figures(problem: Problem, given: Predictions) -> dict[str, float | None]:
    found = scores(problem, given)
    match problem.type:
        case "binary":
            return found | _rates(given.labels, given.answers[:, 0] > problem.threshold)
        case "multiclass":
            names = {"precision": "weighted_precision", "recall": "weighted_recall", "f1": "weighted_f1"}
            return {"accuracy": found["accuracy"]} | {
                name: _weighted(measure, given) for measure, name in names.items()
            }
        case "regression":
            return found


def _rates(actual: Array, predicted: Any) -> dict[str, float | None]:
    """Return the share of each class that was predicted rightly and wrongly; None for a class without rows."""
    positive = actual == 1
    hit = float(predicted[positive].mean()) if positive.any() else None
    alarm = float(predicted[~positive].mean()) if (~positive).any() else None
    return {
        "true_positive_rate": hit,
        "true_negative_rate": None if alarm is None else 1 - alarm,
        "false_positive_rate": alarm,
        "false_negative_rate": None if hit is None else 1 - hit,
    }


def _weighted(measure: str, given: Predictions) -> float:
    answers = given.answers
    predicted = answers[:, 0] if answers.shape[1] == 1 else answers.argmax(axis=1)
    function = {"precision": sk.precision_score, "recall": sk.recall_score, "f1": sk.f1_score}[measure]
    return float(function(given.labels, predicted, average="weighted", zero_division=0.0))


def _spread(problem: Problem, given: Predictions) -> dict[str, float | None]:
    """Return each figure's standard deviation over random samples of the rows."""
    rows = len(given.labels)
    if rows < FEWEST:
        return {}
    stream = np.random.PCG64(SEED)  # its raw output is the same in every version of NumPy
    drawn = [np.argsort(stream.random_raw(rows), kind="stable")[: int(rows * SHARE)] for _ in range(SAMPLES)]
    found = [_figures(problem, Predictions(given.labels[chosen], given.answers[chosen])) for chosen in drawn]
    return {name: _deviation([figures[name] for figures in found]) for name in found[0]}


def _deviation(values: list[float | None]) -> float | None:
    defined = [value for value in values if value is not None]
    return float(np.std(defined)) if len(defined) == len(values) else None


def _matrix(evaluation: Evaluation) -> dict[str, dict[str, int]]:
    """Return actual class → predicted class → rows."""
    names = evaluation.classes
    return {name: dict(zip(names, row, strict=True)) for name, row in zip(names, evaluation.confusion, strict=True)}


def _curves(evaluation: Evaluation, given: Predictions) -> dict[str, Any]:
    precision, recall, _ = sk.precision_recall_curve(given.labels, given.answers[:, 0])
    kept = np.unique(np.linspace(0, len(recall) - 1, min(200, len(recall))).round().astype(int))[::-1]
    roc = evaluation.roc or {}
    return {
        "receiver_operating_characteristic_curve": {
            "false_positive_rates": roc["fpr"],
            "true_positive_rates": roc["tpr"],
        },
        "precision_recall_curve": {
            "precisions": [float(value) for value in precision[kept]],
            "recalls": [float(value) for value in recall[kept]],
        },
    }


def _nan(value: float | None) -> float | str:
    return "NaN" if value is None else value

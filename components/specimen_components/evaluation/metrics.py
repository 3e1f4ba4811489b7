"""Labels and predictions → metrics of a binary, multi-class or regression problem, by scikit-learn."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sklearn import metrics as sk

from specimen_components.evaluation.predictions import Array, Predictions, PredictionsError
from specimen_components.evaluation.residuals import residuals

POINTS = 200  # of a ROC curve, at most
Type = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True)
class Problem:
    """What is predicted."""

    type: Type
    threshold: float  # a probability above it is class 1, as XGBoost and Clarify have it; for binary problems
    classes: int | None  # for multi-class problems


@dataclass(frozen=True)
class Evaluation:
    """Everything that is known of a model on the test part."""

    problem: Problem
    rows: int
    metrics: Mapping[str, float | None]  # None where undefined
    classes: tuple[str, ...]  # empty for regression
    confusion: tuple[tuple[int, ...], ...]  # [actual][predicted]
    roc: Mapping[str, list[float | None]] | None  # fpr, tpr, thresholds; the first threshold is None
    residuals: Mapping[str, Any] | None  # of a regression
    notes: tuple[str, ...]  # why a metric is undefined


def parse(problem: Mapping[str, Any]) -> Problem:
    """Read the argument ``problem``."""
    classes = problem.get("classes")
    threshold = problem.get("threshold")
    return Problem(
        type=problem["type"],
        threshold=0.5 if threshold is None else float(threshold),
        classes=None if classes is None else int(classes) if not isinstance(classes, list) else len(classes),
    )


def evaluate(problem: Problem, predictions: Predictions) -> Evaluation:
    """Compute every metric that the problem and the predictions allow.

    Raises:
        PredictionsError: the labels are not the problem's classes, or a row has another number of answers.
    """
    _check(problem, predictions)
    match problem.type:
        case "binary":
            return _binary(problem, predictions)
        case "multiclass":
            return _multiclass(problem, predictions)
        case "regression":
            return _regression(problem, predictions)


def _check(problem: Problem, given: Predictions) -> None:
    """Refuse what scikit-learn would choke on, or compute something else from."""
    classes = 2 if problem.type == "binary" else problem.classes
    wanted = {1, classes} if problem.type == "multiclass" and classes else {1}
    width = given.answers.shape[1]
    if width not in wanted and (classes or problem.type == "regression"):
        raise PredictionsError(
            f"the model answered {width} numbers a row, where {' or '.join(map(str, sorted(wanted)))} "
            f"{'are' if max(wanted) > 1 else 'is'} expected",
            hint="See the job's output object: its OutputFilter must keep the label and the answers alone.",
        )
    if problem.type == "regression":
        return
    odd = (given.labels % 1 != 0) | (given.labels < 0) | (given.labels >= (classes or math.inf))
    if odd.any():
        row = int(odd.argmax())
        raise PredictionsError(
            f"dataset.label: row {row + 1} of the test part has the label {given.labels[row]:g}, which is no class: "
            f"classes are numbered from 0{f' to {classes - 1}' if classes else ''}",
            hint="Number the label's classes so in the table, or choose an objective that predicts a number.",
        )


def predicted(problem: Problem, given: Predictions) -> Array:
    """Give the class that each row was taken for, shape (rows,); of a regression what was answered."""
    return _decided(problem, given) if problem.type == "binary" else _chosen(given)


def scores(problem: Problem, predictions: Predictions) -> dict[str, float | None]:
    """Compute the single figures only, without confusion matrix and curve."""
    match problem.type:
        case "binary":
            return _binary_scores(problem, predictions)
        case "multiclass":
            return _multiclass_scores(problem, predictions)
        case "regression":
            return _regression_scores(predictions)


def _binary(problem: Problem, given: Predictions) -> Evaluation:
    actual, predicted = given.labels, _decided(problem, given)
    found = scores(problem, given)
    return Evaluation(
        problem=problem,
        rows=len(actual),
        metrics=found,
        classes=("0", "1"),
        confusion=_confusion(actual, predicted, 2),
        roc=None if found["auc"] is None else _roc(actual, given.answers[:, 0]),
        residuals=None,
        notes=tuple(_binary_notes(found, actual)),
    )


def _binary_notes(found: Mapping[str, float | None], actual: Array) -> Iterator[str]:
    if found["auc"] is None:
        yield f"AUC and ROC are undefined: every row of the test part is of class {actual[0]:g}."
    if found["logloss"] is None:
        yield "Log loss is undefined: the model's answers are no probabilities."


def _binary_scores(problem: Problem, given: Predictions) -> dict[str, float | None]:
    actual, probability = given.labels, given.answers[:, 0]
    predicted = _decided(problem, given)
    both = len(np.unique(actual)) == 2
    return {
        "auc": float(sk.roc_auc_score(actual, probability)) if both else None,
        "accuracy": float(sk.accuracy_score(actual, predicted)),
        "precision": float(sk.precision_score(actual, predicted, zero_division=0.0)),
        "recall": float(sk.recall_score(actual, predicted, zero_division=0.0)),
        "f1": float(sk.f1_score(actual, predicted, zero_division=0.0)),
        "logloss": float(sk.log_loss(actual, probability, labels=[0, 1])) if _probable(probability) else None,
    }


def _decided(problem: Problem, given: Predictions) -> Array:
    return np.where(given.answers[:, 0] > problem.threshold, 1.0, 0.0)


def _probable(values: Array) -> bool:
    return bool(((values >= 0) & (values <= 1)).all())


def _confusion(actual: Array, predicted: Array, classes: int) -> tuple[tuple[int, ...], ...]:
    matrix = sk.confusion_matrix(actual, predicted, labels=list(range(classes)))
    return tuple(tuple(int(count) for count in row) for row in matrix)


def _roc(actual: Array, probability: Array) -> dict[str, list[float | None]]:
    """Return the curve in at most `POINTS` points, its ends among them."""
    fpr, tpr, thresholds = sk.roc_curve(actual, probability)
    kept = np.unique(np.linspace(0, len(fpr) - 1, min(POINTS, len(fpr))).round().astype(int))
    return {
        "fpr": [float(x) for x in fpr[kept]],
        "tpr": [float(x) for x in tpr[kept]],
        "thresholds": [float(x) if math.isfinite(x) else None for x in thresholds[kept]],
    }


def _multiclass(problem: Problem, given: Predictions) -> Evaluation:
    classes = _classes(problem, given)
    missing = sorted(set(range(classes)) - set(given.labels.astype(int).tolist()))
    notes = [f"AUC is undefined: class {missing[0]} has no row in the test part."] if missing else []
    if given.answers.shape[1] == 1:
        notes = ["AUC and log loss are undefined: the model answers classes, not probabilities."]
    return Evaluation(
        problem=problem,
        rows=len(given.labels),
        metrics=_multiclass_scores(problem, given),
        classes=tuple(str(index) for index in range(classes)),
        confusion=_confusion(given.labels, _chosen(given), classes),
        roc=None,
        residuals=None,
        notes=tuple(notes),
    )


def _classes(problem: Problem, given: Predictions) -> int:
    if problem.classes is not None:
        return problem.classes
    return int(max(given.answers.shape[1], given.labels.max() + 1))


def _chosen(given: Predictions) -> Array:
    """Return the class of the largest probability, or the class that the model answered."""
    if given.answers.shape[1] == 1:
        return given.answers[:, 0]
    largest: Array = given.answers.argmax(axis=1).astype(np.float64)
    return largest


def _multiclass_scores(problem: Problem, given: Predictions) -> dict[str, float | None]:
    actual, predicted, labels = given.labels, _chosen(given), list(range(_classes(problem, given)))
    macro: dict[str, Any] = {"average": "macro", "labels": labels, "zero_division": 0.0}
    found: dict[str, float | None] = {
        "accuracy": float(sk.accuracy_score(actual, predicted)),
        "precision": float(sk.precision_score(actual, predicted, **macro)),
        "recall": float(sk.recall_score(actual, predicted, **macro)),
        "f1": float(sk.f1_score(actual, predicted, **macro)),
    }
    if given.answers.shape[1] == 1:
        return found
    # float32 probabilities sum to 1 within 1e-7 only, and scikit-learn is strict about it.
    shares = given.answers / given.answers.sum(axis=1, keepdims=True)
    complete = len(np.unique(actual)) == len(labels)
    found["auc"] = _ovr_auc(actual, shares, labels) if complete else None
    found["logloss"] = float(sk.log_loss(actual, shares, labels=labels))
    return found


def _ovr_auc(actual: Array, shares: Array, labels: list[int]) -> float:
    """Return the AUC of each class against the others; of two classes one is as good as the other."""
    if len(labels) == 2:
        return float(sk.roc_auc_score(actual, shares[:, 1]))
    return float(sk.roc_auc_score(actual, shares, multi_class="ovr", labels=labels))


def _regression(problem: Problem, given: Predictions) -> Evaluation:
    notes = () if len(given.labels) > 1 else ("R² is undefined: the test part has one row.",)
    return Evaluation(
        problem=problem,
        rows=len(given.labels),
        metrics=_regression_scores(given),
        classes=(),
        confusion=(),
        roc=None,
        residuals=residuals(given),
        notes=notes,
    )


def _regression_scores(given: Predictions) -> dict[str, float | None]:
    actual, predicted = given.labels, given.answers[:, 0]
    mse = float(sk.mean_squared_error(actual, predicted))
    return {
        "rmse": math.sqrt(mse),
        "mae": float(sk.mean_absolute_error(actual, predicted)),
        "mse": mse,
        "r2": float(sk.r2_score(actual, predicted)) if len(actual) > 1 else None,
    }

"""What a step's labels and predictions say: the task, the confusion matrix, the ROC curve, the errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import numpy as np

from specimen_jobs.debugger.reading import Array
from specimen_jobs.debugger.rules.labels import confusion
from specimen_jobs.xgboost.metrics import classes_of

MOST_CLASSES: Final = 50  # beyond, labels are taken for values
BINS: Final = 10
POINTS: Final = 400  # of a ROC curve
VALIDATION: Final = "Labels and predictions are those of the validation data: Debugger's hook saves no others."


class Task(Enum):
    """What a model is trained for."""

    BINARY = "binary classification"
    CLASSES = "classification of several classes"
    VALUES = "regression"


@dataclass(frozen=True)
class Answers:
    """A step's labels and predictions under an objective (empty where it is not known)."""

    labels: Array
    predictions: Array
    objective: str

    @property
    def scores(self) -> Array | None:
        """What ranks rows from the negative to the positive class; None where there are only classes."""
        flat = self.predictions.ravel()
        return flat if len(flat) == len(self.labels) and len(np.unique(flat)) > 2 else None

    @property
    def guesses(self) -> Array:
        """The predicted class of each row."""
        shape = (len(self.labels), -1)
        predictions = self.predictions.reshape(shape)
        flat = predictions if predictions.shape[1] > 1 else predictions.ravel()
        whole = flat.ndim == 1 and bool((flat == np.rint(flat)).all())
        return np.asarray(classes_of(flat, "multi:softmax" if whole and not self.objective else self.objective))


def task(answers: Answers | None, objective: str, metrics: Sequence[str]) -> Task:
    """Tell what the model is for: by its objective, else by its answers, else by its metrics."""
    kind = objective.partition(":")[0]
    if kind in ("binary", "multi"):
        return Task.BINARY if kind == "binary" else Task.CLASSES
    if kind:
        return Task.VALUES
    if answers is not None:
        return _by_answers(answers)
    names = {metric.partition("-")[2].partition("@")[0] for metric in metrics}
    if names & {"merror", "mlogloss"}:
        return Task.CLASSES
    return Task.BINARY if names & {"error", "logloss", "auc", "aucpr"} else Task.VALUES


def _by_answers(answers: Answers) -> Task:
    labels, predictions = answers.labels, answers.predictions
    if predictions.size > labels.size:
        return Task.CLASSES
    whole = (labels == np.rint(labels)).all() and labels.min() >= 0 and labels.max() < MOST_CLASSES
    if not whole:
        return Task.VALUES
    if labels.max() <= 1 and predictions.min() >= 0 and predictions.max() <= 1:
        return Task.BINARY
    return Task.CLASSES if np.isin(predictions, np.arange(MOST_CLASSES)).all() else Task.VALUES


def matrix(answers: Answers) -> Array | None:
    """Return the counts of rows by label (row) and predicted class (column); None where the labels are no classes."""
    labels, guesses = answers.labels, answers.guesses
    for values in (labels, guesses):
        if not values.size or (values != np.rint(values)).any() or values.min() < 0 or values.max() >= MOST_CLASSES:
            return None
    count = max(2, int(max(labels.max(), guesses.max())) + 1)
    return confusion(labels.astype(np.int64), guesses.astype(np.int64), count)


@dataclass(frozen=True)
class Roc:
    """A ROC curve, thinned for drawing, and the area under the whole of it."""

    fpr: list[float]
    tpr: list[float]
    thresholds: list[float]
    auc: float


def roc(labels: Array, scores: Array) -> Roc | None:
    """Return the ROC curve of scores over labels 0 and 1; None unless both are there. Equal scores are one point."""
    positive = labels == 1
    if positive.all() or not positive.any():
        return None
    order = np.argsort(-scores, kind="stable")
    sorted_scores, hits = scores[order], positive[order]
    ends = np.append(np.flatnonzero(np.diff(sorted_scores)), len(hits) - 1)
    tpr = np.concatenate([[0.0], np.cumsum(hits)[ends] / hits.sum()])
    fpr = np.concatenate([[0.0], np.cumsum(~hits)[ends] / (~hits).sum()])
    auc = float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))
    kept = np.unique(np.linspace(0, len(fpr) - 1, POINTS).round().astype(int))
    thresholds = np.concatenate([[np.inf], sorted_scores[ends]])[kept]
    return Roc(fpr[kept].tolist(), tpr[kept].tolist(), [float(value) for value in thresholds], auc)


def label_edges(labels: Array) -> Array:
    """Return the edges of ten intervals of equal width over the labels."""
    low, high = float(labels.min()), float(labels.max())
    return np.linspace(low, high if high > low else low + 1.0, BINS + 1)


def errors_by_label(answers: Answers, edges: Array) -> list[float]:
    """Return the mean absolute error of the rows in each interval of the labels; NaN where there are none."""
    places = np.clip(np.searchsorted(edges, answers.labels, side="right") - 1, 0, BINS - 1)
    errors = np.abs(answers.predictions.ravel() - answers.labels)
    sums, counts = (np.bincount(places, weights=weights, minlength=BINS) for weights in (errors, np.ones(len(errors))))
    return [float(total / count) if count else float("nan") for total, count in zip(sums, counts, strict=True)]


def rates(counts: Array) -> dict[str, Any]:
    """Return precision, recall and F1 by class and their micro, macro and weighted averages, and the accuracy.

    A rate over no rows is 0. Averages are over the classes that have rows or are predicted; the weighted one by rows.
    """
    actual, predicted, right = counts.sum(axis=1), counts.sum(axis=0), np.diag(counts)
    precision, recall = right / np.maximum(predicted, 1), right / np.maximum(actual, 1)
    f1 = 2 * right / np.maximum(predicted + actual, 1)
    known = actual + predicted > 0
    accuracy = float(right.sum() / counts.sum())
    averages = {
        "micro": [accuracy] * 3,
        "macro": [float(values[known].mean()) for values in (precision, recall, f1)],
        "weighted": [float((values * actual).sum() / actual.sum()) for values in (precision, recall, f1)],
    }
    by_class = {
        str(index): {
            "precision": float(precision[index]),
            "recall": float(recall[index]),
            "f1": float(f1[index]),
            "rows": int(actual[index]),
        }
        for index in np.flatnonzero(known)
    }
    names = ("precision", "recall", "f1")
    return {
        "accuracy": accuracy,
        "classes": by_class,
        "averages": {key: dict(zip(names, values, strict=True)) for key, values in averages.items()},
    }

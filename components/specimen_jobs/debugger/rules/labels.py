"""The rules on labels and predictions: ClassImbalance, Confusion.

XGBoost's hook saves those of the validation data. Predictions of one number a row are the positive class's probability
where the labels are 0 and 1, else the class itself; of several numbers a row they are the classes' probabilities.
Source: "List of Debugger built-in rules" in SageMaker's guide.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from specimen_jobs.container import JobError
from specimen_jobs.debugger.parameters import limited
from specimen_jobs.debugger.reading import Array, NotSaved, Reader, chosen, numbers

LARGEST = 1000  # classes: a matrix of more is one of values, not of classes


def classes(labels: Array, predictions: Array) -> tuple[Array, Array]:
    """Return labels and predictions as classes from 0, a number a row; raise JobError where they are none."""
    labels = labels.ravel()
    if predictions.ndim > 1 and predictions.shape[-1] > 1:
        guesses = np.argmax(predictions.reshape(-1, predictions.shape[-1]), axis=1)
    else:
        guesses = _hard(labels, predictions.ravel())
    if len(labels) != len(guesses):
        raise JobError(f"There are {len(labels)} labels and {len(guesses)} predictions")
    return _whole(labels, "labels"), _whole(guesses, "predictions")


def confusion(labels: Array, guesses: Array, count: int) -> Array:
    """Return the matrix of counts: a row each label, a column each prediction."""
    return np.bincount(labels * count + guesses, minlength=count * count).reshape(count, count)


def _hard(labels: Array, predictions: Array) -> Array:
    binary = np.isin(labels, (0, 1)).all()
    if binary and not np.isin(predictions, (0, 1)).all() and predictions.min() >= 0 and predictions.max() <= 1:
        return predictions > 0.5
    return np.rint(predictions)


def _whole(values: Array, what: str) -> Array:
    if not np.isfinite(values).all() or (values != np.rint(values)).any() or values.min() < 0 or values.max() > LARGEST:
        raise JobError(f"The {what} are no classes: whole numbers from 0 to {LARGEST} are needed")
    return values.astype(np.int64)


def _pair(trial: Reader, labels: tuple[str, ...], predictions: tuple[str, ...], step: int) -> tuple[Array, Array]:
    """Return the first tensor of each that the step has."""
    found = [next(iter(numbers(trial, names, step).values()), np.empty(0)) for names in (labels, predictions)]
    if not all(value.size for value in found):
        raise NotSaved("no labels and predictions (of the collections of these names) at one step")
    return found[0], found[1]


@dataclass
class ClassImbalance:
    """Are classes too unequal in size, or does the model miss most rows of one?

    After at least `samples` labels, of as many steps as that takes: the largest class / the smallest one >
    `threshold_imbalance`, or for any class (its rows predicted as another) / (its rows) > `threshold_misprediction`.
    Of several numbers a row the largest is the prediction, with `argmax` or without.
    """

    COLLECTIONS: ClassVar = ("labels", "predictions")

    trial: Reader
    threshold_imbalance: float = limited(10.0, above=0)
    threshold_misprediction: float = limited(0.7, lowest=0, highest=1)
    samples: int = limited(500, lowest=1)
    argmax: bool = False
    labels_regex: str = ".*labels"
    predictions_regex: str = ".*predictions"
    reason: str = field(default="", init=False)
    _rows: Counter[int] = field(default_factory=Counter, init=False)
    _missed: Counter[int] = field(default_factory=Counter, init=False)

    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the condition is met; raise NotSaved where the step has no labels and predictions."""
        names = [chosen(self.trial, (), (regex,)) for regex in (self.labels_regex, self.predictions_regex)]
        labels, guesses = classes(*_pair(self.trial, names[0], names[1], step))
        self._rows.update(labels.tolist())
        self._missed.update(labels[labels != guesses].tolist())
        if self._rows.total() < self.samples:
            return False
        self.reason = self._unequal() or self._badly_predicted()
        self._rows.clear()
        self._missed.clear()
        return bool(self.reason)

    def _unequal(self) -> str:
        largest, smallest = max(self._rows.values()), min(self._rows.values())
        met = largest > self.threshold_imbalance * smallest
        return f"the largest class has {largest} rows, the smallest {smallest}" if met else ""

    def _badly_predicted(self) -> str:
        for label, rows in sorted(self._rows.items()):
            if self._missed[label] > self.threshold_misprediction * rows:
                return f"of class {label}, {self._missed[label]} of {rows} rows are predicted as another"
        return ""


@dataclass
class Confusion:
    """Does the confusion matrix show a bad classifier?

    With c[i][j] the number of rows of label i that are predicted as j, for any class i: c[i][i] / sum_j c[j][i] <
    `min_diag`, or for any two classes: c[j][i] / sum_j c[j][i] > `max_off_diag`. A class that has rows and is never
    predicted has 0 on the diagonal. AWS's text divides the diagonal by sum_j c[j][j]; by that no balanced classifier
    could be good, so it is taken for a slip.
    """

    COLLECTIONS: ClassVar = ("labels", "predictions")

    trial: Reader
    category_no: int | None = limited(None, lowest=2, highest=LARGEST)
    labels: str = "labels"
    predictions: str = "predictions"
    labels_collection: str = "labels"
    predictions_collection: str = "predictions"
    min_diag: float = limited(0.9, lowest=0, highest=1)
    max_off_diag: float = limited(0.1, lowest=0, highest=1)
    reason: str = field(default="", init=False)

    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the condition is met; raise NotSaved where the step has no labels and predictions."""
        labels = self._names(self.labels_collection, self.labels)
        predictions = self._names(self.predictions_collection, self.predictions)
        actual, guesses = classes(*_pair(self.trial, labels, predictions, step))
        count = self.category_no or int(max(actual.max(), guesses.max())) + 1
        if max(actual.max(), guesses.max()) >= count:
            raise JobError(
                f"Confusion: category_no is {count}, but there is a class {max(actual.max(), guesses.max())}"
            )
        matrix = confusion(actual, guesses, count).astype(np.float64)
        asked = matrix.sum(axis=0) + matrix.sum(axis=1) > 0
        shares = matrix / np.maximum(matrix.sum(axis=0), 1)
        diagonal = np.diag(shares)[asked]
        off = shares - np.diag(np.diag(shares))
        self.reason = f"the least share on the diagonal is {diagonal.min():.4f}, the largest off it {off.max():.4f}"
        return bool((diagonal < self.min_diag).any() or (off > self.max_off_diag).any())

    def _names(self, collection: str, name: str) -> tuple[str, ...]:
        names = chosen(self.trial, (collection,)) or tuple(self.trial.tensor_names())
        return tuple(other for other in names if other == name)

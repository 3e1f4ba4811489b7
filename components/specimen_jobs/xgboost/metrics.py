"""The evaluation metrics that SageMaker's XGBoost adds to XGBoost's own, over predicted classes or values.

Source: aws/sagemaker-xgboost-container, metrics/custom_metrics.py; `f1` is the macro average there, and so it is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import xgboost

Array = npt.NDArray[Any]
Evaluation = list[tuple[str, float]]

OWN_MAXIMIZED: Final = ("auc", "aucpr", "map", "ndcg")
OWN_MINIMIZED: Final = (
    "aft-nloglik",
    "cox-nloglik",
    "error",
    "gamma-deviance",
    "gamma-nloglik",
    "interval-regression-accuracy",
    "logloss",
    "mae",
    "mape",
    "merror",
    "mlogloss",
    "mphe",
    "poisson-nloglik",
    "rmse",
    "rmsle",
    "tweedie-nloglik",
)


def _counts(labels: Array, classes: Array) -> tuple[Array, Array, Array]:
    """Return true positives, predicted and actual rows of each class that occurs on either side."""
    names = np.union1d(labels, classes)
    actual, predicted = np.searchsorted(names, labels), np.searchsorted(names, classes)
    hits = np.bincount(actual[actual == predicted], minlength=names.size)
    return hits, np.bincount(predicted, minlength=names.size), np.bincount(actual, minlength=names.size)


def _ratio(part: Array, whole: Array) -> Array:
    """Return part / whole, 0 where whole is 0."""
    return np.divide(part, whole, out=np.zeros(np.shape(part), dtype=np.float64), where=np.asarray(whole) != 0)


def _accuracy(labels: Array, classes: Array) -> float:
    return float(np.mean(labels == classes))


def _balanced_accuracy(labels: Array, classes: Array) -> float:
    hits, _, actual = _counts(labels, classes)
    return float(np.mean((hits / np.maximum(actual, 1))[actual > 0]))


def _precisions(labels: Array, classes: Array) -> Array:
    hits, predicted, _ = _counts(labels, classes)
    return _ratio(hits, predicted)


def _recalls(labels: Array, classes: Array) -> Array:
    hits, _, actual = _counts(labels, classes)
    return _ratio(hits, actual)


def _f1s(labels: Array, classes: Array) -> Array:
    hits, predicted, actual = _counts(labels, classes)
    return _ratio(2 * hits, predicted + actual)


def _of_positive(rates: Callable[[Array, Array], Array]) -> Callable[[Array, Array], float]:
    """Return the rate of class 1, which is 0 when no row has it."""

    def rate(labels: Array, classes: Array) -> float:
        names = np.union1d(labels, classes)
        return float(np.sum(rates(labels, classes)[names == 1]))

    return rate


def _macro(rates: Callable[[Array, Array], Array]) -> Callable[[Array, Array], float]:
    return lambda labels, classes: float(np.mean(rates(labels, classes)))


def _mse(labels: Array, values: Array) -> float:
    return float(np.mean((labels - values) ** 2))


def _r2(labels: Array, values: Array) -> float:
    spread = float(np.sum((labels - np.mean(labels)) ** 2))
    rest = float(np.sum((labels - values) ** 2))
    if spread == 0:
        return 1.0 if rest == 0 else 0.0
    return 1 - rest / spread


OF_CLASSES: Final[Mapping[str, Callable[[Array, Array], float]]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "f1": _macro(_f1s),
    "f1_binary": _of_positive(_f1s),
    "f1_macro": _macro(_f1s),
    "precision": _of_positive(_precisions),
    "precision_macro": _macro(_precisions),
    "precision_micro": _accuracy,  # every row has one class on each side, so micro averages are the accuracy
    "recall": _of_positive(_recalls),
    "recall_macro": _macro(_recalls),
    "recall_micro": _accuracy,
}
OF_VALUES: Final[Mapping[str, Callable[[Array, Array], float]]] = {"mse": _mse, "r2": _r2}

ALL_METRICS: Final = (*OF_CLASSES, *OF_VALUES, *OWN_MAXIMIZED, *OWN_MINIMIZED)
ADDED: Final = frozenset(OF_CLASSES) | frozenset(OF_VALUES)


def maximized(metric: str) -> bool:
    """Tell whether more of a metric is better."""
    return metric.partition("@")[0] in {*OF_CLASSES, "r2", *OWN_MAXIMIZED}


def classes_of(predictions: Array, objective: str) -> Array:
    """Return the predicted class of each row from what XGBoost predicts under an objective."""
    if predictions.ndim == 2:
        return np.asarray(np.argmax(predictions, axis=1))
    if objective == "multi:softmax":
        return predictions
    return (predictions > (0 if objective == "binary:logitraw" else 0.5)).astype(np.int64)


def evaluator(names: Sequence[str], objective: str) -> Callable[[Array, xgboost.DMatrix], Evaluation]:
    """Return the function that XGBoost calls after each round for the metrics it does not know."""

    def evaluate(predictions: Array, data: xgboost.DMatrix) -> Evaluation:
        labels = data.get_label()
        found: Evaluation = []
        for name in names:
            if name in OF_CLASSES:
                found.append((name, OF_CLASSES[name](labels, classes_of(predictions, objective))))
            else:
                found.append((name, OF_VALUES[name](labels, predictions)))
        return found

    return evaluate

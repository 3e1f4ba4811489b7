"""The metrics the container adds to XGBoost's own, against scikit-learn's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference
from specimen_jobs.xgboost.metrics import OF_CLASSES, OF_VALUES, classes_of, evaluator, maximized

ORACLES: dict[str, Callable[[Any, Any], float]] = {
    "accuracy": reference.accuracy_score,
    "f1_macro": lambda labels, found: reference.f1_score(labels, found, average="macro", zero_division=0),
    "precision_macro": lambda labels, found: reference.precision_score(labels, found, average="macro", zero_division=0),
    "precision_micro": lambda labels, found: reference.precision_score(labels, found, average="micro"),
    "recall_macro": lambda labels, found: reference.recall_score(labels, found, average="macro", zero_division=0),
    "recall_micro": lambda labels, found: reference.recall_score(labels, found, average="micro"),
}
BINARY: dict[str, Callable[[Any, Any], float]] = {
    "f1_binary": lambda labels, found: reference.f1_score(labels, found, zero_division=0),
    "precision": lambda labels, found: reference.precision_score(labels, found, zero_division=0),
    "recall": lambda labels, found: reference.recall_score(labels, found, zero_division=0),
}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_metrics_over_classes_equal_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    labels, found = (np.array(side) for side in zip(*pairs, strict=True))
    for name, oracle in ORACLES.items():
        assert OF_CLASSES[name](labels, found) == pytest.approx(oracle(labels, found)), name


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_metrics_of_the_positive_class_equal_scikit_learns(pairs: list[tuple[bool, bool]]) -> None:
    labels, found = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    for name, oracle in BINARY.items():
        assert OF_CLASSES[name](labels, found) == pytest.approx(oracle(labels, found)), name


def test_balanced_accuracy_leaves_out_classes_that_no_row_has() -> None:
    assert OF_CLASSES["balanced_accuracy"](np.array([0, 0, 1]), np.array([0, 2, 1])) == pytest.approx(0.75)


def test_metrics_over_values() -> None:
    labels, found = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0])
    assert OF_VALUES["mse"](labels, found) == pytest.approx(4 / 3)
    assert OF_VALUES["r2"](labels, found) == pytest.approx(-1.0)
    assert OF_VALUES["r2"](np.ones(2), np.ones(2)) == 1.0
    assert OF_VALUES["r2"](np.ones(2), np.zeros(2)) == 0.0


@pytest.mark.parametrize(
    ("objective", "predictions", "classes"),
    [
        ("binary:logistic", [0.2, 0.5, 0.7], [0, 0, 1]),
        ("binary:logitraw", [-0.2, 0.1, 0.7], [0, 1, 1]),
        ("multi:softmax", [2.0, 0.0, 1.0], [2, 0, 1]),
        ("multi:softprob", [[0.1, 0.9], [0.8, 0.2]], [1, 0]),
    ],
)
def test_predictions_become_classes_by_objective(objective: str, predictions: list[Any], classes: list[int]) -> None:
    assert classes_of(np.array(predictions), objective).tolist() == classes


def test_the_evaluator_answers_every_metric_it_was_made_for() -> None:
    data = xgboost.DMatrix(np.zeros((2, 1)), label=np.array([0, 1]))
    found = evaluator(["accuracy", "mse"], "binary:logistic")(np.array([0.1, 0.9]), data)
    assert found == [("accuracy", 1.0), ("mse", pytest.approx(0.01))]


def test_which_metrics_are_maximized() -> None:
    assert all(map(maximized, ("auc", "f1", "map@3", "r2")))
    assert not any(map(maximized, ("logloss", "error@0.4", "mse")))

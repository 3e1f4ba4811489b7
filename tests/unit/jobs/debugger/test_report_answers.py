"""What labels and predictions say: task, confusion matrix, rates, ROC curve, errors."""

import math
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from specimen_jobs.debugger.reports import answers
from specimen_jobs.debugger.reports.answers import Answers, Task


def given(labels: Any, predictions: Any, objective: str = "") -> Answers:
    return Answers(np.asarray(labels, dtype=np.float32), np.asarray(predictions, dtype=np.float32), objective)


@pytest.mark.parametrize(
    ("found", "objective", "metrics", "task"),
    [
        (None, "binary:logistic", [], Task.BINARY),
        (None, "multi:softmax", [], Task.CLASSES),
        (None, "count:poisson", [], Task.VALUES),
        (given([0, 1], [0.2, 0.7]), "", [], Task.BINARY),
        (given([0, 1], [[0.2, 0.8], [0.7, 0.3]]), "", [], Task.CLASSES),
        (given([0, 2], [1, 2]), "", [], Task.CLASSES),
        (given([0, 2], [1.5, 2]), "", [], Task.VALUES),
        (given([0.5, 2], [1, 2]), "", [], Task.VALUES),
        (None, "", ["train-mlogloss"], Task.CLASSES),
        (None, "", ["train-error@0.7"], Task.BINARY),
        (None, "", ["train-rmse"], Task.VALUES),
    ],
)
def test_the_task_is_told_by_objective_answers_or_metrics(
    found: Answers | None, objective: str, metrics: list[str], task: Task
) -> None:
    assert answers.task(found, objective, metrics) is task


@pytest.mark.parametrize(
    ("predictions", "objective", "expected"),
    [
        ([0.4, 0.6, 0.5], "binary:logistic", [[1, 1], [1, 0]]),
        ([-0.5, 0.2, 0.7], "binary:logitraw", [[1, 1], [0, 1]]),
        ([0, 1, 1], "", [[1, 1], [0, 1]]),
        ([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]], "multi:softprob", [[2, 0], [0, 1]]),
    ],
)
def test_the_matrix_has_a_row_each_label(predictions: Any, objective: str, expected: list[list[int]]) -> None:
    counts = answers.matrix(given([0, 0, 1], predictions, objective))
    assert counts is not None
    assert counts.tolist() == expected


def test_values_have_no_matrix() -> None:
    assert answers.matrix(given([0.5, 2.0], [1.0, 2.0])) is None
    assert answers.matrix(given([0, 99], [0.0, 1.0])) is None


def test_rates_are_averaged_three_ways() -> None:
    """Class 2 has neither rows nor predictions."""
    rates = answers.rates(np.array([[6, 2, 0], [1, 1, 0], [0, 0, 0]]))
    assert rates["accuracy"] == 0.7
    assert list(rates["classes"]) == ["0", "1"]
    assert rates["classes"]["1"] == {"precision": 1 / 3, "recall": 0.5, "f1": 0.4, "rows": 2}
    assert rates["averages"]["micro"] == {"precision": 0.7, "recall": 0.7, "f1": 0.7}
    assert rates["averages"]["macro"]["recall"] == 0.625
    assert rates["averages"]["weighted"]["recall"] == pytest.approx(0.7)


def test_the_area_under_the_curve_is_scikit_learns() -> None:
    rng = np.random.default_rng(1)
    labels, scores = rng.integers(0, 2, 3000), rng.random(3000).round(2)
    curve = answers.roc(labels, scores)
    assert curve is not None
    assert curve.auc == pytest.approx(roc_auc_score(labels, scores))
    assert (curve.fpr[0], curve.tpr[0], curve.fpr[-1], curve.tpr[-1]) == (0, 0, 1, 1)
    assert len(curve.fpr) == len(curve.thresholds) == 102, "a point each score, and the start"
    small = answers.roc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    assert small is not None
    assert small.auc == 0.75
    assert answers.roc(np.ones(3), np.array([0.1, 0.2, 0.3])) is None


def test_errors_are_given_by_the_size_of_the_label() -> None:
    edges = answers.label_edges(np.array([0.0, 100.0]))
    assert edges.tolist() == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    errors = answers.errors_by_label(given([0, 5, 15, 100], [1, 8, 11, 90]), edges)
    assert errors[:2] == [2.0, 4.0]
    assert errors[9] == 10.0
    assert all(math.isnan(value) for value in errors[2:9])
    assert answers.label_edges(np.array([3.0, 3.0]))[0] == 3.0, "labels that are all alike"

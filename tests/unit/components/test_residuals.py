"""A regression's errors: what is said of them is true of every row, and what is drawn stays small."""

import json

import numpy as np
import pytest
from specimen_components.evaluation.predictions import Predictions
from specimen_components.evaluation.residuals import BARS, POINTS, residuals


def given(labels: list[float], answers: list[float]) -> Predictions:
    return Predictions(np.array(labels), np.array(answers)[:, None])


def test_errors_are_answers_less_labels() -> None:
    """By hand: the errors are 1, -2, 0 and 3."""
    found = residuals(given([1, 2, 3, 4], [2, 0, 3, 7]))
    assert found["mean"] == pytest.approx(0.5)
    assert found["within"][0] == [0.5, pytest.approx(1.5)]
    assert found["within"][-1] == [1.0, pytest.approx(3)]
    assert found["sample"] == {"actual": [1, 2, 3, 4], "predicted": [2, 0, 3, 7]}


def test_the_histogram_counts_every_row_and_no_outlier_stretches_it() -> None:
    errors = [*np.linspace(-1, 1, 999), 1e6]
    histogram = residuals(given([0.0] * 1000, errors))["histogram"]
    assert sum(histogram["counts"]) == 1000
    assert (len(histogram["counts"]), len(histogram["edges"])) == (BARS, BARS + 1)
    assert -1 <= histogram["edges"][0] < histogram["edges"][-1] < 1.1


@pytest.mark.parametrize("rows", [1, 5])
def test_a_model_without_errors_has_a_histogram_too(rows: int) -> None:
    found = residuals(given([2.0] * rows, [2.0] * rows))
    assert found["mean"] == 0
    assert {bound for _, bound in found["within"]} == {0}
    assert sum(found["histogram"]["counts"]) == rows


def test_of_many_rows_some_are_drawn_always_the_same() -> None:
    labels = np.arange(100_000) / 3
    found = residuals(Predictions(labels, labels[:, None] + 1))
    assert found == residuals(Predictions(labels, labels[:, None] + 1))
    assert len(set(found["sample"]["actual"])) == POINTS
    assert np.mean(found["sample"]["actual"]) == pytest.approx(labels.mean(), rel=0.1)
    assert len(json.dumps(found)) < 20_000

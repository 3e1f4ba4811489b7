"""The kind of question is told by the objective."""

from dataclasses import replace

import pytest
from specimen.planning.problem import Problem, problem
from specimen.spec.model import Scalar, Trial


@pytest.mark.parametrize(
    ("hyperparameters", "expected"),
    [
        ({"objective": "binary:logistic"}, Problem("binary", 1, 0.5, 2)),
        ({"objective": "multi:softprob", "num_class": 4}, Problem("multiclass", 4, None, 4)),
        ({"objective": "multi:softmax", "num_class": 4}, Problem("multiclass", 1, None, 4)),
        ({"objective": "reg:squarederror"}, Problem("regression", 1, None, None)),
        ({"objective": "count:poisson"}, Problem("regression", 1, None, None)),
    ],
)
def test_problem(trial: Trial, hyperparameters: dict[str, Scalar], expected: Problem) -> None:
    asked = replace(trial, training=replace(trial.training, hyperparameters=hyperparameters))
    assert problem(asked) == expected


def test_the_threshold_is_that_of_bias(trial: Trial) -> None:
    assert trial.bias
    assert problem(replace(trial, bias=replace(trial.bias, threshold=0.3))).threshold == 0.3


def test_without_bias_the_odds_are_even(trial: Trial) -> None:
    assert problem(replace(trial, bias=None)).threshold == 0.5


def test_what_does_not_apply_is_left_out() -> None:
    assert Problem("regression", 1, None, None).as_data() == {"type": "regression"}

"""ClassImbalance, Confusion, TreeDepth and FeatureImportanceOverweight, at the edge of each condition."""

from typing import Any

import numpy as np
import pytest
from specimen_jobs.container import JobError
from specimen_jobs.debugger.reading import NotSaved
from specimen_jobs.debugger.rules.labels import ClassImbalance, Confusion
from specimen_jobs.debugger.rules.trees import FeatureImportanceOverweight, TreeDepth

from tests.trials import Saved


def answered(labels: Any, predictions: Any) -> Saved:
    """One step's labels and predictions."""
    trial = Saved()
    trial.save(0, labels=labels, predictions=predictions)
    return trial


def rows(**counts: int) -> tuple[list[float], list[float]]:
    """Labels and predicted classes: ``_01=3`` is three rows of class 0 that are predicted as 1."""
    pairs = [(float(key[1]), float(key[2])) for key, count in counts.items() for _ in range(count)]
    return [label for label, _ in pairs], [guess for _, guess in pairs]


@pytest.mark.parametrize(("small", "met"), [(50, False), (49, True)])
def test_the_largest_class_may_be_ten_times_the_smallest(small: int, met: bool) -> None:
    trial = answered(*rows(_00=500, _11=small))
    assert ClassImbalance(trial).invoke_at_step(0) is met


@pytest.mark.parametrize(("missed", "met"), [(70, False), (71, True)])
def test_a_class_may_be_missed_in_seven_of_ten_rows(missed: int, met: bool) -> None:
    trial = answered(*rows(_00=500, _11=100 - missed, _10=missed))
    assert ClassImbalance(trial).invoke_at_step(0) is met


def test_samples_are_gathered_over_steps_and_then_begin_anew() -> None:
    trial = Saved()
    for step in range(4):
        labels, predictions = rows(_00=200, _11=10)
        trial.save(step, labels=labels, predictions=predictions)
    rule = ClassImbalance(trial, samples=420)
    assert [rule.invoke_at_step(step) for step in trial.steps()] == [False, True, False, True]


def test_probabilities_become_classes() -> None:
    half = answered([0, 1] * 300, [0.5, 0.51] * 300)
    assert not ClassImbalance(half).invoke_at_step(0)
    wrong = answered([0, 1] * 300, [0.5, 0.49] * 300)
    assert ClassImbalance(wrong).invoke_at_step(0)
    several = answered([0, 1, 2] * 200, [[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]] * 200)
    assert not ClassImbalance(several, argmax=True).invoke_at_step(0)
    assert not ClassImbalance(several).invoke_at_step(0)


def test_other_names_can_be_given() -> None:
    trial = Saved()
    trial.put(0, "my/labels", [0, 1])
    trial.put(0, "guesses", [1, 1])
    assert ClassImbalance(trial, samples=2, predictions_regex="guess").invoke_at_step(0)


@pytest.mark.parametrize("rule", [ClassImbalance, Confusion])
def test_labels_and_predictions_are_needed(rule: Any) -> None:
    trial = Saved()
    trial.save(0, labels=[0, 1])
    with pytest.raises(NotSaved, match="no labels and predictions"):
        rule(trial).invoke_at_step(0)


@pytest.mark.parametrize(
    ("labels", "predictions", "message"),
    [
        ([0.5, 1.5], [1, 2], "labels are no classes"),
        ([-1, 1], [1, 1], "labels are no classes"),
        ([3, 7], [3, 5000], "predictions are no classes"),
        ([0, 1, 1], [0, 1], "3 labels and 2 predictions"),
    ],
)
def test_values_are_no_classes(labels: Any, predictions: Any, message: str) -> None:
    with pytest.raises(JobError, match=message):
        Confusion(answered(labels, predictions)).invoke_at_step(0)


@pytest.mark.parametrize(("wrong", "met"), [(10, False), (11, True)])
def test_nine_of_ten_predictions_of_a_class_have_to_be_right(wrong: int, met: bool) -> None:
    """Class 1 is predicted 100 times, and wrongly so `wrong` times: the column's diagonal and the rest of it."""
    trial = answered(*rows(_00=100, _11=100 - wrong, _01=wrong))
    assert Confusion(trial).invoke_at_step(0) is met


def test_the_two_thresholds_are_apart() -> None:
    trial = answered(*rows(_00=100, _11=80, _01=20))
    assert not Confusion(trial, min_diag=0.8, max_off_diag=0.2).invoke_at_step(0)
    assert Confusion(trial, min_diag=0.81, max_off_diag=1.0).invoke_at_step(0)
    assert Confusion(trial, min_diag=0.0, max_off_diag=0.19).invoke_at_step(0)


def test_a_class_that_is_never_predicted_is_a_bad_one() -> None:
    assert Confusion(answered(*rows(_00=99, _10=1)), max_off_diag=1.0).invoke_at_step(0)
    assert not Confusion(answered(*rows(_00=50, _22=50))).invoke_at_step(0), "class 1 has no rows"
    assert not Confusion(answered(*rows(_00=50, _11=50)), category_no=15).invoke_at_step(0)


def test_a_perfect_classifier_of_three_classes_is_good() -> None:
    assert not Confusion(answered(*rows(_00=10, _11=30, _22=60))).invoke_at_step(0)


def test_there_are_no_more_categories_than_said() -> None:
    with pytest.raises(JobError, match="category_no is 2, but there is a class 2"):
        Confusion(answered(*rows(_00=1, _22=1)), category_no=2).invoke_at_step(0)


def test_other_tensors_can_be_confused() -> None:
    trial = Saved()
    trial.save(0, truth=[0, 1], guess=[1, 0])
    assert Confusion(trial, labels="truth", predictions="guess", labels_collection="none").invoke_at_step(0) is True


@pytest.mark.parametrize(("largest", "met"), [(0, True), (15, True), (16, False), (30, False)])
def test_a_tree_is_as_deep_as_the_logarithm_of_its_largest_node(largest: int, met: bool) -> None:
    trial = Saved()
    trial.put(0, "trees/Node", np.arange(largest + 1))
    assert TreeDepth(trial).invoke_at_step(0) is met
    assert not TreeDepth(trial, depth=0).invoke_at_step(0) or largest == 0


def test_a_tree_is_needed() -> None:
    with pytest.raises(NotSaved, match="collection trees"):
        TreeDepth(Saved()).invoke_at_step(0)


def important(*values: float, kind: str = "weight") -> Saved:
    """One step's importances."""
    trial = Saved()
    for index, value in enumerate(values):
        trial.put(0, f"feature_importance/{kind}/f{index}", value)
    return trial


def test_the_three_largest_features_may_have_four_fifths() -> None:
    assert not FeatureImportanceOverweight(important(0.2, 0.4, 0.15, 0.05, 0.2)).invoke_at_step(0)
    assert FeatureImportanceOverweight(important(0.1, 0.45, 0.2, 0.05, 0.2)).invoke_at_step(0)
    assert FeatureImportanceOverweight(important(4, 4, 4, 2.9)).invoke_at_step(0), "by their share"
    assert not FeatureImportanceOverweight(important(0.7, 0.2, 0.1), nfeatures=1).invoke_at_step(0)
    assert FeatureImportanceOverweight(important(0.7, 0.2, 0.1), nfeatures=1, threshold=0.69).invoke_at_step(0)


def test_another_importance_can_be_weighed() -> None:
    trial = important(0.9, 0.1, kind="gain")
    with pytest.raises(NotSaved, match="collection feature_importance"):
        FeatureImportanceOverweight(trial).invoke_at_step(0)
    assert FeatureImportanceOverweight(trial, nfeatures=1, tensor_regex=("importance/gain/",)).invoke_at_step(0)


def test_a_rule_says_what_it_found() -> None:
    trial = answered(*rows(_00=20, _11=1, _10=1))
    trial.put(0, "trees/Node", np.arange(7))
    trial.put(0, "feature_importance/weight/f0", 1.0)
    rules: list[Any] = [
        ClassImbalance(trial, samples=1, threshold_imbalance=9),
        ClassImbalance(trial, samples=1, threshold_misprediction=0.4),
        Confusion(trial, min_diag=0.99),
        TreeDepth(trial),
        FeatureImportanceOverweight(trial),
    ]
    assert [rule.invoke_at_step(0) for rule in rules] == [True] * 5
    assert [rule.reason for rule in rules] == [
        "the largest class has 20 rows, the smallest 2",
        "of class 1, 1 of 2 rows are predicted as another",
        "the least share on the diagonal is 0.9524, the largest off it 0.0476",
        "the largest node ID is 6",
        "the 3 largest importances are 1.0000 of 1.0000",
    ]

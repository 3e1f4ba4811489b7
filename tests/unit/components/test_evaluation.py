"""Predictions read, metrics computed, and the statistics file of Model Monitor's layout."""

import io
import math
from typing import Any

import numpy as np
import pytest
from specimen_components.evaluation import predictions
from specimen_components.evaluation.metrics import POINTS, Problem, evaluate, parse
from specimen_components.evaluation.predictions import Predictions, PredictionsError
from specimen_components.evaluation.statistics import statistics

BINARY = Problem("binary", 0.5, 2)


def given(labels: list[float], *answers: list[float]) -> Predictions:
    return Predictions(np.array(labels), np.array(answers).T)


FOUR = given([0, 0, 0, 1], [0.2, 0.5, 0.7, 0.9])


def test_rows_are_a_label_and_its_answers() -> None:
    found = predictions.read(io.StringIO("1,0.75\n0,1e-3\n\n"), 2)
    assert found.labels.tolist() == [1, 0]
    assert found.answers.tolist() == [[0.75], [0.001]]


def test_several_answers_may_stand_in_brackets() -> None:
    found = predictions.read(io.StringIO('2,"[0.1, 0.2, 0.7]"\n0,0.5,0.3,0.2\n'), 2)
    assert found.answers.tolist() == [[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]]


@pytest.mark.parametrize(
    ("text", "expected", "message"),
    [
        ("1,0.5\n", 2, "answered 1 rows for 2 rows of the test part"),
        ("1,0.5\n1\n", 2, "row 2 of the transform job's output holds 1 fields, and 2 are expected"),
        ("1\n0\n", 2, "row 1 of the transform job's output holds 1 fields, and 2 are expected"),
        ("1,0.5\n0,error\n", 2, "row 2 of the transform job's output holds 'error'"),
        ("", 1, "answered 0 rows for 1 rows"),
        ("", 0, "the test part has no rows"),
        ("1,nan\n", 1, "row 1 of the transform job's output holds 'nan'"),
    ],
)
def test_an_output_that_is_not_what_was_asked_is_refused(text: str, expected: int, message: str) -> None:
    with pytest.raises(PredictionsError) as caught:
        predictions.read(io.StringIO(text), expected)
    assert message in str(caught.value)
    assert caught.value.hint


def test_rows_are_counted_without_blank_lines() -> None:
    assert predictions.count_rows(io.BytesIO(b"1,2\n\n3,4")) == 2


def test_a_binary_evaluation() -> None:
    """By hand: above 0.5 two are predicted 1, one of them rightly; the one positive outranks all."""
    found = evaluate(BINARY, FOUR)
    assert found.confusion == ((2, 1), (0, 1))
    assert found.metrics == pytest.approx(
        {
            "auc": 1.0,
            "accuracy": 0.75,
            "precision": 1 / 2,
            "recall": 1.0,
            "f1": 2 / 3,
            "logloss": -(math.log(0.8) + math.log(0.5) + math.log(0.3) + math.log(0.9)) / 4,
        }
    )
    assert found.roc is not None
    assert found.roc["thresholds"][0] is None
    assert (found.roc["fpr"][-1], found.roc["tpr"][-1]) == (1, 1)
    assert found.notes == ()


def test_the_threshold_decides() -> None:
    assert evaluate(Problem("binary", 0.8, 2), FOUR).confusion == ((3, 0), (0, 1))
    assert evaluate(Problem("binary", 0.95, 2), FOUR).metrics["precision"] == 0


def test_a_score_at_the_threshold_is_negative_as_in_xgboost_and_clarify() -> None:
    assert evaluate(Problem("binary", 0.7, 2), FOUR).confusion == ((3, 0), (0, 1))


@pytest.mark.parametrize(
    ("problem", "asked", "message"),
    [
        ({"type": "binary"}, given([0, 0.5, 1], [0.1, 0.2, 0.3]), "row 2 of the test part has the label 0.5"),
        ({"type": "binary"}, given([1, 2], [0.1, 0.2]), "the label 2, which is no class: .* from 0 to 1"),
        ({"type": "binary"}, given([0, 1], [0.1, 0.2], [0.9, 0.8]), "answered 2 numbers a row, where 1 is expected"),
        ({"type": "multiclass", "classes": 3}, given([0, 3], [1, 1]), "the label 3, which is no class"),
        ({"type": "multiclass"}, given([0, -1], [1, 1]), "classes are numbered from 0$"),
        ({"type": "multiclass", "classes": 3}, given([0, 1], [1, 1], [2, 2]), "where 1 or 3 are expected"),
        ({"type": "regression"}, given([0, 1], [1, 1], [2, 2]), "where 1 is expected"),
    ],
)
def test_labels_and_answers_that_are_not_the_problems_are_refused(
    problem: dict[str, Any], asked: Predictions, message: str
) -> None:
    with pytest.raises(PredictionsError, match=message):
        evaluate(parse(problem), asked)


def test_one_class_leaves_auc_undefined_and_says_so() -> None:
    found = evaluate(BINARY, given([1, 1], [0.9, 0.2]))
    assert found.metrics["auc"] is None
    assert found.roc is None
    assert found.notes == ("AUC and ROC are undefined: every row of the test part is of class 1.",)
    assert found.metrics["recall"] == 0.5


def test_scores_that_are_no_probabilities_have_no_log_loss() -> None:
    found = evaluate(BINARY, given([0, 1], [-3.0, 4.0]))
    assert found.metrics["logloss"] is None
    assert found.metrics["auc"] == 1
    assert found.notes == ("Log loss is undefined: the model's answers are no probabilities.",)


def test_a_long_curve_is_thinned_with_its_ends_kept() -> None:
    generator = np.random.default_rng(1)
    labels, answers = generator.integers(0, 2, 5000), generator.random(5000)
    found = evaluate(BINARY, Predictions(labels.astype(float), answers.reshape(-1, 1)))
    assert found.roc is not None
    assert len(found.roc["fpr"]) <= POINTS
    assert (found.roc["fpr"][0], found.roc["fpr"][-1]) == (0, 1)


def test_two_classes_with_a_probability_each_are_judged_as_a_binary_problem_is() -> None:
    shares = given([0, 1, 1, 0], [0.9, 0.4, 0.3, 0.35], [0.1, 0.6, 0.7, 0.65])
    found = evaluate(parse({"type": "multiclass", "classes": 2}), shares).metrics
    alone = evaluate(parse({"type": "binary"}), given([0, 1, 1, 0], [0.1, 0.6, 0.7, 0.65])).metrics
    assert {name: found[name] for name in ("auc", "accuracy")} == {name: alone[name] for name in ("auc", "accuracy")}
    assert found["logloss"] == pytest.approx(alone["logloss"])


def test_a_multiclass_evaluation_with_probabilities() -> None:
    shares = given([0, 1, 2, 1], [0.7, 0.2, 0.1, 0.5], [0.2, 0.7, 0.2, 0.4], [0.1, 0.1, 0.7, 0.1])
    found = evaluate(parse({"type": "multiclass", "classes": 3}), shares)
    assert found.confusion == ((1, 0, 0), (1, 1, 0), (0, 0, 1))
    assert found.metrics["accuracy"] == 0.75
    assert found.metrics["recall"] == pytest.approx((1 + 0.5 + 1) / 3)
    assert found.metrics["logloss"] == pytest.approx(-(3 * math.log(0.7) + math.log(0.4)) / 4)
    assert found.metrics["auc"] is not None


def test_a_class_without_rows_leaves_auc_undefined() -> None:
    found = evaluate(parse({"type": "multiclass", "classes": 3}), given([0, 1], [0.8, 0.1], [0.1, 0.8], [0.1, 0.1]))
    assert found.metrics["auc"] is None
    assert found.notes == ("AUC is undefined: class 2 has no row in the test part.",)


def test_answers_that_are_classes_have_no_auc() -> None:
    found = evaluate(parse({"type": "multiclass", "classes": 3}), given([0, 1, 2], [0, 1, 1]))
    assert set(found.metrics) == {"accuracy", "precision", "recall", "f1"}
    assert found.notes == ("AUC and log loss are undefined: the model answers classes, not probabilities.",)


def test_a_regression_evaluation() -> None:
    found = evaluate(parse({"type": "regression"}), given([1, 2, 3, 4], [1, 2, 3, 2]))
    assert found.metrics == pytest.approx({"rmse": 1.0, "mae": 0.5, "mse": 1.0, "r2": 1 - 4 / 5})
    assert (found.classes, found.confusion, found.roc) == ((), (), None)
    assert evaluate(parse({"type": "regression"}), given([1], [1])).metrics["r2"] is None


def test_statistics_have_model_monitors_layout() -> None:
    found: dict[str, Any] = statistics(evaluate(BINARY, FOUR), FOUR)
    section = found["binary_classification_metrics"]
    assert found["dataset"] == {"item_count": 4}
    assert section["confusion_matrix"] == {"0": {"0": 2, "1": 1}, "1": {"0": 0, "1": 1}}
    assert section["recall"] == {"value": 1.0, "standard_deviation": "NaN"}
    assert section["false_positive_rate"]["value"] == pytest.approx(1 / 3)
    assert section["receiver_operating_characteristic_curve"]["true_positive_rates"][-1] == 1
    assert section["precision_recall_curve"]["recalls"][0] == 0


def test_a_standard_deviation_needs_two_hundred_rows_and_is_the_same_each_time() -> None:
    generator = np.random.default_rng(2)
    many = Predictions(generator.integers(0, 2, 300).astype(float), generator.random((300, 1)))
    first, second = (statistics(evaluate(BINARY, many), many) for _ in range(2))
    assert first == second
    assert 0 < first["binary_classification_metrics"]["auc"]["standard_deviation"] < 0.1


def test_statistics_of_one_class_are_not_numbers() -> None:
    one = given([1, 1], [0.9, 0.2])
    section = statistics(evaluate(BINARY, one), one)["binary_classification_metrics"]
    assert section["auc"] == {"value": "NaN", "standard_deviation": "NaN"}
    assert section["true_negative_rate"]["value"] == "NaN"
    assert "receiver_operating_characteristic_curve" not in section


def test_statistics_of_the_other_problems() -> None:
    shares = given([0, 1, 2], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8])
    many = statistics(evaluate(parse({"type": "multiclass", "classes": 3}), shares), shares)
    assert many["multiclass_classification_metrics"]["weighted_f1"]["value"] == 1
    line = given([1, 2], [1, 3])
    regression = statistics(evaluate(parse({"type": "regression"}), line), line)["regression_metrics"]
    assert regression["mse"] == {"value": 0.5, "standard_deviation": "NaN"}
    assert "confusion_matrix" not in regression

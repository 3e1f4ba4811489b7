"""AllZero, UnchangedTensor, TensorVariance and SimilarAcrossRuns, at the edge of each condition."""

from typing import Any

import pytest
from specimen_jobs.container import JobError
from specimen_jobs.debugger.reading import NotSaved
from specimen_jobs.debugger.rules.tensors import AllZero, SimilarAcrossRuns, TensorVariance, UnchangedTensor

from tests.trials import Saved


def one(name: str, *values: Any) -> Saved:
    """A training with one tensor, step by step."""
    trial = Saved()
    for step, value in enumerate(values):
        trial.put(step, name, value)
    return trial


@pytest.mark.parametrize(
    ("value", "threshold", "met"),
    [
        ([0, 0, 0, 0], 100.0, True),
        ([0, 0, 0, 1], 100.0, False),
        ([0, 0, 0, 1], 75.0, True),
        ([0, 0, 1, 1], 75.0, False),
        ([0.0, float("nan")], 100.0, False),
    ],
)
def test_all_zero_counts_the_share_of_zeros(value: Any, threshold: float, met: bool) -> None:
    trial = one("average_shap/f0", value)
    assert AllZero(trial, tensor_regex=("shap",), threshold=threshold).invoke_at_step(0) is met


def test_any_tensor_of_the_union_is_enough() -> None:
    trial = one("labels", [0, 0])
    trial.put(0, "predictions", [0, 1])
    assert AllZero(trial, collection_names=("labels", "predictions")).invoke_at_step(0)
    assert AllZero(trial, collection_names=("predictions",), tensor_regex=("^lab",)).invoke_at_step(0)
    assert not AllZero(trial, collection_names=("predictions",)).invoke_at_step(0)


def test_text_is_left_out() -> None:
    trial = one("trees/Feature", ["f0", "Leaf"])
    with pytest.raises(NotSaved, match="no tensor of collection trees that holds numbers"):
        AllZero(trial, collection_names=("trees",)).invoke_at_step(0)


@pytest.mark.parametrize("rule", [AllZero, UnchangedTensor, TensorVariance])
def test_collections_or_patterns_are_needed(rule: Any) -> None:
    with pytest.raises(JobError, match=f"{rule.__name__}: collection_names or tensor_regex is needed"):
        rule(Saved())


def met(trial: Saved, **parameters: Any) -> list[bool]:
    """UnchangedTensor at each step."""
    rule = UnchangedTensor(trial, tensor_regex=(".*",), **parameters)
    return [rule.invoke_at_step(step) for step in trial.steps()]


def test_unchanged_looks_at_the_last_steps_saved() -> None:
    assert met(one("x", 1.0, 2.0, 2.0, 2.0, 2.1)) == [False, False, False, True, False]
    assert met(one("x", 1.0, 2.0, 2.0), num_steps=2) == [False, False, True]
    gaps = Saved()
    for step in (0, 7, 20):
        gaps.put(step, "x", 5.0)
    assert met(gaps) == [False, False, True]


def test_unchanged_is_numpys_allclose() -> None:
    assert met(one("x", 1.0, 1.000009), num_steps=2) == [False, True]
    assert met(one("x", 1.0, 1.00002), num_steps=2) == [False, False]
    assert met(one("x", 1.0, 1.4), num_steps=2, rtol=0.0, atol=0.5) == [False, True]
    nan = one("x", float("nan"), float("nan"))
    assert met(nan, num_steps=2) == [False, False]
    assert met(nan, num_steps=2, equal_nan=True) == [False, True]
    assert met(one("x", [1.0], [1.0, 1.0]), num_steps=2) == [False, False]


@pytest.mark.parametrize(
    ("thresholds", "met"),
    [
        ({}, False),
        ({"max_threshold": 4.0}, False),
        ({"max_threshold": 3.9}, True),
        ({"min_threshold": 4.0}, False),
        ({"min_threshold": 4.1}, True),
        ({"min_threshold": 1.0, "max_threshold": 9.0}, False),
    ],
)
def test_the_variance_has_to_stay_between_the_thresholds(thresholds: dict[str, Any], met: bool) -> None:
    trial = one("x", [1.0, 5.0])  # variance 4
    assert TensorVariance(trial, tensor_regex=("x",), **thresholds).invoke_at_step(0) is met


def differs(mine: Saved, *others: Saved, **parameters: Any) -> bool:
    """SimilarAcrossRuns at step 0."""
    return SimilarAcrossRuns(mine, others, **parameters).invoke_at_step(0)


def test_runs_are_compared_step_by_step() -> None:
    assert not differs(one("x", 1.0), one("x", 1.0))
    assert not differs(one("x", 1.0), one("x", 1.000009))
    assert differs(one("x", 1.0), one("x", 1.1))
    assert differs(one("x", 1.0), one("x", 1.0), one("x", 1.1))
    assert differs(one("x", [1.0]), one("x", [1.0, 1.0]))
    assert differs(one("x", 1.0), one("y", 1.0))
    assert not differs(one("x", float("nan")), one("x", float("nan")))
    assert differs(one("trees/Feature", ["f0"]), one("trees/Feature", ["f1"]))
    assert not differs(one("trees/Feature", ["f0"]), one("trees/Feature", ["f0"]))


def test_only_the_tensors_asked_for_are_compared() -> None:
    mine, other = one("x", 1.0), one("x", 2.0)
    mine.put(0, "labels", 1)
    other.put(0, "labels", 1)
    assert differs(mine, other)
    assert not differs(mine, other, collection_names=("labels",))
    assert not differs(mine, other, tensor_regex=("^labels$",))


def test_a_step_that_the_other_has_not_is_passed_over() -> None:
    other = Saved()
    other.put(5, "x", 1.0)
    with pytest.raises(NotSaved, match="both training jobs"):
        differs(one("x", 1.0), other)


def test_another_run_is_needed() -> None:
    with pytest.raises(JobError, match="other_trials is needed"):
        SimilarAcrossRuns(Saved(), [])


def test_a_rule_says_what_it_found() -> None:
    trial = one("x", [0.0, 1.0], [0.0, 1.0])
    for index in range(7):
        trial.put(1, f"y{index}", 1.0)
    other = one("x", [0.0, 1.0], [0.0, 1.0])
    rules: list[Any] = [
        AllZero(trial, tensor_regex=("x",), threshold=50),
        UnchangedTensor(trial, tensor_regex=("x",), num_steps=2),
        TensorVariance(trial, tensor_regex=("x",), max_threshold=0.2),
        SimilarAcrossRuns(trial, [other]),
    ]
    assert [rule.invoke_at_step(1) for rule in rules] == [True] * 4
    assert [rule.reason for rule in rules] == [
        "1 of the 2 values of x are zero",
        "unchanged at 2 saved steps: x",
        "x has a variance of 0.25",
        "different: y0, y1, y2, y3, y4 and 2 more",
    ]

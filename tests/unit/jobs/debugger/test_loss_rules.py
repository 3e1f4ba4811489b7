"""LossNotDecreasing, Overfit and Overtraining, at the edge of each condition."""

from typing import Any

import pytest
from specimen_jobs.container import JobError
from specimen_jobs.debugger.reading import NotSaved
from specimen_jobs.debugger.rules.losses import LossNotDecreasing, Overfit, Overtraining

from tests.trials import Saved, series


def met_at(rule: Any, trial: Saved, start: int = 0) -> int | None:
    """The first step from `start` on at which the condition is met."""
    return next((step for step in trial.steps() if step >= start and rule.invoke_at_step(step)), None)


def test_the_loss_is_compared_with_the_newest_one_that_is_far_enough_behind() -> None:
    """The example of the rule's first tests: saved every 4 steps, compared first at step 12, with step 0."""
    trial = series(4, train__loss=[0.3, 0.33, 0.31, 0.30, 0.28])
    assert met_at(LossNotDecreasing(trial), trial) == 12
    assert met_at(LossNotDecreasing(trial, tensor_regex=("loss",), use_losses_collection=False), trial) == 12
    assert met_at(LossNotDecreasing(trial), trial, start=13) is None


def test_the_loss_is_looked_at_every_so_many_steps() -> None:
    """The guide's example: saved every 3 steps, 10 steps: after 21 comes 33, so a bad step between is not seen."""
    losses = [float(100 - step) for step in range(0, 40, 3)]
    trial = series(3, train__rmse=losses)
    looked = [step for step in trial.steps() if LossNotDecreasing(trial).invoke_at_step(step)]
    assert looked == []
    trial.put(24, "train-rmse", 1000.0)
    rule = LossNotDecreasing(trial)
    assert [rule.invoke_at_step(step) for step in (21, 24, 27, 30)] == [False] * 4
    trial.put(33, "train-rmse", 1000.0)
    assert rule.invoke_at_step(33)


@pytest.mark.parametrize(
    ("now", "met"),
    [(99.89, False), (99.91, True), (100.0, True), (104.9, False), (105.1, True), (float("nan"), True)],
)
def test_the_loss_must_fall_by_a_tenth_of_a_per_cent_and_may_rise_by_five(now: float, met: bool) -> None:
    trial = series(10, train__rmse=[100.0, now])
    assert (met_at(LossNotDecreasing(trial), trial) is not None) is met


@pytest.mark.parametrize(("now", "met"), [(80.0, False), (80.1, True), (119.9, False), (120.1, True)])
def test_both_thresholds_can_be_given(now: float, met: bool) -> None:
    trial = series(10, train__rmse=[100.0, now])
    rule = LossNotDecreasing(trial, diff_percent=20, increase_threshold_percent=20)
    assert (met_at(rule, trial) is not None) is met


def test_a_negative_loss_falls_below_zero_and_further() -> None:
    trial = series(10, train__nloglik=[1.0, -1.0, -2.0, -2.0])
    assert met_at(LossNotDecreasing(trial), trial) == 30


def test_what_should_rise_is_no_loss() -> None:
    trial = series(10, train__auc=[0.9, 0.8, 0.7], train__logloss=[0.5, 0.4, 0.3])
    assert met_at(LossNotDecreasing(trial, collection_names=("metrics",)), trial) is None
    only = series(10, train__auc=[0.9, 0.8])
    with pytest.raises(NotSaved, match="no loss of collection metrics or of collection losses"):
        LossNotDecreasing(only, collection_names=("metrics",)).invoke_at_step(0)


def test_a_loss_of_several_numbers_is_none() -> None:
    trial = Saved()
    trial.put(0, "train-loss", [1.0, 2.0])
    with pytest.raises(NotSaved):
        LossNotDecreasing(trial).invoke_at_step(0)


def test_without_any_place_to_look_the_message_says_so() -> None:
    trial = series(10, train__rmse=[1.0])
    with pytest.raises(NotSaved, match="neither collection_names nor tensor_regex is given"):
        LossNotDecreasing(trial, use_losses_collection=False).invoke_at_step(0)


def test_a_mode_that_xgboost_has_not_is_refused() -> None:
    with pytest.raises(JobError, match="mode must be GLOBAL, not EVAL"):
        LossNotDecreasing(Saved(), mode="EVAL")


@pytest.mark.parametrize(("validation", "met"), [(1.125, False), (1.126, True), (0.5, False)])
def test_overfit_compares_the_gap_with_the_training_loss(validation: float, met: bool) -> None:
    trial = series(train__logloss=[1.0], validation__logloss=[validation])
    assert Overfit(trial, ratio_threshold=0.125).invoke_at_step(0) is met


def test_overfit_takes_the_means_over_what_both_parts_have() -> None:
    """(1 + 3) / 2 against (1.2 + 3.3) / 2 is 12.5 % more; train-mae has no counterpart."""
    trial = series(
        train__logloss=[1.0], validation__logloss=[1.2], train__rmse=[3.0], validation__rmse=[3.3], train__mae=[99.0]
    )
    assert Overfit(trial, ratio_threshold=0.12).invoke_at_step(0)
    assert not Overfit(trial, ratio_threshold=0.13).invoke_at_step(0)
    assert not Overfit(trial, tensor_regex=("-rmse",), ratio_threshold=0.1).invoke_at_step(0)


def test_overfit_waits_for_steps_one_after_the_other() -> None:
    trial = series(train__rmse=[1.0] * 6, validation__rmse=[2.0, 1.0, 2.0, 2.0, 2.0, 2.0])
    assert met_at(Overfit(trial), trial) == 0
    assert met_at(Overfit(trial, patience=2), trial) == 3
    assert met_at(Overfit(trial, patience=2, start_step=3), trial) == 4


def test_overfit_without_a_training_loss_left() -> None:
    trial = series(train__error=[0.0, 0.0], validation__error=[0.0, 0.1])
    assert met_at(Overfit(trial), trial) == 1


@pytest.mark.parametrize("rule", [Overfit, Overtraining])
def test_without_validation_there_is_nothing_to_compare(rule: Any) -> None:
    trial = series(train__rmse=[1.0], validation__auc=[1.0])
    with pytest.raises(NotSaved, match="no loss of both"):
        rule(trial).invoke_at_step(0)


def test_overtraining_waits_for_the_training_loss() -> None:
    """The best is at step 0; five steps that are not better by more than 0.01 follow."""
    falling = [10.0 - step for step in range(8)]
    still = series(train__rmse=[1.0, 0.9901, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], validation__rmse=falling)
    assert met_at(Overtraining(still), still) == 5
    better = series(train__rmse=[1.0, 0.9899, *[1.0] * 6], validation__rmse=falling)
    assert met_at(Overtraining(better), better) == 6


def test_overtraining_waits_for_the_validation_loss() -> None:
    falling = [100.0 - step for step in range(13)]
    trial = series(train__rmse=falling, validation__rmse=[2.0, 1.0, *[1.5] * 11])
    assert met_at(Overtraining(trial), trial) == 11
    assert met_at(Overtraining(trial, patience_validation=12), trial) is None
    assert met_at(Overtraining(trial, patience_validation=3), trial) == 4


def test_overtraining_takes_a_loss_that_is_no_number_for_no_better() -> None:
    trial = series(train__rmse=[1.0, *[float("nan")] * 5], validation__rmse=[9.0, 8.0, 7.0, 6.0, 5.0, 4.0])
    assert met_at(Overtraining(trial), trial) == 5


def test_a_patience_of_none_is_one_step() -> None:
    trial = series(train__rmse=[1.0, 1.0, 1.0], validation__rmse=[1.0, 2.0, 2.0])
    assert met_at(Overfit(trial, patience=0), trial) == 1
    assert met_at(Overtraining(trial, patience_train=9, patience_validation=0), trial) == 1


def test_a_rule_says_what_it_found() -> None:
    trial = series(10, train__rmse=[1.0, 1.0], validation__rmse=[1.0, 3.0])
    rules: list[Any] = [LossNotDecreasing(trial), Overfit(trial), Overtraining(trial, patience_train=1)]
    assert [met_at(rule, trial) for rule in rules] == [10, 10, 10]
    assert [rule.reason for rule in rules] == [
        "train-rmse is 1, and was 1 at least 10 steps before",
        "the mean validation loss is 3, the mean training loss 1",
        "the mean training loss has not been better than 1 for 1 saved steps",
    ]

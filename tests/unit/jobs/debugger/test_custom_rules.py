"""A user's own rule runs as it would in AWS's container, without smdebug."""

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from specimen_jobs.container import JobError
from specimen_jobs.debugger.custom.exceptions import StepUnavailable, TensorUnavailable, TensorUnavailableForStep
from specimen_jobs.debugger.custom.loading import Custom, load
from specimen_jobs.debugger.custom.trial import ModeKeys, Trial
from specimen_jobs.debugger.reading import NotSaved
from specimen_jobs.debugger.rule import LOGGER, Rule

from tests.trials import Saved, series

GUIDE = """
    from smdebug.rules.rule import Rule
    from smdebug.exceptions import TensorUnavailable

    class CustomGradientRule(Rule):
        def __init__(self, base_trial, threshold=10.0):
            super().__init__(base_trial)
            self.threshold = float(threshold)

        def invoke_at_step(self, step):
            for tname in self.base_trial.tensor_names(collection="losses"):
                t = self.base_trial.tensor(tname)
                abs_mean = t.reduction_value(step, "mean", abs=True)
                if abs_mean > self.threshold:
                    return True
            return False
"""
REQUIRED = """
    from smdebug.rules import Rule
    from smdebug.core.modes import ModeKeys

    class Both(Rule):
        def __init__(self, base_trial, other_trials=None, **parameters):
            super().__init__(base_trial, other_trials=other_trials)
            self.parameters = parameters

        def set_required_tensors(self, step):
            self.req_tensors.add("train-rmse", [step])
            for trial in self.other_trials or ():
                self.req_tensors.add(".*rmse$", [step], trial=trial, should_match_regex=True)

        def invoke_at_step(self, step):
            mine = self.req_tensors.get()[0].value(step, mode=ModeKeys.GLOBAL)
            return any(mine > theirs.value(step) for t in self.other_trials for theirs in self.req_tensors.get(t))
"""


@pytest.fixture(autouse=True)
def without_smdebug() -> Iterator[None]:
    """The modules that a rule's file found are gone afterwards."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("smdebug", "specimen_custom_rule"):
            del sys.modules[name]


def shown(saved: Saved) -> Trial:
    return Trial(saved, "s3://bucket/job/debug-output", LOGGER)


def loaded(tmp_path: Path, text: str, name: str, trial: Saved, *others: Saved, **parameters: str) -> Custom:
    path = tmp_path / "rule.py"
    path.write_text(dedent(text))
    return load(path, name, shown(trial), [shown(other) for other in others], parameters)


def verdicts(rule: Any, trial: Saved) -> list[bool]:
    return [rule.invoke_at_step(step) for step in trial.steps()]


def test_the_guides_rule_runs(tmp_path: Path) -> None:
    trial = series(10, train__rmse=[8.0, -12.0, 3.0])
    assert verdicts(loaded(tmp_path, GUIDE, "CustomGradientRule", trial), trial) == [False, True, False]
    higher = loaded(tmp_path, GUIDE, "CustomGradientRule", trial, threshold="12.5")
    assert verdicts(higher, trial) == [False, False, False]


def test_required_tensors_and_other_trials(tmp_path: Path) -> None:
    trial, other = series(train__rmse=[1.0, 3.0]), series(train__rmse=[2.0, 2.0])
    assert verdicts(loaded(tmp_path, REQUIRED, "Both", trial, other, anything="x"), trial) == [False, True]
    with pytest.raises(NotSaved, match="Tensor train-rmse was not saved"):
        loaded(tmp_path, REQUIRED, "Both", series(train__mae=[1.0]), other).invoke_at_step(0)


def test_our_own_base_can_be_imported_too(tmp_path: Path) -> None:
    text = """
        from specimen_jobs.debugger.rule import Rule

        class Second(Rule):
            def __init__(self, base_trial, other_trial):
                super().__init__(base_trial, other_trials=[other_trial])

            def invoke_at_step(self, step):
                return self.trials[1].steps()[-1] == step
    """
    trial = series(train__rmse=[1.0, 3.0])
    assert verdicts(loaded(tmp_path, text, "Second", trial, trial), trial) == [False, True]


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("CustomGradientrule", {}, "rule.py has no class CustomGradientrule .* did you mean CustomGradientRule?"),
        ("Mine", {}, "its rules are CustomGradientRule"),
        ("TensorUnavailable", {}, "has no class TensorUnavailable that is a Rule"),
        ("CustomGradientRule", {"limit": "1"}, "CustomGradientRule has no parameter limit; it takes threshold"),
    ],
)
def test_what_the_file_does_not_have_is_said(
    tmp_path: Path, name: str, parameters: dict[str, str], message: str
) -> None:
    with pytest.raises(JobError, match=message):
        loaded(tmp_path, GUIDE, name, Saved(), **parameters)


def test_a_file_that_is_no_python(tmp_path: Path) -> None:
    path = tmp_path / "rule.txt"
    path.touch()
    with pytest.raises(JobError, match=r"rule\.txt is no Python file"):
        load(path, "Mine", shown(Saved()), [], {})


def test_an_error_of_the_rule_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(SyntaxError):
        loaded(tmp_path, "class", "Mine", Saved())


def test_a_trial_answers_as_smdebugs_does() -> None:
    saved = series(5, train__rmse=[3.0, 2.0, 1.0], validation__auc=[0.5, 0.6, 0.7])
    saved.put(5, "labels", [1.0, -3.0])
    trial = shown(saved)
    assert (trial.name, trial.path, trial.loaded_all_steps) == ("debug-output", "s3://bucket/job/debug-output", True)
    assert trial.tensor_names() == ["labels", "train-rmse", "validation-auc"]
    assert trial.tensor_names(step=0) == ["train-rmse", "validation-auc"]
    assert trial.tensor_names(regex=["^train", "labels"]) == ["labels", "train-rmse"]
    assert trial.tensor_names(collection="losses") == ["train-rmse"]
    assert trial.tensor_names(mode=ModeKeys.EVAL) == []
    assert trial.steps() == [0, 5, 10]
    assert trial.steps(mode=ModeKeys.TRAIN) == []
    assert (trial.mode(5), trial.mode_step(5), trial.global_step(ModeKeys.GLOBAL, 5)) == (ModeKeys.GLOBAL, 5, 5)
    assert (trial.workers(), trial.modes(), "labels" in trial.collections()) == (["worker_0"], [], True)
    assert trial.has_tensor("labels")
    assert not trial.has_tensor("nothing")
    with pytest.raises(ValueError, match="Only one of"):
        trial.tensor_names(regex="a", collection="labels")
    with pytest.raises(TensorUnavailable, match="nothing was not saved"):
        trial.tensor("nothing")
    with pytest.raises(StepUnavailable, match="Step 7"):
        trial.wait_for_steps([5, 7])


def test_a_tensor_answers_as_smdebugs_does() -> None:
    saved = series(5, train__rmse=[3.0, 2.0, 1.0])
    saved.put(5, "labels", [1.0, -3.0])
    loss, labels = (shown(saved).tensor(name) for name in ("train-rmse", "labels"))
    assert (loss.steps(), loss.prev_steps(7), loss.prev_steps(10, 2)) == ([0, 5, 10], [0, 5], [5, 10])
    assert {step: float(value[0]) for step, value in loss.values().items()} == {0: 3.0, 5: 2.0, 10: 1.0}
    assert (labels.shape(5), labels.workers(5), labels.workers(6)) == ((2,), ["worker_0"], [])
    found = {name: float(labels.reduction_value(5, name)) for name in ("min", "l1", "l2", "variance", "sum")}
    assert found == {"min": -3.0, "l1": 4.0, "l2": pytest.approx(10**0.5), "variance": 4.0, "sum": -2.0}
    assert np.isclose(labels.reduction_value(5, "std", abs=True), 1.0)
    with pytest.raises(TensorUnavailableForStep, match="labels is not available for step 0"):
        labels.value(0)
    with pytest.raises(ValueError, match="no reduction norm"):
        labels.reduction_value(5, "norm")


def test_a_rule_has_what_smdebugs_has() -> None:
    class Mine(Rule):
        def invoke_at_step(self, step: int) -> bool:
            return False

    rule = Mine(shown(Saved()), "")
    assert (rule.rule_name, rule.report["RuleTriggered"], rule.logger.name) == ("Mine", 0, "smdebug")

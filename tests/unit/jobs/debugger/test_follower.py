"""Steps are evaluated as they become whole, once and in order, until the training has ended."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from specimen_jobs.container import JobError
from specimen_jobs.debugger.evaluation import Verdict, evaluate
from specimen_jobs.debugger.follower import Follower, Idle, Step
from specimen_jobs.debugger.reading import NotSaved
from specimen_jobs.debugger.stalled import StalledTrainingRule

from tests.trials import Saved


@dataclass
class Written(Saved):
    """A training that goes on while it is followed: at each look, what stands next in `plan` happens."""

    plan: list[object] = field(default_factory=list)

    def refresh(self) -> None:
        super().refresh()
        happens = self.plan.pop(0) if self.plan else None
        if isinstance(happens, int):
            self.put(happens, "x", float(happens))
        elif happens == "end":
            self.ended = True


@dataclass
class Time:
    """A clock that sleeping moves."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def follower(trial: Saved, over: Iterator[bool] | None = None, time: Time | None = None) -> Follower:
    clock = time or Time()
    return Follower(trial, lambda: next(over) if over else False, clock.now, clock.sleep)


def numbers(followed: Follower) -> list[int]:
    return [news.number for news in followed.news() if isinstance(news, Step)]


def test_each_step_comes_once_and_in_order() -> None:
    trial = Written(ended=False, plan=[0, 5, None, 10, "end", 15])
    assert numbers(follower(trial)) == [0, 5, 10, 15], "15 was written between the last look and the end"


def test_an_ended_training_needs_no_waiting() -> None:
    trial, time = Written(plan=[0]), Time()
    assert numbers(follower(trial, time=time)) == [0]
    assert time.slept == []


def test_pauses_grow_without_news_and_are_short_again_after_some() -> None:
    trial, time = Written(ended=False, plan=[0, *[None] * 6, 5, None, "end"]), Time()
    assert numbers(follower(trial, time=time)) == [0, 5]
    assert time.slept == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 0.1, 0.2])


def test_a_training_that_was_killed_ends_the_wait() -> None:
    """SageMaker is asked after 10 seconds without news, then every 30."""
    answers, time = iter([False, False, True]), Time()
    assert numbers(follower(Written(ended=False, plan=[0]), answers, time)) == [0]
    assert next(answers, None) is None
    assert 70 <= time.seconds < 75


def test_no_news_for_a_day_is_an_error() -> None:
    with pytest.raises(JobError, match="no new tensors for 24 hours"):
        list(follower(Written(ended=False)).news())


class Rule:
    """Is met at one step, and reads what only some steps have."""

    def __init__(self, met: int | None = None, lacks: frozenset[int] = frozenset()) -> None:
        self.met, self.lacks, self.seen = met, lacks, list[int]()

    def invoke_at_step(self, step: int) -> bool:
        self.seen.append(step)
        if step in self.lacks:
            raise NotSaved("no loss")
        return step == self.met


def test_a_verdict_comes_at_the_first_step_that_meets_the_condition() -> None:
    rule = Rule(met=5)
    verdict = evaluate("Overfit", rule, follower(Written(ended=False, plan=[0, 5, 10, "end"])))
    assert verdict == Verdict(
        5,
        "RuleEvaluationConditionMet: Evaluation of the rule Overfit at step 5 resulted in the condition being met\n",
    )
    assert rule.seen == [0, 5]


def test_no_issue_is_said_with_the_number_of_steps() -> None:
    verdict = evaluate("Overfit", Rule(lacks=frozenset({5})), follower(Written(plan=[0, 5])))
    assert verdict == Verdict(None, "No issues found: Overfit was evaluated at 1 steps")


def test_a_rule_that_found_nothing_to_read_is_in_error() -> None:
    with pytest.raises(JobError, match="Overfit had nothing to evaluate in 2 saved steps: no loss"):
        evaluate("Overfit", Rule(lacks=frozenset({0, 5})), follower(Written(plan=[0, 5])))


def test_a_training_without_tensors_is_an_error() -> None:
    with pytest.raises(JobError, match="The training ended, and had saved no tensors"):
        evaluate("Overfit", Rule(), follower(Written()))


def test_a_training_stalls_after_its_threshold() -> None:
    trial, time = Written(ended=False, plan=[0, None, 5]), Time()
    verdict = evaluate("StalledTrainingRule", StalledTrainingRule(trial, threshold=60), follower(trial, time=time))
    assert verdict == Verdict.met("StalledTrainingRule", 5)
    assert 60 <= time.seconds <= 63


def test_a_training_that_goes_on_does_not_stall() -> None:
    trial = Written(ended=False, plan=[0, *[None] * 30, 5, *[None] * 30, 10, "end"])
    verdict = evaluate("StalledTrainingRule", StalledTrainingRule(trial, threshold=62), follower(trial))
    assert verdict == Verdict(None, "No issues found: StalledTrainingRule was evaluated at 3 steps")


def test_news_are_told_apart() -> None:
    trial = Written(ended=False, plan=[0, "end"])
    assert list(follower(trial).news()) == [Step(0), Idle(0.0)]

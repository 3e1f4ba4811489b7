"""One rule over one training job, from its first step to its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from specimen_jobs.container import JobError, log
from specimen_jobs.debugger.follower import Follower, Idle
from specimen_jobs.debugger.reading import NotSaved
from specimen_jobs.debugger.stalled import StalledTrainingRule


class Rule(Protocol):
    """What is evaluated once at each step, in order."""

    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the rule's condition is met; raise NotSaved where the step lacks what it reads."""


@runtime_checkable
class Report(Protocol):
    """A rule whose result is files."""

    def write(self, folder: Path) -> str:
        """Write them, and return a sentence on what was written."""


@dataclass(frozen=True)
class Verdict:
    """What became of a rule; `step` is where its condition was met, None where it never was."""

    step: int | None
    text: str

    @classmethod
    def met(cls, rule: str, step: int) -> Verdict:
        """The condition is met, in the words of AWS's container."""
        met = f"Evaluation of the rule {rule} at step {step} resulted in the condition being met"
        return cls(step, f"RuleEvaluationConditionMet: {met}\n")


def evaluate(name: str, rule: Rule, follower: Follower, what: str = "tensors") -> Verdict:
    """Return the verdict of a rule over the steps as they come; `what` is saved at a step.

    Raises:
        JobError: nothing was saved, or nothing that the rule reads.
    """
    steps, missing, count = 0, "", 0
    for news in follower.news():
        if isinstance(news, Idle):
            if isinstance(rule, StalledTrainingRule) and rule.idle(news.seconds):
                log(f"There were no new tensors for {news.seconds:.0f} s")
                return Verdict.met(name, rule.last)
            continue
        steps += 1
        try:
            if rule.invoke_at_step(news.number):
                log(f"Step {news.number}: {getattr(rule, 'reason', '') or 'the condition is met'}")
                return Verdict.met(name, news.number)
            count += 1
        except NotSaved as error:
            missing = str(error)
    if not steps:
        raise JobError(f"The training ended, and had saved no {what}")
    return Verdict(None, _passed(name, steps, count, missing))


def _passed(name: str, steps: int, count: int, missing: str) -> str:
    if not count:
        raise JobError(f"{name} had nothing to evaluate in {steps} saved steps: {missing}")
    return f"No issues found: {name} was evaluated at {count} steps"

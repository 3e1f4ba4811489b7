"""The base of a user's own rule, with smdebug's programming interface.

A rule's file imports it as ``from smdebug.rules.rule import Rule``, as for AWS's container, or from here. Source:
smdebug 1.0.34, rules/rule.py and rules/req_tensors.py.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from specimen_jobs.debugger.custom.exceptions import RuleEvaluationConditionMet, TensorUnavailable
from specimen_jobs.debugger.custom.trial import Tensor, Trial

LOGGER = logging.getLogger("smdebug")


class RequiredTensors:
    """The tensors that a rule says it reads at a step, trial by trial."""

    def __init__(self, base_trial: Trial, other_trials: Sequence[Trial] | None = None) -> None:
        self.base_trial = base_trial
        self._steps: dict[Trial, dict[str, list[int]]] = {trial: {} for trial in (base_trial, *(other_trials or ()))}

    def add(
        self, name: str, steps: Iterable[int], trial: Trial | None = None, should_match_regex: bool = False
    ) -> None:
        """Say that a tensor, or all that match a pattern, is read at some steps."""
        trial = trial or self.base_trial
        names = trial.tensor_names(regex=[name]) if should_match_regex else [name]
        for each in names:
            if not trial.has_tensor(each):
                raise TensorUnavailable(each)
            self._steps[trial].setdefault(each, []).extend(steps)

    def get(self, trial: Trial | None = None) -> list[Tensor]:
        """Return the tensors."""
        trial = trial or self.base_trial
        return [trial.tensor(name) for name in self._steps[trial]]

    def get_names(self, trial: Trial | None = None) -> list[str]:
        """Return their names."""
        return list(self._steps[trial or self.base_trial])

    def get_tensor_steps(self, name: str, trial: Trial | None = None) -> list[int]:
        """Return the steps at which one is read."""
        return self._steps[trial or self.base_trial][name]

    def clear(self) -> None:
        """Forget them."""
        for steps in self._steps.values():
            steps.clear()

    def fetch(self) -> None:
        """Read them, so that what is not there is found before the rule begins."""
        for trial, tensors in self._steps.items():
            for name, steps in tensors.items():
                for step in steps:
                    trial.tensor(name).value(step)


class Rule(ABC):
    """A rule over a training job, and perhaps over others."""

    def __init__(
        self, base_trial: Trial, action_str: str | None = None, other_trials: Sequence[Trial] | None = None
    ) -> None:
        self.base_trial = base_trial
        self.other_trials = other_trials
        self.trials = [base_trial, *(other_trials or ())]
        self.req_tensors = RequiredTensors(base_trial, other_trials)
        self.logger = LOGGER
        self.rule_name = type(self).__name__
        self.report: dict[str, Any] = {
            "RuleTriggered": 0,
            "Violations": 0,
            "Details": {},
            "Datapoints": 0,
            "RuleParameters": "",
        }

    def set_required_tensors(self, step: int) -> None:
        """Add to `req_tensors` what the rule reads at a step."""
        return

    @abstractmethod
    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the rule's condition is met."""

    def invoke(self, step: int) -> None:
        """Evaluate the rule at a step; raise RuleEvaluationConditionMet when its condition is met."""
        self.base_trial.wait_for_steps([step])
        self.req_tensors.clear()
        self.set_required_tensors(step)
        self.req_tensors.fetch()
        if self.invoke_at_step(step):
            raise RuleEvaluationConditionMet(self.rule_name, step)

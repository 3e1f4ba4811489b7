"""smdebug's exceptions, as far as a rule meets them. Source: smdebug 1.0.34, exceptions.py."""

from __future__ import annotations

from specimen_jobs.debugger.reading import NotSaved


class TensorUnavailable(NotSaved):
    """A tensor was never saved."""

    def __init__(self, tname: str) -> None:
        super().__init__(f"Tensor {tname} was not saved.")
        self.tname = tname


class TensorUnavailableForStep(NotSaved):
    """A tensor was not saved at a step."""

    def __init__(self, tname: str, step: int, mode: object = None, has_reductions: bool = False) -> None:
        super().__init__(f"Value for tensor {tname} is not available for step {step} as it was not saved.")
        self.tname, self.step, self.mode, self.has_reductions = tname, step, mode, has_reductions


class StepUnavailable(NotSaved):
    """A step was not saved."""

    def __init__(self, step: int, mode: object = None) -> None:
        super().__init__(f"Step {step} is not available as it was not saved")
        self.step, self.mode = step, mode


class RuleEvaluationConditionMet(Exception):
    """What a rule raises when its condition is met."""

    def __init__(self, rule_name: str, step: int, end_of_rule: bool = False) -> None:
        super().__init__(f"Evaluation of the rule {rule_name} at step {step} resulted in the condition being met")
        self.rule_name, self.step, self.end_of_rule = rule_name, step, end_of_rule

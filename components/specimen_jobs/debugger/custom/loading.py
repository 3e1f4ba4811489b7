"""A user's rule: its file read, its class found and made."""

from __future__ import annotations

import difflib
import importlib.util
import inspect
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from specimen_jobs.container import JobError
from specimen_jobs.debugger.custom import shim
from specimen_jobs.debugger.custom.exceptions import RuleEvaluationConditionMet
from specimen_jobs.debugger.custom.trial import Trial
from specimen_jobs.debugger.rule import Rule

MODULE: Final = "specimen_custom_rule"


class Custom:
    """A user's rule as the container evaluates any; smdebug's way of calling one is kept."""

    def __init__(self, rule: Any) -> None:
        self._rule = rule

    def invoke_at_step(self, step: int) -> bool:
        """Tell whether the condition is met; raise NotSaved where the step lacks what it reads."""
        try:
            self._rule.invoke(step)
        except RuleEvaluationConditionMet:
            return True
        return False


def load(path: Path, name: str, trial: Trial, others: Sequence[Trial], parameters: Mapping[str, str]) -> Custom:
    """Return the rule of a class in a file, made with parameters as text, as AWS's container makes it.

    Raises:
        JobError: there is no such class, or it does not take these parameters.
        Exception: whatever the file itself raises.
    """
    made = _class(_module(path), name, path.name)
    taken = inspect.signature(made.__init__).parameters
    if others and "other_trials" in taken:
        extra: dict[str, Any] = {"other_trials": list(others)}
    elif others and "other_trial" in taken:
        extra = {"other_trial": others[0]}
    else:
        extra = {}
    if not any(taken[key].kind is inspect.Parameter.VAR_KEYWORD for key in taken):
        for key in parameters:
            if key not in taken:
                known = [key for key in taken if key not in ("self", "base_trial", "other_trial", "other_trials")]
                raise JobError(f"{name} has no parameter {key}; it takes {', '.join(known) or 'none'}")
    return Custom(made(trial, **extra, **parameters))


def _module(path: Path) -> Any:
    shim.register()
    spec = importlib.util.spec_from_file_location(MODULE, path)
    if spec is None or spec.loader is None:
        raise JobError(f"{path.name} is no Python file: a custom rule's source has to end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    spec.loader.exec_module(module)
    return module


def _class(module: Any, name: str, file: str) -> Any:
    found = getattr(module, name, None)
    rules = [
        key
        for key, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Rule) and value is not Rule
    ]
    if isinstance(found, type) and issubclass(found, Rule):
        return found
    close = difflib.get_close_matches(name, rules, n=1)
    hint = f"did you mean {close[0]}?" if close else f"its rules are {', '.join(rules) or 'none'}"
    raise JobError(f"{file} has no class {name} that is a Rule; {hint}")

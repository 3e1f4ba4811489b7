"""Makes the imports of a rule that was written for AWS's container work without smdebug."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Final

from specimen_jobs.debugger import rule
from specimen_jobs.debugger.custom import exceptions, trial

EXCEPTIONS: Final[dict[str, Any]] = {
    name: getattr(exceptions, name)
    for name in ("RuleEvaluationConditionMet", "StepUnavailable", "TensorUnavailable", "TensorUnavailableForStep")
}
MODULES: Final[dict[str, dict[str, Any]]] = {
    "smdebug": {"modes": trial.ModeKeys},
    "smdebug.core": {},
    "smdebug.core.logger": {"get_logger": lambda name="smdebug": rule.LOGGER},
    "smdebug.core.modes": {"ModeKeys": trial.ModeKeys},
    "smdebug.exceptions": EXCEPTIONS,
    "smdebug.rules": {"Rule": rule.Rule},
    "smdebug.rules.req_tensors": {"RequiredTensors": rule.RequiredTensors},
    "smdebug.rules.rule": {"Rule": rule.Rule, "RequiredTensors": rule.RequiredTensors},
}


def register() -> None:
    """Put the modules where an import finds them; nothing is installed."""
    for name, content in MODULES.items():
        module = ModuleType(name, "A part of smdebug's interface, provided by Specimen's rule container.")
        module.__dict__.update(content)
        if any(other.startswith(f"{name}.") for other in MODULES):
            module.__path__ = []
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)

"""The section `debugger` of checked data to the model: every parameter becomes the text that AWS takes."""

from collections.abc import Mapping
from typing import Any

from specimen.spec.model import Actions, CustomRule, Debugger, Profiler, Rule
from specimen.spec.rulebook import CUSTOM
from specimen.spec.units import gibibytes

Data = Mapping[str, Any]
INTERVALS = {"100ms": 100, "200ms": 200, "500ms": 500, "1s": 1_000, "5s": 5_000, "1m": 60_000}
OURS = frozenset({"name", "onIssues", "actions", "other_trials"})  # of a rule's keys, those that are no parameters


def debugger(data: Data) -> Debugger:
    """What is collected, judged and measured."""
    otherwise = data["onIssues"]
    return Debugger(
        collections={name: _collection(value) for name, value in data.get("collect", {}).items()},
        hook=_texts(data.get("hook", {})),
        rules=tuple(_rule(item, otherwise) for item in data.get("rules", ())),
        profiler=_profiler(data.get("profiler", False), otherwise),
    )


def parameter(value: Any) -> str:
    """A parameter as AWS takes it."""
    match value:
        case float() if value.is_integer():
            return str(int(value))
        case list():
            return ",".join(parameter(one) for one in value)
        case _:  # a boolean becomes True or False, as in AWS's own examples
            return str(value)


def named(item: Any) -> tuple[str, Data]:
    """A rule's name in the language, and its settings, from either of the two ways in which it is written."""
    if isinstance(item, dict):
        for name, settings in item.items():
            return name, settings
    return item, {}


def _texts(data: Data) -> dict[str, str]:
    return {name: parameter(value) for name, value in data.items()}


def _collection(data: Any) -> dict[str, str]:
    return _texts(data if isinstance(data, dict) else {"save_interval": data})


def _rule(item: Any, otherwise: str) -> Rule:
    name, settings = named(item)
    custom = name == CUSTOM
    parameters = settings.get("parameters", {}) if custom else {k: v for k, v in settings.items() if k not in OURS}
    return Rule(
        rule=name,
        name=settings.get("name"),
        parameters=_texts(parameters),
        other_trials=tuple(settings.get("other_trials", ())),
        actions=_actions(settings["actions"]) if "actions" in settings else None,
        on_issues=settings.get("onIssues", otherwise),
        custom=_custom(settings) if custom else None,
    )


def _custom(data: Data) -> CustomRule:
    volume = gibibytes(data["volume"]) if "volume" in data else None
    return CustomRule(data["source"], data["class"], data["instance"], volume)


def _actions(data: Data) -> Actions:
    return Actions(bool(data.get("stop_training")), data.get("email"), data.get("sms"))


def _profiler(data: Any, otherwise: str) -> Profiler | None:
    match data:
        case False:
            return None
        case dict():
            interval = INTERVALS[data["interval"]] if "interval" in data else None
            return Profiler(interval, data.get("onIssues", otherwise))
        case _:
            return Profiler(None, otherwise)

"""`debughookconfig.json`: which collections are saved, at which steps, and where.

Source: smdebug 1.0.34, core/json_config.py, core/hook.py and xgboost/hook.py, whose defaults are kept: every 10 steps
for a collection without configuration, every 500 for a configuration that does not say, and `metrics` always.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from specimen_tensors.collections import Collection
from specimen_tensors.modes import Mode
from specimen_tensors.saving import Schedule

from specimen_jobs.container import Container, JobError
from specimen_jobs.xgboost.debugging.parameters import (
    OF_COLLECTION,
    OF_HOOK,
    Given,
    check_names,
    flag,
    given,
    patterns,
)

PATTERNS: Final[Mapping[str, tuple[str, ...]]] = {
    "all": (),
    "average_shap": ("^average_shap/.*[^/bias]$",),
    "default": (),
    "feature_importance": ("^feature_importance/.*",),
    "full_shap": ("^full_shap/.*[^/bias]$",),
    "hyperparameters": ("^hyperparameters/.*$",),
    "labels": ("^labels$",),
    "losses": ("^[a-zA-z]+-.+(?<!(auc|map))$",),
    "metrics": ("^[a-zA-z]+-[a-zA-z0-9]+$",),
    "predictions": ("^predictions$",),
    "trees": ("^trees/.*",),
}
SCALARS: Final = frozenset({"average_shap", "feature_importance", "losses", "metrics"})  # never drawn as histograms
UNASKED: Final = 10  # steps


@dataclass(frozen=True)
class Configuration:
    """Where tensors are saved, all collections by name, and the names of those that are saved."""

    folder: Path
    collections: Mapping[str, Collection]
    saved: frozenset[str]


def configuration(value: Mapping[str, Any], container: Container) -> Configuration:
    """Return what a hook's JSON says.

    Raises:
        JobError: a parameter is unknown or has a value that it cannot have, or a collection names no tensors.
    """
    hook = _object(value.get("HookParameters"), "HookParameters")
    check_names("HookParameters", hook, OF_HOOK)
    base = given("HookParameters", hook)
    unasked = {mode: Schedule(**{"save_interval": UNASKED, **base[mode]}) for mode in Mode}
    collections = _built_in(hook, unasked)
    saved = {"metrics"} | {name for name in ("default", "all") if collections[name].include_regex}
    for name, parameters in _entries(value.get("CollectionConfigurations")):
        collections[name] = _configured(collections.get(name, Collection(name)), parameters, base)
        saved.add(name)
    folder = container.local(value.get("LocalPath") or container.base / "output" / "tensors")
    return Configuration(folder, collections, frozenset(collections if "all" in saved else saved))


def _built_in(hook: Mapping[str, Any], schedule: Mapping[Mode, Schedule]) -> dict[str, Collection]:
    found = {
        name: Collection(name, pattern, (), schedule, save_histogram=name not in SCALARS)
        for name, pattern in PATTERNS.items()
    }
    if "include_regex" in hook:
        found["default"] = replace(found["default"], include_regex=patterns("HookParameters", hook["include_regex"]))
    if flag("HookParameters", "save_all", hook.get("save_all", "false")):
        found["all"] = replace(found["all"], include_regex=(".*",))
    return found


def _configured(collection: Collection, parameters: Mapping[str, Any], base: Given) -> Collection:
    where = f"collection {collection.name}"
    check_names(where, parameters, OF_COLLECTION)
    own = given(where, parameters)
    included = patterns(where, parameters["include_regex"]) if "include_regex" in parameters else ()
    if collection.name not in PATTERNS and not (collection.include_regex or included):
        raise JobError(f"Debugger, {where}: it names no tensors; give it include_regex, or take {', '.join(PATTERNS)}")
    histogram = flag(where, "save_histogram", parameters.get("save_histogram", "true"))
    return replace(
        collection,
        include_regex=(*collection.include_regex, *included),
        save_config={mode: Schedule(**{**base[mode], **own[mode]}) for mode in Mode},
        save_histogram=collection.name not in SCALARS and histogram,
    )


def _entries(value: object) -> Sequence[tuple[str, Mapping[str, Any]]]:
    if not isinstance(value, list | None):
        raise JobError("Debugger: CollectionConfigurations must be a list")
    entries = [_object(entry, "CollectionConfigurations") for entry in value or ()]
    for entry in entries:
        if not isinstance(entry.get("CollectionName"), str):
            raise JobError("Debugger: each of CollectionConfigurations needs its CollectionName")
    return [
        (entry["CollectionName"], _object(entry.get("CollectionParameters"), f"collection {entry['CollectionName']}"))
        for entry in entries
    ]


def _object(value: object, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise JobError(f"Debugger, {where}: an object is needed, not {value!r}")
    return value

"""The small change of reading `analysis_config.json`: what is needed, what is known, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from specimen_jobs.container import JobError

NAME: Final = "analysis_config.json"


def wrong(key: str, reason: str) -> JobError:
    """Return the error for a key."""
    return JobError(f"{NAME}: {key}: {reason}")


def check_keys(config: Mapping[str, Any], known: frozenset[str], unavailable: frozenset[str], where: str) -> None:
    """Raise JobError for a key that this container does not do, or does not know."""
    for key in config:
        if key in unavailable:
            raise wrong(where + key, "not available in this container")
        if key not in known:
            raise wrong(where + key, f"unknown key; the keys are {', '.join(sorted(known))}")


def needed(config: Mapping[str, Any], key: str, where: str = "") -> Any:
    """Return what a key holds; raise JobError where there is nothing."""
    if config.get(key) in (None, "", []):
        raise wrong(where + key, "is needed")
    return config[key]


def mapping(config: Mapping[str, Any], key: str, where: str = "") -> Mapping[str, Any]:
    """Return the object that a key holds; raise JobError where there is none."""
    value = needed(config, key, where)
    if not isinstance(value, dict):
        raise wrong(where + key, f"must be an object, not {value!r}")
    return value

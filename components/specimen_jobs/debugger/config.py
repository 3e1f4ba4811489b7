"""`rule_config.json`, which says what a rule container is to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from specimen_jobs.container import JobError

NAME: Final = "rule_config.json"
_OTHER: Final = re.compile(r"other_trials?(_\d+)?")
_FOR_THE_PLATFORM: Final = frozenset({"rule_to_invoke", "source_s3_uri", "base_trial"})  # it has acted on them already


@dataclass(frozen=True)
class Location:
    """A folder or an object on S3."""

    bucket: str
    key: str

    @classmethod
    def of(cls, key: str, uri: Any) -> Location:
        """Return the location that a member of the configuration names; raise JobError if it names none."""
        parts = urlsplit(uri if isinstance(uri, str) else "")
        if parts.scheme != "s3" or not parts.netloc:
            raise JobError(f"{NAME}: {key} must be an S3 URI, not {uri!r}")
        return cls(parts.netloc, parts.path.strip("/"))

    @property
    def uri(self) -> str:
        """It as one text."""
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True)
class Asked:
    """One rule over one training job.

    `source` is the file of a custom rule, whose class is `rule`; `output` is the folder that is stored in the end
    where that is not the usual one.
    """

    rule: str
    name: str
    parameters: Mapping[str, str]
    actions: str
    tensors: Location | None
    profiler: Location | None
    others: tuple[Location, ...]
    training_job: str
    source: Location | None
    output: Path | None = None


def read(config: Mapping[str, Any]) -> Asked:
    """Return what a configuration asks for; raise JobError where it cannot be told."""
    given = config.get("parameters") or {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise JobError(f"{NAME}: parameters must be an object of texts")
    others = [*(config.get("other_trials") or []), *(given[key] for key in sorted(given) if _OTHER.fullmatch(key))]
    apart = {"action_json", *_FOR_THE_PLATFORM, *(key for key in given if _OTHER.fullmatch(key))}
    rule = _text(config, "rule")
    return Asked(
        rule=rule,
        name=str(config.get("name") or rule),
        parameters={key: value for key, value in given.items() if key not in apart},
        actions=given.get("action_json", ""),
        tensors=_location(config, "tensors"),
        profiler=_location(config, "profiler"),
        others=tuple(dict.fromkeys(Location.of("other_trials", uri) for uri in others)),
        training_job=_text(config, "training_job"),
        source=_location(config, "source"),
        output=Path(_text(config, "output")) if "output" in config else None,
    )


def _text(config: Mapping[str, Any], key: str) -> str:
    value = config.get(key)
    if not isinstance(value, str) or not value:
        raise JobError(f"{NAME}: {key} is needed")
    return value


def _location(config: Mapping[str, Any], key: str) -> Location | None:
    return Location.of(key, config[key]) if config.get(key) else None

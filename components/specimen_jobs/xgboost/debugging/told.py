"""What a training job is told about Debugger: in a file from SageMaker, or in its environment where that has none.

SageMaker brings `debughookconfig.json` and `profilerconfig.json` into a container. Where Debugger is closed to an
account nothing brings them; then the same JSON comes in the job's environment, in pieces since a value has 512
characters at most.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, Final

from specimen_jobs.container import Container, JobError, read_json

HOOK: Final = "debughookconfig"
PROFILER: Final = "profilerconfig"
VARIABLES: Final[Mapping[str, str]] = {HOOK: "SPECIMEN_DEBUG_HOOK", PROFILER: "SPECIMEN_PROFILER"}


def told(container: Container, name: str, environment: Mapping[str, str] = os.environ) -> Mapping[str, Any] | None:
    """Return a configuration by name, or None when the job has none; raise JobError when it is no JSON object."""
    if container.config(name).exists():
        return read_json(container.config(name))
    text = "".join(_pieces(VARIABLES[name], environment))
    if not text:
        return None
    try:
        value = json.loads(text)
    except ValueError as error:
        raise JobError(f"Environment variable {VARIABLES[name]} cannot be read: {error}") from None
    if not isinstance(value, dict):
        raise JobError(f"Environment variable {VARIABLES[name]} must hold a JSON object, not {type(value).__name__}")
    return value


def _pieces(variable: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the variable's text, then that of `…_1`, `…_2` and so on, as far as there are any."""
    yield environment.get(variable, "")
    for number in count(1):
        if (piece := environment.get(f"{variable}_{number}")) is None:
            return
        yield piece

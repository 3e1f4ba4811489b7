"""A job container's folders, configuration and failure message, as SageMaker lays them out.

Source: "How Amazon SageMaker AI Provides Training Information", "How SageMaker Processing configures your container".
SAGEMAKER_BASE_DIR moves the whole tree, as in SageMaker's own toolkits; without it the tree is /opt/ml.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
ROOT = Path("/opt/ml")
FAILURE_LIMIT = 1024  # SageMaker shows this many characters of a failure message


class JobError(Exception):
    """Something in the job's input that its owner can correct; the message becomes the job's failure reason."""


@dataclass(frozen=True)
class Container:
    """The folders of one job container."""

    base: Path

    @classmethod
    def from_environment(cls) -> Container:
        return cls(Path(os.environ.get("SAGEMAKER_BASE_DIR") or ROOT))

    @property
    def model(self) -> Path:
        return self.base / "model"

    @property
    def failure(self) -> Path:
        """Where a training container leaves why it failed."""
        return self.base / "output" / "failure"

    @property
    def message(self) -> Path:
        """Where a processing container leaves its exit message."""
        return self.base / "output" / "message"

    def channel(self, name: str) -> Path:
        return self.base / "input" / "data" / name

    def config(self, name: str) -> Path:
        return self.base / "input" / "config" / f"{name}.json"

    def processing(self, *parts: str) -> Path:
        return self.base.joinpath("processing", *parts)

    def local(self, path: str | Path) -> Path:
        """Return where a path lies that a configuration names: what is under /opt/ml is moved with the tree."""
        named = Path(path)
        moved = named.is_relative_to(ROOT) and not named.is_relative_to(self.base)
        return self.base / named.relative_to(ROOT) if moved else named


def read_json(path: Path, default: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a JSON object from a file, or the default when there is no such file; raise JobError if it is neither."""
    if default is not None and not path.exists():
        return default
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise JobError(f"{path.name} is missing from {path.parent}") from None
    except (ValueError, OSError) as error:
        raise JobError(f"{path.name} cannot be read: {error}") from None
    if not isinstance(value, dict):
        raise JobError(f"{path.name} must hold a JSON object, not {type(value).__name__}")
    return value


def log(message: str, level: str = "INFO") -> None:
    """Write one line to the job's log, at once and in the container's own form."""
    stamp = time.strftime("%Y-%m-%d:%H:%M:%S", time.gmtime())
    emit(f"[{stamp}:{level}] {message}")


def emit(line: str) -> None:
    """Write one bare line to the job's log, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(job: Callable[[], None], failure: Path) -> int:
    """Run a job and return its exit code; what its owner can correct is written to `failure`, without a traceback."""
    try:
        job()
    except JobError as error:
        return _failed(str(error), failure)
    except OSError as error:
        if error.errno not in FULL:
            raise
        return _failed(f"The instance's disk: {error.strerror}", failure)
    return 0


def _failed(reason: str, failure: Path) -> int:
    log(reason, "ERROR")
    with suppress(OSError):  # on a full disk the log alone can say it
        failure.parent.mkdir(parents=True, exist_ok=True)
        failure.write_text(reason[:FAILURE_LIMIT], encoding="utf-8")
    return 1

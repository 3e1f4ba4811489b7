"""Checkpoints: the model after each round, so that a training whose machine is taken away goes on where it was.

Source: aws/sagemaker-xgboost-container, checkpointing.py. SageMaker copies the folder to S3 and back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import xgboost

from specimen_jobs.container import Container, log, read_json
from specimen_jobs.xgboost.rounds import EvalsLog, write

NAME: Final = "xgboost-checkpoint"
KEPT: Final = 5  # of those that one run saves
IGNORED: Final = ".sagemaker-ignore"  # how a file's name ends that SageMaker does not copy
_FILE: Final = re.compile(rf"{NAME}\.([0-9]{{1,9}})")


@dataclass(frozen=True)
class Checkpoints:
    """The folder of checkpoints, which are numbered by their last round, counted from 0; None if none are asked for."""

    folder: Path | None

    @classmethod
    def of(cls, container: Container) -> Checkpoints:
        """Return where the job's checkpoints are."""
        path = read_json(container.config("checkpointconfig"), default={}).get("LocalPath")
        return cls(container.local(path) if path else None)

    def there(self) -> list[int]:
        """Return the numbers of the checkpoints that there are and that can be read, ascending."""
        if self.folder is None or not self.folder.is_dir():
            return []
        found = (_FILE.fullmatch(path.name) for path in self.folder.iterdir())
        return sorted(number for match in found if match and self._readable(number := int(match[1])))

    def load(self, number: int) -> xgboost.Booster:
        """Return the model of a checkpoint."""
        return xgboost.Booster(model_file=bytearray(self._path(number).read_bytes()))

    def saving(self, first: int) -> list[xgboost.callback.TrainingCallback]:
        """Return what saves a checkpoint after each round, of which `first` is the next."""
        if self.folder is None:
            return []
        self.folder.mkdir(parents=True, exist_ok=True)
        return [SaveCheckpoints(self._path, first)]

    def _readable(self, number: int) -> bool:
        try:
            self.load(number)
        except (xgboost.core.XGBoostError, ValueError, OSError):
            log(f"Checkpoint {self._path(number)} cannot be read, and is passed over", "WARNING")
            return False
        return True

    def _path(self, number: int) -> Path:
        return Path(self.folder or "", f"{NAME}.{number}")


class SaveCheckpoints(xgboost.callback.TrainingCallback):
    """Saves a checkpoint after each round, and deletes its own that are older than the last few."""

    def __init__(self, path: Callable[[int], Path], first: int) -> None:
        super().__init__()
        self._path = path
        self._first = first

    def after_iteration(self, model: xgboost.Booster, epoch: int, evals_log: EvalsLog) -> bool:
        number = self._first + epoch
        path = self._path(number)
        write(model, path, path.with_name(f".{path.name}{IGNORED}.ubj"))
        if number - KEPT >= self._first:
            self._path(number - KEPT).unlink(missing_ok=True)
        return False


def common(numbers: Iterable[Iterable[int]]) -> int | None:
    """Return the last checkpoint that all hosts have; None if there is none."""
    shared = set.intersection(*map(set, numbers))
    return max(shared, default=None)

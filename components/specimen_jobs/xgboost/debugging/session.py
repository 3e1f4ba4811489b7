"""Debugger in one training: what it was asked for, from the start of the container to its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import xgboost

from specimen_jobs.container import Container
from specimen_jobs.xgboost.debugging.configuration import Configuration, configuration
from specimen_jobs.xgboost.debugging.hook import SaveTensors
from specimen_jobs.xgboost.debugging.phases import Phases, phases_of
from specimen_jobs.xgboost.debugging.tensors import Training
from specimen_jobs.xgboost.debugging.told import HOOK, PROFILER, told

EvalsLog = xgboost.callback.TrainingCallback.EvalsLog
TRAIN_STEP: Final = "Step:ModeKeys.TRAIN"  # as smdebug calls it for the frameworks whose steps it times


class TimeSteps(xgboost.callback.TrainingCallback):
    """Records each round as a phase."""

    def __init__(self, phases: Phases) -> None:
        super().__init__()
        self._phases = phases
        self._start = 0

    def before_iteration(self, model: xgboost.Booster, epoch: int, evals_log: EvalsLog) -> bool:
        self._start = self._phases.now()
        return False

    def after_iteration(self, model: xgboost.Booster, epoch: int, evals_log: EvalsLog) -> bool:
        self._phases.record(TRAIN_STEP, self._start, step_num=epoch)
        return False


class Debugger:
    """What a training saves for Debugger; nothing, when it was not asked."""

    def __init__(self, hook: Configuration | None, phases: Phases) -> None:
        self.phases = phases
        self._hook = hook
        self._saving: SaveTensors | None = None

    @classmethod
    def of(cls, container: Container) -> Debugger:
        """Return what the container's files or environment ask for; raise JobError for what cannot be had."""
        hook = told(container, HOOK)
        return cls(
            None if hook is None else configuration(hook, container), phases_of(told(container, PROFILER), container)
        )

    @property
    def active(self) -> bool:
        return self._hook is not None or self.phases.active

    def timing(self) -> list[xgboost.callback.TrainingCallback]:
        """Return what stands before a training's own callbacks."""
        return [TimeSteps(self.phases)] if self.phases.active else []

    def saving(self, data: Mapping[str, xgboost.DMatrix], values: Mapping[str, Any]) -> list[SaveTensors]:
        """Return what stands after a training's own callbacks."""
        if self._hook is None:
            return []
        self._saving = SaveTensors(self._hook, Training(data["train"], data.get("validation"), values), self.phases)
        return [self._saving]

    def close(self) -> None:
        """Write what is left, and mark the end of training."""
        if self._saving is not None:
            self._saving.close()
            self._saving = None
        self.phases.write()

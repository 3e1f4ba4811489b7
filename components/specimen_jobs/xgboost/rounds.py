"""What is done after each round of a training: a line in the log, and the model kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import xgboost

from specimen_jobs.container import JobError, emit

MODEL_NAME: Final = "xgboost-model"
EvalsLog = xgboost.callback.TrainingCallback.EvalsLog


class RoundLog(xgboost.callback.TrainingCallback):
    """Write one line a round, with tabs as CloudWatch shows the container's; `names` are SageMaker's for XGBoost's."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = names

    def after_iteration(self, model: xgboost.Booster, epoch: int, evals_log: EvalsLog) -> bool:
        line = f"[{epoch}]"
        for data, metrics in evals_log.items():
            for metric, values in metrics.items():
                line += f"#011{data}-{self._names.get(metric, metric)}:{values[-1]:.5f}"
        emit(line)
        return False


class SaveEachRound(xgboost.callback.TrainingCallback):
    """Keep the model of the last whole round, for a job that may be stopped."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def after_iteration(self, model: xgboost.Booster, epoch: int, evals_log: EvalsLog) -> bool:
        save(model, self._folder)
        return False


class Shifted(xgboost.callback.TrainingCallback):
    """Another callback, told the rounds as the whole training counts them, whose `first` ones an earlier run did."""

    def __init__(self, inner: xgboost.callback.TrainingCallback, first: int) -> None:
        super().__init__()
        self._inner = inner
        self._first = first

    def before_iteration(self, model: xgboost.Booster, epoch: int, evals_log: EvalsLog) -> bool:
        return self._inner.before_iteration(model, self._first + epoch, evals_log)

    def after_iteration(self, model: xgboost.Booster, epoch: int, evals_log: EvalsLog) -> bool:
        return self._inner.after_iteration(model, self._first + epoch, evals_log)


def save(booster: xgboost.Booster, folder: Path) -> None:
    """Leave the model in its folder; raise JobError when it cannot be saved."""
    folder.mkdir(parents=True, exist_ok=True)
    write(booster, folder / MODEL_NAME, folder.parent / f".{MODEL_NAME}.ubj")


def write(booster: xgboost.Booster, path: Path, aside: Path) -> None:
    """Write a model aside and rename it into place, so that a stopped job leaves a whole one."""
    try:
        booster.save_model(aside)
    except xgboost.core.XGBoostError as error:  # a full disk, most of all
        raise JobError(f"The model cannot be saved: {gist(error)}") from None
    aside.replace(path)


def gist(error: Exception) -> str:
    """Return XGBoost's own sentence without its C++ place and stack."""
    text = str(error).split("Stack trace:")[0].strip()
    return " ".join(re.sub(r"^\[[\d:]+\] \S+:\d+: ", "", text).split())

"""Saves tensors while XGBoost trains, as smdebug's hook does, a step's files as soon as the step is whole.

Source: smdebug 1.0.34, xgboost/hook.py and core/hook.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import xgboost
from specimen_tensors.collections import Collection
from specimen_tensors.modes import Mode
from specimen_tensors.writer import Writer

from specimen_jobs.xgboost.debugging.aside import Aside
from specimen_jobs.xgboost.debugging.configuration import Configuration
from specimen_jobs.xgboost.debugging.phases import Phases
from specimen_jobs.xgboost.debugging.tensors import Round, Source, Tensors, Training

EvalsLog = xgboost.callback.TrainingCallback.EvalsLog


class SaveTensors(xgboost.callback.TrainingCallback):
    """Saves the collections of a configuration at their steps.

    A tensor is saved at a step when a built-in collection gives it, and some collection that it belongs to is saved at
    this step. The collections' file is written with the first step, and names the tensors that there were by then.
    """

    def __init__(self, configuration: Configuration, training: Training, phases: Phases) -> None:
        super().__init__()
        self._all = configuration.collections
        self._saved = {name: self._all[name] for name in sorted(configuration.saved)}
        self._source = Source(training)
        self._phases = phases
        self._writer = Writer(configuration.folder)
        self._groups: dict[str, frozenset[str]] = {}  # of each tensor, the saved collections that it belongs to
        self._open = self._exported = False
        self._aside = Aside()

    def after_iteration(self, model: xgboost.Booster, epoch: int, evals_log: EvalsLog) -> bool:
        asked = frozenset(
            name for name, collection in self._saved.items() if collection.save_config[Mode.GLOBAL].saves(epoch)
        )
        if asked:
            with self._phases.phase("SaveTensors", step_num=epoch):
                tensors = self._source.tensors(Round(model, epoch, evals_log, asked))
                self._aside.do(lambda: self._save(epoch, asked, tensors()))
        return False

    def _save(self, step: int, asked: frozenset[str], tensors: Tensors) -> None:
        if not self._open:
            self._writer.open()
            self._open = True
        wanted = {name: value for name, value in tensors.items() if self._groups_of(name) & asked}
        self._writer.write_step(step, *_shared(wanted))
        if not self._exported:
            self._export()

    def _groups_of(self, tensor: str) -> frozenset[str]:
        if tensor not in self._groups:
            found = (name for name, collection in self._saved.items() if collection.includes(tensor))
            self._groups[tensor] = frozenset(found)
        return self._groups[tensor]

    def _export(self) -> None:
        self._writer.write_collections({name: self._with_names(each) for name, each in self._all.items()})
        self._exported = True

    def _with_names(self, collection: Collection) -> Collection:
        names = sorted(tensor for tensor, groups in self._groups.items() if collection.name in groups)
        return replace(collection, tensor_names=tuple(names))

    def close(self) -> None:
        """Save what is waiting, and mark the end of training."""
        self._aside.wait()
        if not self._exported:
            self._export()
        self._writer.close()


def _shared(tensors: Tensors) -> tuple[Tensors, Mapping[str, list[str]]]:
    """Return each value once, under its first name, and the further names of one that has several."""
    first: dict[int, str] = {}
    once: Tensors = {}
    same: dict[str, list[str]] = {}
    for name, value in tensors.items():
        if isinstance(value, float | int | str):
            once[name] = value
        elif id(value) in first:
            same.setdefault(first[id(value)], []).append(name)
        else:
            first[id(value)] = name
            once[name] = value
    return once, same

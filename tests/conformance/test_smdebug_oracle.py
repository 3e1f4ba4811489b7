"""Tensors against AWS's own Debugger library: what one writes, the other reads the same.

smdebug needs versions of protobuf and NumPy that get along with nothing of ours, so that it runs in an environment of
its own under `.oracles`; without that environment there is nothing to compare with, and the tests are skipped.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from specimen_tensors.collections import Collection
from specimen_tensors.files import Folder
from specimen_tensors.modes import Mode
from specimen_tensors.saving import Schedule
from specimen_tensors.trial import Trial
from specimen_tensors.writer import Writer

READ = """
import json, logging, sys
from smdebug.trials import create_trial
logging.disable(logging.CRITICAL)
trial = create_trial(sys.argv[1])
tensors = {
    name: {step: [value.dtype.kind, value.tolist()] for step, value in trial.tensor(name).values().items()}
    for name in trial.tensor_names()
}
collections = {
    name: {
        "include_regex": group.include_regex,
        "tensor_names": sorted(group.tensor_names),
        "members": trial.tensor_names(collection=name),
        "save_config": group.save_config.to_json_dict(),
        "save_histogram": group.save_histogram,
    }
    for name, group in trial.collections().items()
}
json.dump({"tensors": tensors, "collections": collections, "workers": trial.workers()}, open(sys.argv[2], "w"))
"""
WRITE = """
import logging, sys
import numpy as np
logging.disable(logging.CRITICAL)
from smdebug.core.access_layer import training_has_ended
from smdebug.core.collection_manager import CollectionManager
from smdebug.core.modes import ModeKeys
from smdebug.core.reduction_config import ReductionConfig
from smdebug.core.save_config import SaveConfig
from smdebug.core.writer import FileWriter
folder = sys.argv[1]
for step in (0, 5, 1000):
    writer = FileWriter(trial_dir=folder, step=step, worker="worker_0")
    for name, value in {
        "train-rmse": np.array([1.5 / (step + 1)]),
        "predictions": np.linspace(-1, 1, 7, dtype=np.float32) + step,
        "trees/Feature": np.array(["f1", "Leaf", "größer", ""]),
        "trees/Node": np.arange(4) * step,
        "flags": np.array([[True, False]]),
    }.items():
        writer.write_tensor(tdata=value, tname=name, mode=ModeKeys.GLOBAL, mode_step=step)
    writer.close()
manager = CollectionManager()
manager.get("metrics").include("^[a-zA-z]+-[a-zA-z0-9]+$")
manager.get("metrics").add_tensor_name("train-rmse")
for name in ("metrics", "labels"):
    manager.get(name).save_config = SaveConfig(save_interval=5, end_step=2000)
    manager.get(name).reduction_config = ReductionConfig(save_raw_tensor=True)
manager.export(folder, "worker_0_collections.json")
training_has_ended(folder)
"""


@pytest.fixture
def smdebug(oracle: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs a program with smdebug."""
    python = oracle("smdebug")
    monkeypatch.setenv("SMDEBUG_TRAINING_END_DELAY_REFRESH", "0")

    def run(program: str, *arguments: Path) -> None:
        done = subprocess.run(
            [python, "-W", "ignore", "-c", program, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    return run


def reading(trial: Trial) -> Mapping[str, Any]:
    """Return all that our trial reads, in the form that the other side answers in."""
    return {
        "tensors": {
            name: {str(step): [value.dtype.kind, value.tolist()] for step, value in trial.values(name).items()}
            for name in trial.tensor_names()
        },
        "collections": {
            name: {
                "include_regex": list(group.include_regex),
                "tensor_names": list(group.tensor_names),
                "members": list(trial.tensor_names(collection=name)),
                "save_config": {mode: schedule.to_json() for mode, schedule in group.save_config.items()},
                "save_histogram": group.save_histogram,
            }
            for name, group in trial.collections().items()
        },
        "workers": list(trial.workers),
    }


def as_smdebug_reads(smdebug: Callable[..., None], folder: Path, answer: Path) -> Mapping[str, Any]:
    smdebug(READ, folder, answer)
    read: Mapping[str, Any] = json.loads(answer.read_text())
    return read


def test_smdebug_reads_what_we_write(smdebug: Callable[..., None], tmp_path: Path) -> None:
    folder = tmp_path / "trial"
    writer = Writer(folder)
    writer.open()
    shap = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
    for step in (0, 5, 999, 1000):
        writer.write_step(
            step,
            {
                "train-rmse": 1 / (step + 1),
                "hyperparameters/eta": 0.2,
                "hyperparameters/max_depth": 5,
                "hyperparameters/objective": "reg:squarederror",
                "hyperparameters/eval_metric": ["rmse", "mae"],
                "trees/Feature": np.array(["f1", "Leaf", "größer", ""]),
                "full_shap/f0": shap * step,
            },
            same={"full_shap/f0": ["full_shap/f1", "full_shap/f2"]},
        )
    schedules = {mode: Schedule(5, (999,)) for mode in Mode}
    writer.write_collections(
        {
            "metrics": Collection("metrics", ("^[a-zA-z]+-[a-zA-z0-9]+$",), ("train-rmse",), schedules),
            "full_shap": Collection("full_shap", ("^full_shap/.*[^/bias]$",), (), schedules, save_histogram=False),
        }
    )
    writer.close()
    found = as_smdebug_reads(smdebug, folder, tmp_path / "answer.json")
    assert len(found["tensors"]) == 9
    assert found == reading(Trial(Folder(folder)))


def test_we_read_what_smdebug_writes(smdebug: Callable[..., None], tmp_path: Path) -> None:
    folder = tmp_path / "trial"
    smdebug(WRITE, folder)
    ours = reading(Trial(Folder(folder)))
    assert ours["tensors"]["trees/Feature"]["1000"] == ["U", ["f1", "Leaf", "größer", ""]]
    assert ours["collections"]["metrics"]["tensor_names"] == ["train-rmse"]
    assert ours == as_smdebug_reads(smdebug, folder, tmp_path / "answer.json")

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
from specimen_jobs.xgboost.debugging.phases import Phases
from specimen_tensors.collections import Collection
from specimen_tensors.files import Folder
from specimen_tensors.modes import Mode
from specimen_tensors.saving import Schedule
from specimen_tensors.trial import Trial
from specimen_tensors.writer import Writer

from tests.conformance.smdebug_reading import READ, reading

PHASES = """
import json, logging, sys
from smdebug.profiler.algorithm_metrics_reader import LocalAlgorithmMetricsReader
logging.disable(logging.CRITICAL)
reader = LocalAlgorithmMetricsReader(sys.argv[1])
reader.refresh_event_file_list()
found = [
    [event.event_name, event.process_info.name, event.start_time, event.duration, event.event_args]
    for event in reader.get_events(1_700_000_000 * 10**6, 1_700_000_100 * 10**6)
]
json.dump(found, open(sys.argv[2], "w"))
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


def as_smdebug_reads(smdebug: Callable[..., None], folder: Path, answer: Path) -> Mapping[str, Any]:
    smdebug(READ + "json.dump(reading(sys.argv[1]), open(sys.argv[2], 'w'))", folder, answer)
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


def test_smdebug_reads_our_phases(smdebug: Callable[..., None], tmp_path: Path) -> None:
    seconds = iter([1_700_000_000.0, *np.arange(1_700_000_001.0, 1_700_000_009.0, 0.5)])
    phases = Phases(tmp_path, "algo-1", clock=lambda: next(seconds))
    with phases.phase("DataLoading"):
        pass
    for step in range(2):
        with phases.phase("Step:ModeKeys.TRAIN", step_num=step):
            pass
    phases.write()
    smdebug(PHASES, tmp_path, tmp_path / "answer.json")
    assert json.loads((tmp_path / "answer.json").read_text()) == [
        ["DataLoading", "DataLoading", 1_700_000_001_000_000, 500_000, {}],
        ["Step:ModeKeys.TRAIN", "Step:ModeKeys.TRAIN", 1_700_000_002_000_000, 500_000, {"step_num": 0}],
        ["Step:ModeKeys.TRAIN", "Step:ModeKeys.TRAIN", 1_700_000_003_000_000, 500_000, {"step_num": 1}],
    ]

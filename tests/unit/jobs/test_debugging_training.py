"""What a training leaves for Debugger, and that it leaves nothing where nothing was asked."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from specimen_jobs.container import Container
from specimen_jobs.xgboost.command import main
from specimen_jobs.xgboost.debugging.phases import Phases
from specimen_tensors.files import Folder
from specimen_tensors.trial import Trial

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": "12", "max_depth": "3", "eval_metric": "logloss,auc"}


def collections(*names: str, **parameters: str) -> dict[str, Any]:
    asked = [{"CollectionName": name, "CollectionParameters": parameters} for name in names]
    return {"CollectionConfigurations": asked}


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Container:
    """A container that trains on 120 rows of four features and validates on 40."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    found = Container(tmp_path)
    rng = np.random.default_rng(4)
    for channel, rows in (("train", 120), ("validation", 40)):
        table = rng.normal(size=(rows, 4)).round(2)
        labels = table[:, 0] + table[:, 1] > 0
        found.channel(channel).mkdir(parents=True)
        np.savetxt(found.channel(channel) / "part.csv", np.column_stack((labels, table)), delimiter=",", fmt="%g")
    channels = {name: {"ContentType": "text/csv"} for name in ("train", "validation")}
    configure(found, hyperparameters=HYPERPARAMETERS, inputdataconfig=channels)
    return found


def configure(container: Container, **files: Mapping[str, Any]) -> None:
    for name, value in files.items():
        container.config(name).parent.mkdir(parents=True, exist_ok=True)
        told = {key: entry for key, entry in value.items() if entry is not None}
        container.config(name).write_text(json.dumps(told), encoding="utf-8")


def rounds(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.match(r"\[\d+\]#011", line)]


def test_tensors_are_saved_where_sagemaker_expects_them(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train"]) == 0
    quiet = rounds(capsys.readouterr().out)
    assert not (container.base / "output/tensors").exists()
    configure(
        container, debughookconfig=collections("metrics", "average_shap", "feature_importance", save_interval="5")
    )
    assert main(["train"]) == 0
    assert rounds(capsys.readouterr().out) == quiet
    trial = Trial(Folder(container.base / "output/tensors"))
    assert trial.ended
    assert trial.steps() == (0, 5, 10)
    logged = {line.split("#011")[0]: line for line in quiet}
    assert f"train-auc:{trial.value('train-auc', 10)[0]:.5f}" in logged["[10]"]
    assert trial.tensor_names("average_shap") == tuple(f"average_shap/f{number}" for number in range(4))
    gains = [trial.value(name, 10)[0] for name in trial.tensor_names(regex="^feature_importance/gain/")]
    assert sum(gains) == pytest.approx(1)
    assert sorted(path.name for path in (container.base / "output/tensors").iterdir()) == [
        "collections",
        "events",
        "index",
        "training_job_end.ts",
    ]


def test_the_environment_asks_as_a_file_does(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"LocalPath": str(container.base / "checkpoints/debug-output"), **collections("losses", save_interval="4")}
    monkeypatch.setenv("SPECIMEN_DEBUG_HOOK_1", json.dumps(asked)[:100])
    monkeypatch.setenv("SPECIMEN_DEBUG_HOOK_2", json.dumps(asked)[100:])
    assert main(["train"]) == 0
    trial = Trial(Folder(container.base / "checkpoints/debug-output"))
    assert trial.steps("train-logloss") == (0, 4, 8, 10)
    assert trial.steps("train-auc") == (0, 10)


def test_what_cannot_be_asked_fails_the_job_before_it_trains(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(container, debughookconfig=collections("metrics", save_interval="0"))
    assert main(["train"]) == 1
    assert container.failure.read_text() == "Debugger, collection metrics: save_interval is 1 or more, not 0"
    assert rounds(capsys.readouterr().out) == []


def test_what_a_training_does_not_have_is_said_once(container: Container, capsys: pytest.CaptureFixture[str]) -> None:
    configure(
        container,
        inputdataconfig={"train": {"ContentType": "text/csv"}},
        hyperparameters={**HYPERPARAMETERS, "booster": "gblinear", "max_depth": None},
        debughookconfig=collections(
            "predictions", "labels", "trees", "feature_importance", "average_shap", save_interval="1"
        ),
    )
    assert main(["train"]) == 0
    warnings = [line.partition("WARNING] ")[2] for line in capsys.readouterr().out.splitlines() if "WARNING" in line]
    assert sorted(warnings) == [
        "Debugger: booster gblinear has no trees; there are none",
        "Debugger: feature importance is not defined for booster gblinear; there are none",
        "Debugger: labels need a validation channel; there are none",
        "Debugger: predictions need a validation channel; there are none",
    ]
    trial = Trial(Folder(container.base / "output/tensors"))
    assert trial.tensor_names() == (*(f"average_shap/f{number}" for number in range(4)), "train-auc", "train-logloss")


def test_a_training_that_fails_has_ended_too(container: Container) -> None:
    configure(container, debughookconfig={}, hyperparameters={"objective": "reg:gamma", "num_round": "3"})
    rows = (container.channel("train") / "part.csv").read_text()  # labels 0, which a gamma distribution does not have
    (container.channel("train") / "part.csv").write_text("".join(f"-{row}\n" for row in rows.splitlines()))
    assert main(["train"]) == 1
    assert container.failure.read_text().startswith("XGB train call failed with exception: ")
    assert Trial(Folder(container.base / "output/tensors")).ended


def test_a_training_that_is_stopped_has_ended_too(container: Container) -> None:
    configure(
        container,
        debughookconfig=collections("metrics", save_interval="1"),
        profilerconfig={"ProfilingParameters": {}},
        hyperparameters={**HYPERPARAMETERS, "num_round": "1000000"},
    )
    with subprocess.Popen(
        [sys.executable, "-m", "specimen_jobs.xgboost", "train"],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(container.base)},
        stdout=subprocess.PIPE,
        text=True,
    ) as job:
        assert job.stdout is not None
        next(line for line in job.stdout if line.startswith("[3]"))
        job.send_signal(signal.SIGTERM)
        threading.Thread(target=job.stdout.read).start()  # a full pipe would hold the job up
        assert job.wait(60) == 128 + signal.SIGTERM
    trial = Trial(Folder(container.base / "output/tensors"))
    assert trial.ended
    assert trial.steps()[:3] == (0, 1, 2)
    assert len(list((container.base / "output/profiler").rglob("*_pythontimeline.json"))) == 1


def test_signals_are_left_as_they_were(container: Container) -> None:
    before = signal.getsignal(signal.SIGTERM)
    configure(container, debughookconfig={})
    assert main(["train"]) == 0
    assert signal.getsignal(signal.SIGTERM) is before


def test_phases_are_recorded_when_there_is_a_profiler(container: Container) -> None:
    configure(
        container,
        profilerconfig={"ProfilingIntervalInMilliseconds": 500, "LocalPath": str(container.base / "profile")},
        resourceconfig={"current_host": "algo_7", "hosts": ["algo_7"]},
        debughookconfig={},
    )
    assert main(["train"]) == 0
    (file,) = (container.base / "profile").rglob("*.json")
    assert re.fullmatch(r"framework/pevents/\d{10}/\d{16}_\d+-algo-7_pythontimeline\.json", _within(container, file))
    events = json.loads(file.read_text())
    done = [event for event in events if event["ph"] == "X"]
    names = {event["pid"]: event["args"]["name"] for event in events if "name" in event.get("args", {})}
    assert [names[event["pid"]] for event in done] == [event["name"] for event in done]
    assert [event["name"] for event in done if "Step" not in event["name"]] == [
        "DataLoading",
        "SaveTensors",
        "SaveTensors",
        "SaveModel",
    ]
    assert [event["args"]["step_num"] for event in done if event["name"] == "Step:ModeKeys.TRAIN"] == [*range(12)]
    assert all(event["dur"] >= 0 and event["ts"] >= 0 for event in done)


def _within(container: Container, file: Path) -> str:
    return file.relative_to(container.base / "profile").as_posix()


def test_a_disabled_profiler_records_nothing(container: Container) -> None:
    configure(container, profilerconfig={"DisableProfiler": True})
    assert main(["train"]) == 0
    assert not (container.base / "output/profiler").exists()


def test_a_long_training_writes_a_file_a_minute(tmp_path: Path) -> None:
    seconds = iter(range(1_700_000_000, 1_700_001_000, 25))
    phases = Phases(tmp_path, clock=lambda: next(seconds))
    for step in range(6):
        with phases.phase("Step:ModeKeys.TRAIN", step_num=step):
            pass
    phases.write()
    files = sorted(tmp_path.rglob("*.json"))
    steps = [
        [event["args"]["step_num"] for event in json.loads(file.read_text()) if event["ph"] == "X"] for file in files
    ]
    assert steps == [[0, 1], [2, 3], [4, 5]]

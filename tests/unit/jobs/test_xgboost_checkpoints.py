"""Checkpoints of the XGBoost container, and the channels that hold Parquet or come through a pipe."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
import xgboost
from pyarrow import parquet
from specimen_jobs.container import Container
from specimen_jobs.xgboost.command import main

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": "8", "max_depth": "2", "eval_metric": "logloss"}


@dataclass(frozen=True)
class Job:
    """A training container's folder on one host."""

    container: Container

    def configure(self, hyperparameters: Mapping[str, str] = HYPERPARAMETERS, **channel: str) -> None:
        told = {"TrainingInputMode": "File", "ContentType": "text/csv", **channel}
        self.write("hyperparameters", dict(hyperparameters))
        self.write("inputdataconfig", {"train": told})
        self.write("resourceconfig", {"current_host": "algo-1", "hosts": ["algo-1"]})

    def write(self, name: str, value: Any) -> None:
        path = self.container.config(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))

    @property
    def channel(self) -> Path:
        folder = self.container.channel("train")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def train(self) -> int:
        return main(["train"])

    @property
    def failure(self) -> str:
        return self.container.failure.read_text()

    @property
    def model(self) -> xgboost.Booster:
        return xgboost.Booster(model_file=bytearray((self.container.model / "xgboost-model").read_bytes()))


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job on 60 rows of CSV that keeps checkpoints."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    made = Job(Container(tmp_path))
    made.configure()
    (made.channel / "part.csv").write_text(csv())
    made.write("checkpointconfig", {"S3Uri": "s3://b/kept", "LocalPath": "/opt/ml/checkpoints"})
    return made


def table() -> np.ndarray[Any, np.dtype[np.float32]]:
    rng = np.random.default_rng(3)
    features = rng.normal(size=(60, 3)).round(3).astype(np.float32)
    return np.column_stack([features[:, 0] + features[:, 1] > 0, features]).astype(np.float32)


def csv() -> str:
    return "".join(",".join(f"{value:g}" for value in row) + "\n" for row in table())


def checkpoints(job: Job) -> list[str]:
    return sorted(path.name for path in (job.container.base / "checkpoints").iterdir())


def test_the_last_five_rounds_are_kept(job: Job) -> None:
    assert job.train() == 0
    assert checkpoints(job) == [f"xgboost-checkpoint.{number}" for number in range(3, 8)]


def test_without_their_configuration_there_are_none(job: Job) -> None:
    job.container.config("checkpointconfig").unlink()
    assert job.train() == 0
    assert not (job.container.base / "checkpoints").exists()


@pytest.mark.parametrize("broken", [False, True])
def test_training_goes_on_from_the_last_one_that_can_be_read(
    job: Job, broken: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert job.train() == 0
    whole = job.model.save_raw("json")
    folder = job.container.base / "checkpoints"
    for path in folder.iterdir():
        if int(path.suffix[1:]) > 5:
            path.unlink()
    if broken:
        (folder / "xgboost-checkpoint.5").write_bytes(b"half a mod")
    capsys.readouterr()
    assert job.train() == 0
    log = capsys.readouterr().out
    first = 5 if broken else 6
    assert f"Resuming from iteration {first}" in log
    assert [line[1] for line in log.splitlines() if "#011" in line] == [str(number) for number in range(first, 8)]
    assert ("cannot be read" in log) == broken
    assert job.model.save_raw("json") == whole


def test_nothing_is_left_to_train_after_the_last_round(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    assert job.train() == 0
    whole = job.model.save_raw("json")
    capsys.readouterr()
    assert job.train() == 0
    assert "#011" not in capsys.readouterr().out
    assert job.model.save_raw("json") == whole


def test_checkpoints_of_an_earlier_run_stay(job: Job) -> None:
    job.configure({**HYPERPARAMETERS, "num_round": "2"})
    assert job.train() == 0
    job.configure({**HYPERPARAMETERS, "num_round": "9"})
    assert job.train() == 0
    assert checkpoints(job) == [f"xgboost-checkpoint.{number}" for number in (0, 1, 4, 5, 6, 7, 8)]


def test_debugger_goes_on_with_the_steps(job: Job) -> None:
    job.configure({**HYPERPARAMETERS, "num_round": "3"})
    assert job.train() == 0
    job.configure()
    hook = {
        "LocalPath": "/opt/ml/output/tensors",
        "CollectionConfigurations": [
            {"CollectionName": "metrics", "CollectionParameters": {"save_interval": "1"}},
        ],
    }
    job.write("debughookconfig", hook)
    assert job.train() == 0
    saved = sorted((job.container.base / "output/tensors/events").iterdir())
    assert [int(path.name) for path in saved] == [3, 4, 5, 6, 7]


def write_parquet(path: Path, columns: Mapping[str, Any]) -> None:
    parquet.write_table(pyarrow.table(dict(columns)), path)


@pytest.mark.parametrize("parts", [1, 2])
def test_parquet_and_csv_of_the_same_rows_give_the_same_model(job: Job, parts: int) -> None:
    assert job.train() == 0
    dense = job.model.save_raw("json")
    (job.channel / "part.csv").unlink()
    for number, rows in enumerate(np.array_split(table(), parts)):
        columns = dict(zip(("label", "a", "b", "c"), rows.T, strict=True))
        write_parquet(job.channel / f"{number}.parquet", {**columns, "label": rows[:, 0].astype(bool)})
    job.container.config("checkpointconfig").unlink()
    job.configure(ContentType="application/x-parquet")
    assert job.train() == 0
    assert job.model.save_raw("json") == dense


def test_null_is_missing_in_parquet(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    write_parquet(job.channel / "part.csv", {"label": [0, 1] * 10, "a": [1, None] * 10, "b": [None, 2.5] * 10})
    job.configure(ContentType="application/x-parquet")
    assert job.train() == 0
    assert "Train matrix has 20 rows and 2 columns" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"label": [0, 1], "a": ["x", "y"]}, "train/part.csv, column a holds string, not numbers"),
        ({"label": [0, 1], "a": [1.0, 1e39]}, "train/part.csv, row 2, column a is infinite or beyond a 32-bit float"),
        ({"label": [0, None], "a": [1, 2]}, "train: 1 rows have no label (NaN or empty), the first is row 2"),
        ({"label": [0, 1]}, "a label and features are needed"),
        ({"label": pyarrow.array([], pyarrow.int64()), "a": pyarrow.array([], pyarrow.int64())}, "No data in train"),
    ],
)
def test_bad_parquet_is_refused_with_its_place(job: Job, columns: dict[str, Any], said: str) -> None:
    write_parquet(job.channel / "part.csv", columns)
    job.configure(ContentType="application/x-parquet")
    assert job.train() == 1
    assert said in job.failure


def test_what_is_not_parquet_is_refused(job: Job) -> None:
    job.configure(ContentType="application/x-parquet")
    assert job.train() == 1
    assert "train/part.csv cannot be read as Parquet: " in job.failure


def test_parquet_files_of_other_columns_are_refused(job: Job) -> None:
    write_parquet(job.channel / "part.csv", {"label": [0, 1], "a": [1, 2]})
    write_parquet(job.channel / "qart.csv", {"label": [0, 1], "b": [1, 2]})
    job.configure(ContentType="application/x-parquet")
    assert job.train() == 1
    assert "train/qart.csv has the columns label, b; the first file label, a" in job.failure


def test_csv_may_come_through_a_pipe(job: Job) -> None:
    assert job.train() == 0
    whole = job.model.save_raw("json")
    (job.channel / "part.csv").unlink()
    job.container.config("checkpointconfig").unlink()
    job.configure(TrainingInputMode="Pipe")
    pipe = job.channel.with_name("train_0")
    os.mkfifo(pipe)
    feeding = threading.Thread(target=pipe.write_text, args=(csv(),))
    feeding.start()
    assert job.train() == 0
    feeding.join()
    assert job.model.save_raw("json") == whole


@pytest.mark.parametrize("kind", ["text/libsvm", "application/x-parquet"])
def test_a_pipe_is_for_csv(job: Job, kind: str) -> None:
    job.configure(TrainingInputMode="Pipe", ContentType=kind)
    assert job.train() == 1
    assert "Channel train: Pipe mode is not supported for" in job.failure

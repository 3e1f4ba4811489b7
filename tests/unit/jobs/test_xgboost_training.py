"""What a training job of the XGBoost container reads, logs, leaves and refuses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from specimen_jobs.container import Container
from specimen_jobs.xgboost.command import main

CSV = {"train": "text/csv"}
HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": "5", "max_depth": "3", "eval_metric": "logloss"}


@dataclass(frozen=True)
class TrainingFolder:
    """A training container's folder before the job starts."""

    container: Container

    def configure(self, hyperparameters: Mapping[str, str], channels: Mapping[str, str]) -> None:
        """Write the three configuration files; `channels` are content types by channel name."""
        self._write("hyperparameters", dict(hyperparameters))
        self._write(
            "inputdataconfig",
            {name: {"TrainingInputMode": "File", "ContentType": kind} for name, kind in channels.items()},
        )
        self._write("resourceconfig", {"current_host": "algo-1", "hosts": ["algo-1"]})

    def put(self, channel: str, text: str, name: str = "part.csv") -> None:
        folder = self.container.channel(channel)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    def train(self) -> int:
        return main(["train"])

    @property
    def model(self) -> xgboost.Booster:
        """The model that was left; XGBoost warns about a file without an extension, as SageMaker's is."""
        return xgboost.Booster(model_file=bytearray((self.container.model / "xgboost-model").read_bytes()))

    @property
    def failure(self) -> str:
        return self.container.failure.read_text(encoding="utf-8")

    def _write(self, name: str, value: Any) -> None:
        path = self.container.config(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), encoding="utf-8")


def csv_rows(rows: int, seed: int = 1, classes: int = 2) -> str:
    """Return CSV text, label first, whose label follows from the first of three features."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, 3)).round(3)
    labels = np.digitize(features[:, 0], np.linspace(-0.5, 0.5, classes - 1) if classes > 2 else [0.0])
    return "".join(f"{label},{','.join(map(str, row))}\n" for label, row in zip(labels, features, strict=True))


@pytest.fixture
def training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainingFolder:
    """A container that trains on 80 rows and validates on 40, unless a test changes it."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    folder = TrainingFolder(Container(tmp_path))
    folder.configure(HYPERPARAMETERS, {"train": "text/csv", "validation": "text/csv"})
    folder.put("train", csv_rows(80))
    folder.put("validation", csv_rows(40, seed=2))
    return folder


def test_it_logs_each_round_as_the_built_in_container_and_leaves_a_model(
    training: TrainingFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert training.train() == 0
    lines = capsys.readouterr().out.splitlines()
    rounds = [
        line for line in lines if re.fullmatch(r"\[\d\]#011train-logloss:\d\.\d{5}#011validation-logloss:.*", line)
    ]
    assert [line[1] for line in rounds] == list("01234")
    assert any(xgboost.__version__ in line for line in lines)
    booster = training.model
    assert booster.num_boosted_rounds() == 5
    assert [path.name for path in training.container.model.iterdir()] == ["xgboost-model"]


def test_a_model_that_cannot_be_saved_fails_the_job(training: TrainingFolder) -> None:
    (training.container.base / ".xgboost-model.ubj").mkdir()
    assert training.train() == 1
    assert training.failure.startswith("The model cannot be saved: ")


def test_the_same_data_gives_the_same_model(training: TrainingFolder) -> None:
    training.train()
    first = (training.container.model / "xgboost-model").read_bytes()
    training.train()
    assert (training.container.model / "xgboost-model").read_bytes() == first


def test_training_without_validation_logs_the_train_metric_alone(
    training: TrainingFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    training.configure(HYPERPARAMETERS, CSV)
    assert training.train() == 0
    assert re.search(r"^\[4\]#011train-logloss:\d\.\d{5}$", capsys.readouterr().out, re.MULTILINE)


def test_libsvm_and_csv_of_the_same_rows_give_the_same_model(training: TrainingFolder) -> None:
    training.configure(HYPERPARAMETERS, CSV)
    training.train()
    dense = (training.container.model / "xgboost-model").read_bytes()
    lines = [line.split(",") for line in csv_rows(80).splitlines()]
    sparse = "".join(f"{row[0]} {' '.join(f'{i}:{v}' for i, v in enumerate(row[1:]))}\n" for row in lines)
    training.put("train", sparse, "part.csv")
    training.configure(HYPERPARAMETERS, {"train": "text/x-libsvm"})
    assert training.train() == 0
    assert (training.container.model / "xgboost-model").read_bytes() == dense


def test_several_files_are_one_channel_in_the_order_of_their_names(training: TrainingFolder) -> None:
    training.train()
    whole = (training.container.model / "xgboost-model").read_bytes()
    lines = csv_rows(80).splitlines(keepends=True)
    training.put("train", "".join(lines[:30]), "part.csv")
    training.put("train", "".join(lines[30:]), "rest.csv")
    assert training.train() == 0
    assert (training.container.model / "xgboost-model").read_bytes() == whole


@pytest.mark.parametrize("objective", ["multi:softprob", "multi:softmax"])
def test_classes_and_added_metrics_are_evaluated(
    training: TrainingFolder, capsys: pytest.CaptureFixture[str], objective: str
) -> None:
    chosen = {"objective": objective, "num_class": "3", "num_round": "2", "eval_metric": "mlogloss,accuracy,f1"}
    training.configure(chosen, CSV)
    training.put("train", csv_rows(90, classes=3))
    assert training.train() == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("[1]"))
    assert re.fullmatch(r"\[1\]#011train-mlogloss:\d\.\d+#011train-accuracy:[01]\.\d+#011train-f1:[01]\.\d+", line)


def test_early_stopping_keeps_the_best_round(training: TrainingFolder, capsys: pytest.CaptureFixture[str]) -> None:
    training.put("train", csv_rows(30))
    training.configure(
        {**HYPERPARAMETERS, "num_round": "400", "eta": "1", "early_stopping_rounds": "2", "eval_metric": "error"},
        {"train": "text/csv", "validation": "text/csv"},
    )
    assert training.train() == 0
    rounds = re.findall(r"^\[(\d+)\].*validation-error:(\S+)$", capsys.readouterr().out, re.MULTILINE)
    assert len(rounds) < 400
    best = min(range(len(rounds)), key=lambda number: float(rounds[number][1]))
    booster = training.model
    assert booster.num_boosted_rounds() == best + 1


def test_early_stopping_without_a_metric_is_said_to_have_no_effect(
    training: TrainingFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    training.configure({"num_round": "3", "early_stopping_rounds": "1"}, CSV)
    assert training.train() == 0
    assert "no effect" in capsys.readouterr().out


def test_instance_weights_stand_in_the_second_column(training: TrainingFolder) -> None:
    training.configure({**HYPERPARAMETERS, "csv_weights": "1"}, CSV)
    training.put("train", "".join(f"{i % 2},{1 + i % 3},{i % 2}.5,{i}\n" for i in range(40)))
    assert training.train() == 0
    assert training.model.num_features() == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("label,a,b\n0,1,2\n", "train/part.csv, row 1, column 1: 'label' is not numeric (a header?"),
        ("0,1,2\n1,high,3\n", "train/part.csv, row 2, column 2: 'high' is not numeric"),
        ("0,1,2\n1,inf,3\n", "train/part.csv, row 2, column 2: 'inf' is infinite"),
        ("0,1,2\n1,1e39,3\n", "row 2, column 2: '1e39' is infinite or beyond a 32-bit float"),
        ("0,1,2\n1,2\n", "row 2 has 2 columns where row 1 has 3"),
        ("0,1,2\n,2,3\n", "train: 1 rows have no label (NaN or empty), the first is row 2"),
        ("0,1\n2,3\n", "XGB train call failed with exception: label must be in"),
        ("0\n1\n", "a label and features are needed"),
        ("", "No data in train channel"),
        ("\n\n", "No data in train channel"),
    ],
)
def test_bad_data_fails_the_job_with_its_place(training: TrainingFolder, text: str, said: str) -> None:
    training.configure(HYPERPARAMETERS, CSV)
    training.put("train", text)
    assert training.train() == 1
    assert said in training.failure
    assert "Traceback" not in training.failure


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"num_round": None}, "Missing required hyperparameter: num_round"),
        ({"objective": "binary:guess"}, "Hyperparameter objective: binary:guess is not in"),
        ({"eta": "1.5"}, "Hyperparameter eta: 1.5 is not in [0, 1]"),
        ({"learning_rate": "high"}, "Hyperparameter eta: could not parse value 'high'"),
        ({"max_depth": "2.5"}, "a whole number is needed"),
        ({"depth": "3"}, "Extraneous hyperparameter found: depth"),
        ({"objective": "multi:softmax"}, "Require input for parameter 'num_class'"),
        ({"num_class": "3"}, "Do not need to setup parameter 'num_class'"),
        ({"eval_metric": "auc", "objective": "reg:squarederror"}, "Metric 'auc' can only be applied"),
        ({"eval_metric": "loss"}, "Hyperparameter eval_metric: loss is not in"),
        ({"_kfold": "5"}, "cross-validation is not available"),
        ({"monotone_constraints": "(1,2,0)", "tree_method": "hist"}, "2 is not in [-1, 1]"),
    ],
)
def test_bad_hyperparameters_fail_the_job(training: TrainingFolder, changed: dict[str, str | None], said: str) -> None:
    merged = {name: value for name, value in {**HYPERPARAMETERS, **changed}.items() if value is not None}
    training.configure(merged, CSV)
    assert training.train() == 1
    assert said in training.failure


def test_valid_hyperparameters_of_every_kind_reach_xgboost(training: TrainingFolder) -> None:
    training.configure(
        {
            **HYPERPARAMETERS,
            "tree_method": "hist",
            "monotone_constraints": "(1,0,-1)",
            "interaction_constraints": "[[1,2]]",
            "eval_metric": "error@0.4,auc",
            "reg_lambda": "2",
            "save_model_on_termination": "false",
            "predictor": "auto",
        },
        CSV,
    )
    assert training.train() == 0


@pytest.mark.parametrize(
    ("channels", "said"),
    [
        ({"validation": "text/csv"}, "Missing required channel: train"),
        ({"train": "text/csv", "test": "text/csv"}, "Extraneous channel found: test"),
        ({"train": "application/json"}, "application/json is not an accepted ContentType"),
        ({"train": "text/csv;label_size=2"}, "label_size must be equal to 1"),
        ({"train": "text/libsvm"}, "text/libsvm is <label> <index>:<value>"),
    ],
)
def test_bad_channels_fail_the_job(training: TrainingFolder, channels: dict[str, str], said: str) -> None:
    training.configure(HYPERPARAMETERS, channels)
    assert training.train() == 1
    assert said in training.failure


def test_a_channel_without_its_folder_has_no_data(training: TrainingFolder) -> None:
    (training.container.channel("validation") / "part.csv").unlink()
    assert training.train() == 1
    assert "No data in validation channel" in training.failure


def test_a_hidden_file_is_refused_as_on_aws(training: TrainingFolder) -> None:
    training.put("train", "0,1\n", ".hidden")
    assert training.train() == 1
    assert "Hidden file" in training.failure


@pytest.mark.parametrize("content", ["", "[1]", "{"])
def test_an_unreadable_configuration_is_named(training: TrainingFolder, content: str) -> None:
    training.container.config("hyperparameters").write_text(content)
    assert training.train() == 1
    assert "hyperparameters.json" in training.failure


def test_the_module_runs_as_sagemaker_starts_it_without_loading_scikit_learn(training: TrainingFolder) -> None:
    code = (
        "import runpy, sys; sys.argv = ['xgboost', 'train']\n"
        "try: runpy.run_module('specimen_jobs.xgboost', run_name='__main__')\n"
        "except SystemExit as end: print(end.code, sys.modules.get('sklearn'))"
    )
    base = str(training.container.base)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "SAGEMAKER_BASE_DIR": base},
        cwd=Path(base),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "0 None"


def test_a_stopped_job_leaves_the_last_whole_rounds_model_when_asked_to(training: TrainingFolder) -> None:
    training.configure({**HYPERPARAMETERS, "num_round": "1000000", "save_model_on_termination": "true"}, CSV)
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(training.container.base)}
    command = [sys.executable, "-m", "specimen_jobs.xgboost", "train"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any(line.startswith("[3]") for line in process.stdout)
        process.terminate()
        process.stdout.read()
        assert process.wait() == 0
    assert 3 <= training.model.num_boosted_rounds() < 1000000

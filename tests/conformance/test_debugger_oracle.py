"""A training of our container against AWS's own Debugger hook on the same data: the same tensors, steps and values.

smdebug's hook trains in an environment of its own under `.oracles`, with the same XGBoost as ours; without that
environment there is nothing to compare with, and the tests are skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from specimen.cli import execute
from specimen_tensors.files import Folder
from specimen_tensors.trial import Trial

from tests.conformance.smdebug_reading import READ, reading

TRAIN = (
    READ
    + """
import pkg_resources
of = pkg_resources.get_distribution  # XGBoost for processors alone is distributed under another name
pkg_resources.get_distribution = lambda name: of("xgboost-cpu" if name == "xgboost" else name)
import numpy as np, xgboost
from smdebug.xgboost import Hook
def train(asked):
    data = {}
    for name, path in asked["channels"].items():
        table = np.genfromtxt(path, delimiter=",", dtype=np.float32)
        data[name] = xgboost.DMatrix(table[:, 1:], label=table[:, 0])
    hook = Hook.create_from_json_file(asked["config"])
    hook.hyperparameters, hook.train_data = asked["hyperparameters"], data["train"]
    if "validation" in data:
        hook.validation_data = data["validation"]
    xgboost.train(
        asked["hyperparameters"], data["train"], asked["rounds"],
        evals=[(matrix, name) for name, matrix in data.items()], callbacks=[hook], verbose_eval=False,
    )
    hook.close()
answers = {}
for name, asked in json.load(open(sys.argv[1])).items():
    train(asked)
    answers[name] = {whose: reading(asked[whose]) for whose in ("ours", "theirs")}
json.dump(answers, open(sys.argv[2], "w"))
"""
)
ALL = ["metrics", "losses", "feature_importance", "average_shap", "full_shap", "predictions", "labels"]
ALL += ["hyperparameters", "trees"]
BINARY = {"objective": "binary:logistic", "eval_metric": ["auc", "logloss"], "max_depth": 3, "eta": 0.3}
CLASSES = {"objective": "multi:softprob", "num_class": 3, "eval_metric": ["mlogloss"], "max_depth": 2}
REGRESSION = {"objective": "reg:squarederror", "max_depth": 12, "subsample": 0.7, "gamma": 0.5, "seed": 3}
DART = {"objective": "reg:squarederror", "booster": "dart", "rate_drop": 0.5, "max_depth": 3}


def collections(parameters: Mapping[str, str], *names: str) -> list[dict[str, Any]]:
    return [{"CollectionName": name, "CollectionParameters": dict(parameters)} for name in names]


@dataclass(frozen=True)
class Case:
    """A training, and what its hook is told."""

    hyperparameters: Mapping[str, Any]
    hook: Mapping[str, Any]
    rounds: int
    validated: bool


CASES = {
    "everything": Case(BINARY, {"CollectionConfigurations": collections({"save_interval": "2"}, *ALL)}, 7, True),
    "classes": Case(CLASSES, {"CollectionConfigurations": collections({"save_interval": "3"}, *ALL)}, 7, True),
    "deep": Case(REGRESSION, {"CollectionConfigurations": collections({"save_interval": "2"}, *ALL)}, 5, False),
    "dart": Case(
        DART, {"CollectionConfigurations": collections({"save_interval": "2"}, "average_shap", "trees")}, 6, False
    ),
    "nothing asked": Case(BINARY, {}, 12, True),
    "defaults of a collection": Case(BINARY, {"CollectionConfigurations": [{"CollectionName": "losses"}]}, 12, True),
    "all": Case(BINARY, {"HookParameters": {"save_all": "true", "save_interval": "4"}}, 9, True),
    "steps of each kind": Case(
        BINARY,
        {
            "HookParameters": {"save_interval": "3", "train.save_interval": "1", "include_regex": "bias$, trees/Node"},
            "CollectionConfigurations": [
                *collections({"save_steps": "1, 4", "start_step": "6"}, "average_shap", "metrics"),
                *collections({"end_step": "5", "global.save_interval": "2", "save_interval": "1"}, "losses", "trees"),
                *collections({"include_regex": "validation-.*", "save_interval": "1"}, "validated"),
            ],
        },
        9,
        True,
    ),
}


def channel(path: Path, rows: int, seed: int, classes: int) -> Path:
    """Write rows whose label follows from some of six features."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, 6)).round(2)
    scores = features[:, 0] + features[:, 1] * features[:, 2] + rng.normal(size=rows) / 4
    labels = scores.round(2) if classes == 0 else np.digitize(scores, np.linspace(-0.7, 0.7, classes - 1))
    path.parent.mkdir(parents=True)
    np.savetxt(path, np.column_stack((labels, features)), delimiter=",", fmt="%g")
    return path


def by_us(folder: Path, case: Case) -> None:
    """Train as SageMaker would let our container train."""
    texts = {name: ",".join(v) if isinstance(v, list) else str(v) for name, v in case.hyperparameters.items()}
    for name, value in {
        "hyperparameters": {**texts, "num_round": str(case.rounds)},
        "inputdataconfig": {path.name: {"ContentType": "text/csv"} for path in (folder / "input/data").iterdir()},
        "debughookconfig": {"LocalPath": str(folder / "ours"), **case.hook},
    }.items():
        (folder / "input/config").mkdir(exist_ok=True)
        (folder / f"input/config/{name}.json").write_text(json.dumps(value))
    done = subprocess.run(
        [sys.executable, "-m", "specimen_jobs.xgboost", "train"],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def asked(folder: Path, case: Case) -> dict[str, Any]:
    """Return what smdebug's hook is asked."""
    (folder / "hook.json").write_text(json.dumps({"LocalPath": str(folder / "theirs"), **case.hook}))
    return {
        "channels": {path.name: str(path / "part.csv") for path in (folder / "input/data").iterdir()},
        "config": str(folder / "hook.json"),
        "hyperparameters": case.hyperparameters,
        "rounds": case.rounds,
        "ours": str(folder / "ours"),
        "theirs": str(folder / "theirs"),
    }


@dataclass(frozen=True)
class Trained:
    """The folders of all cases, each trained by both, and what smdebug reads of ours and of its own."""

    folders: Mapping[str, Path]
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]


@pytest.fixture(scope="module")
def trained(oracle: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Trained:
    python, folders = oracle("smdebug"), {}
    for name, case in CASES.items():
        folder = folders[name] = tmp_path_factory.mktemp("case")
        classes = {"binary:logistic": 2, "multi:softprob": 3}.get(str(case.hyperparameters["objective"]), 0)
        channel(folder / "input/data/train/part.csv", 300, 1, classes)
        if case.validated:
            channel(folder / "input/data/validation/part.csv", 100, 2, classes)
        by_us(folder, case)
    top = tmp_path_factory.mktemp("answers")
    (top / "asked.json").write_text(json.dumps({name: asked(folders[name], case) for name, case in CASES.items()}))
    done = subprocess.run(
        [python, "-W", "ignore", "-c", TRAIN, top / "asked.json", top / "answers.json"],
        env={**os.environ, "SMDEBUG_TRAINING_END_DELAY_REFRESH": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answers = json.loads((top / "answers.json").read_text())
    ours, theirs = ({name: answer[whose] for name, answer in answers.items()} for whose in ("ours", "theirs"))
    return Trained(folders, ours, theirs)


@pytest.mark.parametrize("case", CASES)
def test_a_training_leaves_what_smdebugs_hook_leaves(trained: Trained, case: str) -> None:
    ours, theirs = (Trial(Folder(trained.folders[case] / name)) for name in ("ours", "theirs"))
    assert (ours.ended, ours.workers, ours.steps()) == (theirs.ended, theirs.workers, theirs.steps())
    assert ours.collections() == theirs.collections()
    assert ours.tensor_names() == theirs.tensor_names()
    for name in theirs.tensor_names():
        assert ours.steps(name) == theirs.steps(name), name
        for step, value in theirs.values(name).items():
            found = ours.value(name, step)
            assert (found.dtype, found.shape) == (value.dtype, value.shape), name
            if value.dtype.kind == "f":
                np.testing.assert_allclose(found, value, rtol=2e-5, atol=2e-6, err_msg=name)
            else:
                assert found.tolist() == value.tolist(), name


@pytest.mark.parametrize("case", CASES)
def test_smdebug_reads_what_a_training_leaves(trained: Trained, case: str) -> None:
    ours = reading(Trial(Folder(trained.folders[case] / "ours")))
    assert json.dumps(trained.ours[case], sort_keys=True) == json.dumps(ours, sort_keys=True)


@pytest.mark.parametrize("case", ["everything", "classes"])
def test_the_command_reads_what_smdebugs_hook_leaves(
    trained: Trained, case: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """`specimen debug` shows AWS's own files as smdebug itself reads them, and draws them."""
    theirs = trained.folders[case] / "theirs"
    assert execute(["debug", str(theirs), "--regex", "", "--format", "json"]) == 0
    shown = {tensor["name"]: tensor for tensor in json.loads(capsys.readouterr().out)["tensors"]}
    read = trained.theirs[case]["tensors"]
    assert shown.keys() == read.keys()
    for name, by_step in read.items():
        assert [str(step) for step in shown[name]["steps"]] == list(by_step)
        for value, (kind, one) in zip(shown[name]["values"], by_step.values(), strict=True):
            if kind == "U":
                assert np.atleast_1d(value).tolist() == one
            else:  # null is no number
                np.testing.assert_allclose(np.atleast_1d(np.array(value, float)), one, rtol=1e-6)
    for kind in ("metrics", "importance", "shap"):
        assert execute(["debug", str(theirs), "--plot", kind, "-o", str(tmp_path / f"{kind}.svg")]) == 0
        assert (tmp_path / f"{kind}.svg").stat().st_size > 10_000

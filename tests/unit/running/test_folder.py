"""The folder of a run."""

import json
import os
from pathlib import Path

import pytest
from specimen.errors import UsageError
from specimen.running.folder import new_run
from specimen_components.interface import Artifact


def test_runs_are_numbered(tmp_path: Path) -> None:
    names = [new_run(tmp_path, "loans").name for _ in range(3)]
    assert names == ["loans-001", "loans-002", "loans-003"]


def test_a_number_is_not_given_again(tmp_path: Path) -> None:
    new_run(tmp_path, "loans").path.rename(tmp_path / "runs" / "loans-041")
    assert new_run(tmp_path, "loans").name == "loans-042"


def test_experiments_count_apart_even_when_one_name_begins_another(tmp_path: Path) -> None:
    new_run(tmp_path, "loans-eu")
    (tmp_path / "runs" / "loans-eu-9").mkdir()
    assert new_run(tmp_path, "loans").name == "loans-001"


def test_a_number_taken_meanwhile_is_passed_over(tmp_path: Path) -> None:
    """A file of the name counts as taken too."""
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "loans-001").touch()
    assert new_run(tmp_path, "loans").name == "loans-002"


def test_a_state_folder_that_is_a_file_is_said_to_be_no_use(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.touch()
    with pytest.raises(UsageError, match=r"cannot make a run's folder in .*state/runs") as raised:
        new_run(state, "loans")
    assert raised.value.hint


def test_every_file_has_its_place(tmp_path: Path) -> None:
    folder = new_run(tmp_path, "loans")
    assert folder.log("train") == folder.path / "logs/train.log"
    assert folder.output("train", "arn") == folder.path / "outputs/train/arn"
    assert folder.artifact("train", "metrics_view", Artifact.METRICS) == folder.path / "artifacts/train/metrics_view"
    assert folder.artifact("bias", "report_view", Artifact.HTML) == folder.path / "artifacts/bias/report_view.html"
    assert folder.artifact("gate", "verdict_view", Artifact.MARKDOWN) == folder.path / "artifacts/gate/verdict_view.md"
    assert folder.artifact("finish", "report", Artifact.HTML) == folder.report == folder.path / "report.html"
    assert os.listdir(folder.path) == ["logs"]  # noqa: PTH208 - a step makes a folder for what it has to write


def test_a_folder_that_cannot_be_written_to_any_more_is_said(tmp_path: Path) -> None:
    folder = new_run(tmp_path, "loans")
    folder.path.rmdir()
    with pytest.raises(UsageError, match=r"cannot write .*run\.json: No such file or directory") as raised:
        folder.write({"state": "running"})
    assert raised.value.hint


def test_run_json_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = new_run(tmp_path, "loans")
    folder.write({"state": "running"})
    folder.write({"state": "é"})
    assert json.loads((folder.path / "run.json").read_text(encoding="utf-8")) == {"state": "é"}
    assert os.listdir(folder.path) == ["run.json"]  # noqa: PTH208 - names are what is compared

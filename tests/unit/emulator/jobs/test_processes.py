"""Processes are told apart, and images and job folders found."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimen.emulator.jobs.containers import BUILT_IN, repository
from specimen.emulator.jobs.folder import Folder
from specimen.emulator.jobs.log import Log, Metrics, stream_file
from specimen.emulator.jobs.processes import Process, identify

SLEEP = [sys.executable, "-c", "import signal; signal.pause()"]


def test_a_process_is_alive_until_it_is_killed_even_if_it_is_not_reaped() -> None:
    with subprocess.Popen(SLEEP, start_new_session=True) as child:
        process = identify(child.pid)
        assert process is not None
        assert process.alive()
        assert not process.wait(0)
        assert process.signal(signal.SIGKILL, group=True)
        assert process.wait(10)
        assert identify(child.pid) is None  # a zombie by now
        assert not process.signal(signal.SIGKILL)


def test_a_process_with_another_start_is_another_one() -> None:
    assert not Process(os.getpid(), "some other time").alive()
    me = identify(os.getpid())
    assert me is not None
    assert me == identify(os.getpid())


@pytest.mark.parametrize(
    "uri",
    [
        "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
        "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost@sha256:0123",
        "localhost:5000/team/sagemaker-xgboost",
        "sagemaker-xgboost:latest",
    ],
)
def test_an_image_is_found_by_its_repository(uri: str) -> None:
    assert repository(uri) == "sagemaker-xgboost"
    image = BUILT_IN.find(uri)
    assert image is not None
    assert image.module == "specimen_jobs.xgboost"


def test_another_image_is_not_found() -> None:
    assert BUILT_IN.find("x/sagemaker-xgboost-neo:1") is None


def test_the_built_in_algorithm_finds_its_metrics_in_its_log() -> None:
    image = BUILT_IN.find("sagemaker-xgboost:1.7-1")
    assert image is not None
    assert image.metrics is not None
    metrics = Metrics(image.metrics)
    metrics.read("[0]#011train-auc:0.71#011train-logloss:0.6#011validation-auc:0.61#011validation-logloss:1e-05")
    metrics.read("[1]#011train-auc:0.72#011train-logloss:0.5#011validation-auc:nan#011validation-logloss:0.5")
    metrics.read("train-auc:9 is said of no round")
    assert {name: value for name, (value, _) in metrics.found.items()} == {
        "train:auc": 0.72,
        "train:logloss": 0.5,
        "validation:auc": 0.61,
        "validation:logloss": 0.5,
    }


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_line_of_a_log_is_one_line_whatever_it_holds(tmp_path_factory: pytest.TempPathFactory, line: str) -> None:
    path = stream_file(tmp_path_factory.mktemp("state"), "/aws/sagemaker/TrainingJobs", "job/algo-1")
    log = Log(path)
    written = log.write(line)
    log.close()
    text = path.read_bytes().decode()
    assert re.fullmatch(r"\d{13} [^\n]*\n", text)
    assert text[14:-1] == written


def test_control_characters_are_written_in_octal(tmp_path: Path) -> None:
    log = Log(tmp_path / "deep" / "log")
    assert log.write("a\tb\x1b[0m") == "a#011b#033[0m"
    log.close()


def test_a_folder_holds_what_was_written_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    assert folder.read("job.json") is None
    assert folder.process("worker.json") is None
    assert folder.transitions() == ()
    folder.write("job.json", {"secret": "x"})
    folder.write("job.json", {"secret": "y"})
    assert folder.read("job.json") == {"secret": "y"}
    assert tmp_path.joinpath("job.json").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["job.json"]
    folder.enter("Training", "in progress")
    folder.enter("Completed", "")
    assert [(step.status, step.message) for step in folder.transitions()] == [
        ("Training", "in progress"),
        ("Completed", ""),
    ]

"""What every job image shares: the container's folders, its log, and how a failure leaves it."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest
from specimen_jobs.container import FAILURE_LIMIT, Container, JobError, emit, log, read_json, run


def test_the_base_folder_moves_the_whole_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    container = Container.from_environment()
    assert container.channel("train") == tmp_path / "input/data/train"
    assert container.config("hyperparameters") == tmp_path / "input/config/hyperparameters.json"
    assert container.processing("input", "data") == tmp_path / "processing/input/data"
    assert container.model == tmp_path / "model"


def test_without_a_base_folder_the_tree_is_sagemakers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAGEMAKER_BASE_DIR", raising=False)
    assert str(Container.from_environment().failure) == "/opt/ml/output/failure"
    assert str(Container.from_environment().message) == "/opt/ml/output/message"


def test_a_job_that_ends_well_leaves_no_failure(tmp_path: Path) -> None:
    assert run(lambda: None, tmp_path / "output/failure") == 0
    assert not (tmp_path / "output").exists()


def test_a_job_error_is_logged_and_left_as_the_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def job() -> None:
        raise JobError("the data is " + "very " * 500 + "bad")

    assert run(job, tmp_path / "output/failure") == 1
    assert len((tmp_path / "output/failure").read_text()) == FAILURE_LIMIT
    assert ":ERROR] the data is very" in capsys.readouterr().out


@pytest.mark.parametrize("room", [True, False])
def test_a_full_disk_is_said_where_there_is_room_to_say_it(
    room: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failure = tmp_path / "output" / "failure"
    if not room:
        tmp_path.joinpath("output").touch()

    def fill() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    assert run(fill, failure) == 1
    assert "The instance's disk: No space left on device" in capsys.readouterr().out
    assert failure.exists() is room


def test_anything_else_is_a_bug_and_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        run(lambda: log(str(1 // 0)), tmp_path / "failure")


def test_log_lines_carry_time_and_level_and_bare_lines_do_not(capsys: pytest.CaptureFixture[str]) -> None:
    log("one")
    log("two", "WARNING")
    emit("three")
    one, two, three = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"\[\d{4}-\d\d-\d\d:\d\d:\d\d:\d\d:INFO\] one", one)
    assert two.endswith(":WARNING] two")
    assert three == "three"


def test_configuration_is_an_object_or_an_error(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    assert read_json(path, default={"a": 1}) == {"a": 1}
    with pytest.raises(JobError, match=r"some\.json is missing"):
        read_json(path)
    path.write_text('{"a": 2}')
    assert read_json(path, default={}) == {"a": 2}
    path.write_text("[]")
    with pytest.raises(JobError, match="must hold a JSON object, not list"):
        read_json(path)
    path.write_bytes(b"\xff")
    with pytest.raises(JobError, match="cannot be read"):
        read_json(path)


@pytest.mark.parametrize(
    ("base", "path", "place"),
    [
        ("/opt/ml", "/opt/ml/output/tensors", "/opt/ml/output/tensors"),
        ("/state/ml", "/opt/ml/checkpoints/debug-output", "/state/ml/checkpoints/debug-output"),
        ("/state/ml", "/state/ml/output/tensors", "/state/ml/output/tensors"),
        ("/opt/ml/state/ml", "/opt/ml/state/ml/output", "/opt/ml/state/ml/output"),
        ("/state/ml", "/opt/mlx/output", "/opt/mlx/output"),
    ],
)
def test_a_path_of_the_container_moves_with_its_tree(base: str, path: str, place: str) -> None:
    assert Container(Path(base)).local(path) == Path(place)

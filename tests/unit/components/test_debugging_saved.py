"""The tensors that `debug` reads from S3."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from specimen_components.clients import Aws
from specimen_components.command import Call
from specimen_components.debugging.saved import courses
from specimen_components.debugging.series import series
from specimen_components.environment import Environment
from specimen_components.interface import PREPARE
from specimen_components.problems import Refused
from specimen_components.records import Recorder
from specimen_components.waiting import LOCALLY
from specimen_tensors.files import Folder
from specimen_tensors.trial import Trial

from tests.fakes import Buckets
from tests.saved_tensors import save

URI = "s3://b/debugger/job/debug-output"


class Failing(Buckets):
    """S3 whose next answers are these errors."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__()
        self.errors = list(errors)

    def get_object(self, **asked: Any) -> dict[str, Any]:
        if self.errors:
            raise self.errors.pop(0)
        return super().get_object(**asked)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save(tmp_path)


@pytest.fixture
def ask(folder: Path, clock: Any) -> Callable[[Buckets], Any]:
    """Reads what the folder holds from S3."""

    def asking(buckets: Buckets) -> Any:
        for path in folder.rglob("*"):
            if path.is_file():
                buckets.put(f"{URI}/{path.relative_to(folder).as_posix()}", path.read_bytes())
        aws = Aws(Environment("eu-west-1", None, local=True), lambda _: buckets)
        recorder = Recorder(aws, "s3://b/runs/r-1/debug.json", "debug", "r-1")
        return courses(Call(PREPARE, "r-1", {}, aws, recorder, clock, LOCALLY), URI, ["age", "sex", "pay"])

    return asking


def test_they_are_what_the_folder_holds(ask: Callable[[Buckets], Any], folder: Path) -> None:
    assert ask(Buckets()) == series(Trial(Folder(folder)), ["age", "sex", "pay"])


def test_damaged_tensors_are_said_and_passed_over(
    ask: Callable[[Buckets], Any], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    next(folder.rglob("*5_worker_0.json")).write_bytes(b"{")
    assert ask(Buckets()) is None
    said = capsys.readouterr().out
    assert said.startswith("the saved tensors cannot be drawn: index/000000000/000000000005_worker_0.json is no index")


def refused(code: str, status: int) -> Exception:
    from botocore.exceptions import ClientError

    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetObject")


def test_an_answer_that_does_not_come_is_asked_for_again(ask: Callable[[Buckets], Any], folder: Path) -> None:
    assert ask(Failing(refused("SlowDown", 503))) is not None
    with pytest.raises(Refused, match="AccessDenied"):
        ask(Failing(refused("AccessDenied", 403)))

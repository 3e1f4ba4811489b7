"""A run keeps its embedded SageMaker up."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from specimen.emulator.control import Server
from specimen.emulator.jobs.processes import Process
from specimen.errors import UsageError
from specimen.running import server


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state folder whose server is stopped at the end."""
    yield tmp_path
    server.stop(tmp_path)


def test_a_killed_server_is_started_again_where_it_was_and_that_is_said(state: Path) -> None:
    said: list[str] = []
    with server.kept_up(state, said.append) as first:
        os.kill(first.pid, signal.SIGKILL)
        assert Process(first.pid, first.started).wait(10)
        second = _next(state, first.pid)
    assert second.endpoint == first.endpoint
    assert second.access_key == first.access_key
    assert said == ["the embedded SageMaker has ended; starting it again"]


def test_one_that_cannot_be_started_is_the_callers_error(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.touch()
    with pytest.raises(UsageError, match="cannot use the state folder"), server.kept_up(state, print):
        pytest.fail("there is no server")


def _next(state: Path, pid: int) -> Server:
    limit = time.monotonic() + 60
    while (found := server.status(state)) is None or found.pid == pid:
        assert time.monotonic() < limit, "no other server came up"
    return found

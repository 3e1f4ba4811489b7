"""Fixtures for every test: the embedded SageMaker, and data that may stand beside the checkout."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from specimen.emulator.control import Server

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure() -> None:
    """Let signals do what they do at a terminal: a shell starts what runs in its background with Ctrl-C ignored.

    Whatever tests start would inherit that, and never end by it.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for ending in (signal.SIGQUIT, signal.SIGHUP):
        signal.signal(ending, signal.SIG_DFL)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Server]":
    """An embedded SageMaker that all tests of a session share; they keep apart by the names they give."""
    from specimen.emulator import control

    state = tmp_path_factory.mktemp("emulator")
    server = control.start(state)
    yield server
    control.stop(state)


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Finds a file under ``../shared`` beside the checkout, and skips the test where it is absent."""

    def find(name: str) -> Path:
        path = ROOT.parent / "shared" / name
        if not path.exists():
            pytest.skip(f"needs ../shared/{name}")
        return path

    return find


@pytest.fixture(scope="session")
def oracle() -> Callable[[str], Path]:
    """Finds the Python of an environment with AWS's own software, and skips the test where it has not been built."""

    def find(name: str) -> Path:
        folder = ROOT / ".oracles" / name
        if not (folder / "requirements").exists():  # written last by the build
            pytest.skip(f"needs AWS's own software: tests/oracles/build {name}")
        return folder / "bin/python"

    return find

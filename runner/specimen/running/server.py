"""The embedded SageMaker, as the rest of the runner sees it: its errors become ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from specimen.emulator import control
from specimen.emulator.control import Server
from specimen.emulator.errors import EmulatorError
from specimen.errors import UsageError


def start(state: Path, port: int | None = None) -> Server:
    """Start the server unless it is up.

    Raises:
        UsageError: a port in use, a state folder that cannot be used, or a server that did not come up.
    """
    with _ours():
        return control.start(state, port)


def stop(state: Path) -> bool:
    """Stop the server; whether there was one."""
    with _ours():
        return control.stop(state)


def status(state: Path) -> Server | None:
    """The server that runs on this state folder, if one does."""
    with _ours():
        return control.status(state)


@contextmanager
def _ours() -> Iterator[None]:
    try:
        yield
    except EmulatorError as error:
        raise UsageError(str(error), hint=error.hint) from error

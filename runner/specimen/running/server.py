"""The embedded SageMaker, as the rest of the runner sees it: its errors become ours."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from specimen.emulator import control, interruption
from specimen.emulator.control import Server
from specimen.emulator.errors import EmulatorError
from specimen.errors import UsageError

KEPT = "aws"  # the server's folder in a state folder
LOOK_SECONDS = 0.2  # between two looks at the server's process


def start(state: Path, port: int | None = None) -> Server:
    """Start the server unless it is up.

    Raises:
        UsageError: a port in use, a state folder that cannot be used, or a server that did not come up.
    """
    with _ours():
        return control.start(state, port)


def kept(state: Path) -> Mapping[str, str]:
    """Give the environment of the server that has kept something here, which is started unless it is up.

    Raises:
        UsageError: there never was one, or as `start` does.
    """
    if not (state / KEPT).is_dir():
        raise UsageError(
            f"no embedded SageMaker has kept anything in {state}",
            hint="--state names another folder, and --aws asks AWS with your own credentials",
        )
    return start(state).environment()


@contextmanager
def kept_up(state: Path, say: Callable[[str], None]) -> Iterator[Server]:
    """Start the server unless it is up, and start it anew, and say so, should it end within the block.

    Jobs outlive the server and its store survives, so that who waits for an answer gets it from the next one.

    Raises:
        UsageError: as `start` does, at first; later that is said, and whoever needs the server fails.
    """
    found = start(state)
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(state, say, over), name="server", daemon=True)
    watch.start()
    try:
        yield found
    finally:
        over.set()
        watch.join()


def _watch(state: Path, say: Callable[[str], None], over: threading.Event) -> None:
    while not over.wait(LOOK_SECONDS):
        try:
            if status(state) is None:
                say("the embedded SageMaker has ended; starting it again")
                start(state)
        except UsageError as error:
            say(f"the embedded SageMaker cannot be started again: {error}")
            return


def stop(state: Path) -> bool:
    """Stop the server; whether there was one."""
    with _ours():
        return control.stop(state)


def interrupt(state: Path, job: str) -> None:
    """Take the spot instances of a training job away.

    Raises:
        UsageError: there is no such training job, it does not use spot instances, or it does not run.
    """
    with _ours():
        interruption.interrupt(state, job)


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

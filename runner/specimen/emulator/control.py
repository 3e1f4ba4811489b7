"""Starts and stops a server process, and finds one that runs.

A state folder has one server at most: the server holds a lock on it for as long as it lives, and whoever starts one
holds another until it is ready, so that two starts at once give one server.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from specimen.emulator.errors import EmulatorError, PortInUse, StartFailed, StateUnusable
from specimen.emulator.jobs.processes import Process

READY_SECONDS = 60.0
STOP_SECONDS = 30.0
_PAUSE = 0.02
PRIVATE = 0o077  # the umask of whatever writes to a state folder: it holds keys and people's data
EXIT_CODES: dict[int, type[EmulatorError]] = {3: PortInUse, 4: StateUnusable}


@dataclass(frozen=True)
class Server:
    """A running server: the content of server.json. `started` tells its process from a later one of the same pid."""

    pid: int
    started: str
    port: int
    endpoint: str
    region: str
    account: str
    access_key: str
    secret_key: str

    def environment(self) -> dict[str, str]:
        """Return the variables by which AWS's SDKs and command line find this server."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def alive(self) -> bool:
        """Tell whether its process still runs."""
        return Process(self.pid, self.started).alive()


def start(state: Path, port: int | None = None) -> Server:
    """Return the server of a state folder, started if it does not run; on `port`, or any that is free.

    Raises `PortInUse` (also if the server runs on another port), `StateUnusable` or `StartFailed`.
    """
    state = state.absolute()
    with _starting(state):
        running = status(state)
        if running is None:
            return _launch(state, port)
    if port not in (None, running.port):
        raise PortInUse(
            f"the server of {state} runs on port {running.port} already", hint="stop it first to change its port"
        )
    return running


def status(state: Path) -> Server | None:
    """Return the server of a state folder if it runs; what a dead one left behind counts for nothing."""
    server = recorded(state)
    return server if server is not None and server.alive() else None


def stop(state: Path) -> bool:
    """End the server of a state folder and wait until it has; tell whether one ran. Jobs go on."""
    server = status(state)
    if server is None:
        return False
    process = Process(server.pid, server.started)
    process.signal(signal.SIGTERM)
    if not _wait(process, STOP_SECONDS):
        process.signal(signal.SIGKILL)
        _wait(process, STOP_SECONDS)
    return True


def recorded(state: Path) -> Server | None:
    """Read server.json, whether its process runs or not."""
    try:
        return Server(**json.loads((state / "server.json").read_bytes()))
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return None
    except OSError as problem:
        raise _unusable(state, problem) from problem


def record(state: Path, server: Server) -> None:
    """Write server.json aside and rename it into place, for its owner's eyes only: it holds keys."""
    aside = state / f".server.{os.getpid()}.json"
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(server), file, indent=2)
    aside.rename(state / "server.json")


def hold(state: Path) -> IO[bytes]:
    """Take the lock that the server of a state folder holds while it lives; `StartFailed` if another one has it."""
    file = _open_lock(state, "server.lock")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StartFailed(
            f"another server has the state folder {state}", hint="use that one, or another state folder"
        ) from None
    return file


def _open_lock(state: Path, name: str) -> IO[bytes]:
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        (state / "aws").mkdir(mode=0o700, exist_ok=True)
        (state / "aws").chmod(0o700)  # if it was there already, and open to others
        return open(state / "aws" / name, "ab", opener=_private)
    except OSError as problem:
        raise _unusable(state, problem) from problem


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _unusable(state: Path, problem: OSError) -> StateUnusable:
    return StateUnusable(
        f"cannot use the state folder {state}: {problem.strerror or problem}",
        hint="choose a folder that can be written with --state",
    )


@contextlib.contextmanager
def _starting(state: Path) -> Iterator[None]:
    with _open_lock(state, "start.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _launch(state: Path, port: int | None) -> Server:
    log = state / "aws" / "server.log"
    command = [sys.executable, "-P", "-m", "specimen.emulator", "--state", str(state)]
    command += [] if port is None else ["--port", str(port)]
    with open(log, "ab", opener=_private) as output:
        before = output.tell()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=state, start_new_session=True
        )
    limit = time.monotonic() + READY_SECONDS
    while time.monotonic() < limit:
        server = recorded(state)
        if server is not None and server.pid == process.pid:
            process.returncode = 0  # it is meant to outlive us: nothing is to be waited for
            return server
        code = process.poll()
        if code is not None:
            raise _failure(log, before, code)
        time.sleep(_PAUSE)
    process.kill()
    process.wait()
    raise StartFailed(f"the server was not ready after {READY_SECONDS:.0f} s", hint=f"look into {log}")


def _failure(log: Path, before: int, code: int) -> EmulatorError:
    """Form the error of a server that ended at once, from its exit code and the line that it printed last."""
    with log.open("rb") as file:
        file.seek(before)
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    said = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    hints = [line.removeprefix("hint: ") for line in lines if line.startswith("hint: ")]
    text = said[-1] if said else f"the server ended with exit code {code}: {lines[-1] if lines else 'no output'}"
    return EXIT_CODES.get(code, StartFailed)(text, hint=hints[-1] if hints else f"look into {log}")


def _wait(process: Process, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while process.alive():
        if time.monotonic() > limit:
            return False
        time.sleep(_PAUSE)
    return True

"""The owner's side: a template started, processes asked of it, and their ends.

For each process the owner makes a pair of sockets, its channel, and hands one end to the template together with the
process's output. The child reads its call from the channel and answers with its pid, or the system's error; when it
has ended the template adds its status.
"""

import contextlib
import errno
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import TracebackType
from typing import overload

from specimen.warm import forking

LONGEST_ARGUMENT = 128 * 1024  # bytes that Linux takes as one argument or variable (MAX_ARG_STRLEN), its end included
LOST = -signal.SIGKILL  # the status of a process whose template was killed, so that nobody was told how it ended
_PAUSE = 0.02  # seconds between two looks at such a process
_THREADS = {  # read when the libraries are loaded
    "OPENBLAS_NUM_THREADS": "1",  # its threads would be there before a fork, and in no child
    # Threads that wait by spinning make processes that share cores wait for each other's spinning.
    "OMP_WAIT_POLICY": "PASSIVE",
}

New = Callable[[socket.socket, socket.socket], int]  # from the template's end and the owner's to the template's pid


@dataclass(frozen=True)
class Call:
    """``python -u -P -m module arguments…``; it leads a session of its own, or at least a process group."""

    module: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    cwd: str | None = None
    umask: int | None = None
    session: bool = True

    def check(self) -> None:
        """Refuse what no process can be started with: ValueError or OSError (E2BIG), as `subprocess` raises them."""
        texts = [self.module, *self.arguments, *(f"{name}={value}" for name, value in self.environment.items())]
        if any("\0" in text for text in texts):
            raise ValueError("embedded null byte")
        if any(not name or "=" in name for name in self.environment):
            raise ValueError("illegal environment variable name")
        if any(len(os.fsencode(text)) >= LONGEST_ARGUMENT for text in texts):
            raise OSError(errno.E2BIG, os.strerror(errno.E2BIG))


class Process:
    """A process that a template has started; wait for it from one thread at a time."""

    def __init__(self, pid: int, channel: socket.socket, said: bytes) -> None:
        self.pid = pid
        self._channel: socket.socket | None = channel  # None once there is nothing more to be heard
        self._said = said  # of the line with the status, so far
        self._code: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Give its exit code (negative: the signal that ended it), or None while it runs."""
        return self.wait(0)

    @overload
    def wait(self) -> int: ...
    @overload
    def wait(self, seconds: float) -> int | None: ...
    def wait(self, seconds: float | None = None) -> int | None:
        """Give its exit code as soon as it has ended; None when it has not within so many seconds."""
        limit = None if seconds is None else time.monotonic() + seconds
        with self._lock:
            while self._code is None:
                left = None if limit is None else max(0.0, limit - time.monotonic())
                if not self._heard(left):
                    break
            return self._code

    def terminate(self) -> None:
        """Ask it to end (SIGTERM), unless it has ended."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _heard(self, seconds: float | None) -> bool:
        """Listen for so long; tell whether there was news."""
        if self._channel is None:
            return self._vanished(seconds)
        if not select.select([self._channel], [], [], seconds)[0]:
            return False
        heard = b""
        with contextlib.suppress(ConnectionResetError):
            heard = self._channel.recv(4096)
        self._said += heard
        if self._said.endswith(b"\n"):
            self._code = int(json.loads(self._said)["status"])
        if not heard or self._code is not None:
            self._channel.close()
            self._channel = None
        return True

    def _vanished(self, seconds: float | None) -> bool:
        """Look whether it has ended although nobody tells: its template is gone."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            self._code = LOST
            return True
        pause = _PAUSE if seconds is None else min(_PAUSE, seconds)
        time.sleep(pause)
        return pause > 0


class Template:
    """A template process, started when it is first needed, and again should it die.

    `preload` names what it imports, in that order: modules, or ``module:function``, which is then called.
    """

    def __init__(self, preload: Sequence[str] = (), environment: Mapping[str, str] | None = None) -> None:
        surroundings = os.environ if environment is None else environment
        self._new: New = lambda control, _: _start(control, preload, surroundings)
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._pid = 0

    @classmethod
    def here(cls) -> "Template":
        """Fork this process itself into a template; it must have one thread, and shows as it is to every child."""
        template = cls()
        template._new = _fork
        template.warm()
        return template

    def warm(self) -> None:
        """Start the template, unless it runs."""
        with self._lock:
            self._started()

    def start(self, call: Call, output: int) -> Process:
        """Start a process whose standard output and error go to a descriptor; it reads from /dev/null.

        Raises:
            OSError: as the system refuses it, or the template is killed meanwhile.
            ValueError: a NUL byte in an argument or a variable.
        """
        call.check()
        channel, theirs = socket.socketpair()
        try:
            with theirs:
                self._hand_over(theirs, output)
            said = _asked(channel, call)
            answer, _, rest = said.partition(b"\n")
            return Process(_pid(answer), channel, rest)
        except BaseException:
            channel.close()
            raise

    def close(self) -> None:
        """End the template; what it has started lives on."""
        with self._lock:
            self._end()

    def __enter__(self) -> "Template":
        self.warm()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _hand_over(self, channel: socket.socket, output: int) -> None:
        with self._lock:
            try:
                socket.send_fds(self._started(), [b"+"], [channel.fileno(), output])
            except (BrokenPipeError, ConnectionResetError):  # it was killed
                self._end()
                socket.send_fds(self._started(), [b"+"], [channel.fileno(), output])

    def _started(self) -> socket.socket:
        if self._control is None:
            control, theirs = socket.socketpair()
            try:
                with theirs:
                    self._pid = self._new(theirs, control)
            except OSError:
                control.close()
                raise
            self._control = control
        return self._control

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)


def _start(control: socket.socket, preload: Sequence[str], environment: Mapping[str, str]) -> int:
    """Start an interpreter; what its libraries print while they are imported is nobody's output."""
    command = [sys.executable, "-u", "-P", "-m", "specimen.warm.forking", str(control.fileno()), *preload]
    process = subprocess.Popen(
        command,
        env={**environment, **_THREADS},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[control.fileno()],
        start_new_session=True,  # Ctrl-C is not for it
    )
    process.returncode = 0  # `Template` waits for it by its pid
    return process.pid


def _fork(control: socket.socket, owners: socket.socket) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            owners.close()
            forking.serve(control, ())
        finally:
            os._exit(0)
    return pid


def _asked(channel: socket.socket, call: Call) -> bytes:
    """Hand the child its call, and give its answer's line with whatever came after it."""
    told = replace(call, arguments=list(call.arguments), environment=dict(call.environment))
    said = b""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        channel.sendall(json.dumps(asdict(told)).encode())
        channel.shutdown(socket.SHUT_WR)
        while b"\n" not in said and (heard := channel.recv(4096)):
            said += heard
    return said


def _pid(answer: bytes) -> int:
    if not answer:
        raise OSError(errno.ECHILD, "the template that was to start it was killed")
    found: dict[str, int] = json.loads(answer)
    if "errno" in found:
        raise OSError(found["errno"], os.strerror(found["errno"]))
    if "pid" not in found:
        raise OSError(errno.ECHILD, "it was killed before it had begun")
    return found["pid"]

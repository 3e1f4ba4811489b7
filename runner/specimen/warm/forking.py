"""The template's own process: ``python -m specimen.warm.forking DESCRIPTOR [NAME …]``.

One thread, which forks a child for each request, tells of children that have ended, and imports the next of the named
libraries whenever there is nothing else to do. It ends with its owner; its children do not.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterable
from typing import Any

from specimen.warm import child

_HANDED = 2  # descriptors of a request: the channel and the output


def serve(control: socket.socket, preload: Iterable[str]) -> None:
    """Answer requests until the owner's end of `control` is closed."""
    with control, _Children() as children:
        names = iter(preload)
        waiting = False  # for requests alone: all is imported
        while True:
            ready = select.select([control, children.ended], [], [], None if waiting else 0)[0]
            if children.ended in ready:
                children.reap()
            if control in ready:
                _, handed, _, _ = socket.recv_fds(control, 1, _HANDED)
                if not handed:
                    return
                children.fork(control, *handed)
            if not ready:
                waiting = not _imported(next(names, None))


class _Children:
    """The children that live, each with its channel."""

    def __init__(self) -> None:
        self._channels: dict[int, socket.socket] = {}
        self.ended, self._wakeup = socket.socketpair()

    def __enter__(self) -> "_Children":
        for end in (self.ended, self._wakeup):
            end.setblocking(False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakeup.fileno(), warn_on_full_buffer=False)
        gc.disable()  # what is here stays, and no page is to be written without need
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def fork(self, control: socket.socket, channel: int, output: int) -> None:
        """Fork a child that lives by what its channel says."""
        connection = socket.socket(fileno=channel)
        gc.freeze()
        try:
            pid = os.fork()
        except OSError as problem:
            with connection, contextlib.suppress(OSError):
                connection.sendall(_line({"errno": problem.errno}))
            os.close(output)
            return
        if pid == 0:
            signal.set_wakeup_fd(-1)
            control.close()
            self._close()
            child.live(connection, output)
        os.close(output)
        self._channels[pid] = connection

    def reap(self) -> None:
        """Tell of every child that has ended."""
        with contextlib.suppress(BlockingIOError):
            while self.ended.recv(4096):
                pass
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = found
                if (connection := self._channels.pop(pid, None)) is not None:
                    with connection, contextlib.suppress(OSError):  # its owner may be gone
                        connection.sendall(_line({"status": os.waitstatus_to_exitcode(status)}))

    def _close(self) -> None:
        for connection in (self.ended, self._wakeup, *self._channels.values()):
            connection.close()


def _imported(name: str | None) -> bool:
    """Import what is named next; False when there is nothing left."""
    if name is None:
        return False
    module, _, function = name.partition(":")
    try:
        found = importlib.import_module(module)
        if function:
            getattr(found, function)()
    except Exception:  # noqa: S110 - whatever is wrong with a library, the child that needs it says so
        pass
    return True


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer).encode() + b"\n"


if __name__ == "__main__":
    descriptor, *libraries = sys.argv[1:]
    serve(socket.socket(fileno=int(descriptor)), libraries)

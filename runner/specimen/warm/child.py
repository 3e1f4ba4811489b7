"""What a fork becomes: a process as if an interpreter had been started for it."""

import atexit
import contextlib
import gc
import importlib
import json
import os
import random
import runpy
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

_CANNOT_START = 127


def live(channel: socket.socket, output: int) -> NoReturn:
    """Read the call, become what it says, run its module, and exit."""
    code = _CANNOT_START
    try:
        call = _read(channel)
        try:
            _settle(call, output)
        except OSError as problem:
            channel.sendall(json.dumps({"errno": problem.errno}).encode() + b"\n")
            os._exit(code)
        channel.sendall(json.dumps({"pid": os.getpid()}).encode() + b"\n")
        channel.close()
        code = _run(call["module"], call["arguments"])
        code = _left(code)
    finally:
        os._exit(code)


def _read(channel: socket.socket) -> dict[str, Any]:
    told = b""
    while heard := channel.recv(1 << 16):
        told += heard
    call: dict[str, Any] = json.loads(told)
    return call


def _settle(call: dict[str, Any], output: int) -> None:
    """Take over session, signals, output, folder and environment."""
    if call["session"]:
        os.setsid()
    else:
        os.setpgid(0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.close(output)
    if call["cwd"] is not None:
        os.chdir(call["cwd"])
    if call["umask"] is not None:
        os.umask(call["umask"])
    os.environ.clear()
    os.environ.update(call["environment"])
    with contextlib.suppress(OSError):  # what `ps` and `top` show, on Linux
        Path("/proc/self/comm").write_text(call["module"].rpartition(".")[2])


def _run(module: str, arguments: list[str]) -> int:
    """Run the module as ``python -m`` does, and give the exit code."""
    _begin_anew()
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as leaving:
        if leaving.code is None or isinstance(leaving.code, int):
            return leaving.code or 0
        sys.stderr.write(f"{leaving.code}\n")
        return 1
    except BaseException:  # an interpreter's own end: the traceback, and 1
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def _begin_anew() -> None:
    """Share neither random numbers nor what is known of the disk with the other children."""
    gc.enable()
    importlib.invalidate_caches()
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()


def _left(code: int) -> int:
    """End as an interpreter does: threads are waited for, exit functions called, output is flushed."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]  # as multiprocessing's children call it
        atexit._run_exitfuncs()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    return code & 0xFF

"""Which processes there are: behind a connection, and of a scene."""

import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_LOCAL, _INODE = 1, 9  # fields of a line of /proc/net/tcp
_PARENT = 1  # field of /proc/<pid>/stat after the command's closing bracket


def behind(port: int) -> frozenset[int]:
    """Return the processes that hold the loopback connection from this local port."""
    socket = f"socket:[{_inode(port)}]"
    return frozenset(pid for pid in _pids() if socket in _descriptors(pid))


def of_scene(mark: str) -> dict[int, str]:
    """Return the command line of every process that was started, however indirectly, with a mark in its environment."""
    return {pid: _command(pid) for pid in _pids() if mark.encode() in _read(pid, "environ").split(b"\0")}


def parent(pid: int) -> int:
    """Return the parent of a process; 0 if it has ended."""
    fields = _read(pid, "stat").decode(errors="replace").rpartition(")")[2].split()
    return int(fields[_PARENT]) if fields else 0


def limit_files(pid: int, size: int) -> None:
    """Let no file of a process grow beyond `size` bytes: every write past it fails, as on a full disk."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


def unlimit_files(pid: int) -> None:
    """Give the room back."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def _inode(port: int) -> str:
    lines = [line.split() for line in _PROC.joinpath("net/tcp").read_text().splitlines()[1:]]
    local = f":{port:04X}"
    return next((line[_INODE] for line in lines if line[_LOCAL].endswith(local) and line[_INODE] != "0"), "none")


def _pids() -> Iterator[int]:
    return (int(path.name) for path in _PROC.iterdir() if path.name.isdigit())


def _descriptors(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):  # it has ended, or the descriptor was closed
        for entry in _PROC.joinpath(str(pid), "fd").iterdir():
            found.add(str(entry.readlink()))
    return found


def _command(pid: int) -> str:
    """Return what it was started with, and the name that a fork has given itself."""
    told = _read(pid, "comm").strip() + b": " + _read(pid, "cmdline").replace(b"\0", b" ")
    return told.decode(errors="replace").strip()


def _read(pid: int, name: str) -> bytes:
    try:
        return _PROC.joinpath(str(pid), name).read_bytes()
    except OSError:
        return b""

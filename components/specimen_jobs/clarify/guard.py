"""Watches over a shadow endpoint from a process that outlives the job's own; see `cleanup`, which it runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

DELETED: Final = b"deleted\n"


@contextmanager
def guarded(name: str) -> Iterator[Callable[[], None]]:
    """Have the endpoint of this name deleted, whatever becomes of this process; give what says that it has been."""
    command = [sys.executable, "-P", "-m", "specimen_jobs.clarify.cleanup", name]
    nothing = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=nothing, stderr=nothing, start_new_session=True
    ) as guard:
        yield lambda: _say(guard)


def _say(guard: subprocess.Popen[bytes]) -> None:
    guard.communicate(DELETED)

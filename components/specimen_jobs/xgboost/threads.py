"""How many threads this host has; several hosts on one machine are told to share its cores."""

from __future__ import annotations

import os


def told() -> int | None:
    """Return how many threads the host was told to use, by OpenMP's own variable; None if it was not.

    A process that was forked with the libraries in it has OpenMP from before, which has not seen the variable.
    """
    number = os.environ.get("OMP_NUM_THREADS", "")
    return int(number) if number.isdecimal() and int(number) else None


def own() -> int:
    """Return how many threads the host uses: all cores, unless it was told."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return told() or cores

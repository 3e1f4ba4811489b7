"""How the process keeps memory that it has freed."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import Final

_TRIM_THRESHOLD: Final = -1  # names of mallopt(3)
_MMAP_THRESHOLD: Final = -3
_ARRAY: Final = 32 * 1024 * 1024  # bytes; glibc takes no more
_FREE: Final = 256 * 1024 * 1024


def keep_freed() -> None:
    """Let glibc keep what is freed instead of giving it back each time.

    Parsing makes and drops arrays of some 100 kB all the time, and taking their pages anew costs more than the rest:
    MNIST's libsvm is read in 0.4 instead of 1.2 s.
    """
    with suppress(OSError, AttributeError):  # another C library, which does as it likes
        c = ctypes.CDLL(None)
        c.mallopt(_MMAP_THRESHOLD, _ARRAY)
        c.mallopt(_TRIM_THRESHOLD, _FREE)

"""What the machine's own disk refuses: that is no bug, and says itself what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from specimen_components.problems import Failure

_REFUSALS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


@contextmanager
def translated() -> Iterator[None]:
    """Turn a disk that is full, read-only or broken into `Failure`; any other `OSError` passes."""
    try:
        yield
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        place = f" ({error.filename})" if error.filename else ""
        raise Failure(
            f"the disk of the machine that runs this step: {error.strerror}{place}",
            hint="Make room there (TMPDIR names another folder for what is passing), and run again.",
        ) from error

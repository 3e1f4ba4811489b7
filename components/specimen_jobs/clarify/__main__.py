"""`python -m specimen_jobs.clarify`; on SIGTERM the shadow endpoint is deleted first, and the exit code is 143."""

import os
import signal
import sys
from types import FrameType

from specimen_jobs.clarify.job import main
from specimen_jobs.container import log


def _stop(number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not interrupt the clean-up
    log("Stopped by SIGTERM", "WARNING")
    sys.exit(128 + number)


os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads hold up the other jobs of a shared machine
signal.signal(signal.SIGTERM, _stop)
sys.exit(main())

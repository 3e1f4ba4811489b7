"""`python -m specimen_jobs.debugger`; on SIGTERM it ends at once, with exit code 143."""

import signal
import sys
from types import FrameType

from specimen_jobs.container import log
from specimen_jobs.debugger.job import main


def _stop(number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    log("Stopped by SIGTERM", "WARNING")
    sys.exit(128 + number)


signal.signal(signal.SIGTERM, _stop)
sys.exit(main())

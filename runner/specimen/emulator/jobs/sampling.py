"""System metrics of a training job while its container runs, in the files of SageMaker's profiler.

``system/incremental/<hour>/<minute>.<host>.json`` holds a line for each figure of one minute (epoch seconds); it is
stored when its minute is over, or the container.
"""

import json
import threading
import time
from collections.abc import Callable

from specimen.emulator.jobs import usage
from specimen.emulator.jobs.job import JobFailed

FIRST = 0.1  # seconds until the first look, so that a job that is over soon has one
GATHERED = 5.0  # seconds for which the processes of a container are taken for the same
MINUTE = 60  # seconds

Store = Callable[[str, bytes], None]  # takes a file by its path below the profiler's output; may raise `JobFailed`


class Sampler:
    """Looks at a container every `interval` seconds, in a thread of its own, from its beginning to its end.

    `group` is the container's process group, and `store` keeps what was found; `lines` are those of this minute so far.
    """

    def __init__(self, group: int, interval: float, store: Store, host: str) -> None:
        self._group = group
        self._host = host
        self._interval = interval
        self._store = store
        self.lines: list[str] = []
        self._minute = 0
        self._problem: JobFailed | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> None:
        if usage.known():
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        """Store what there is of the last minute; `JobFailed` if any could not be stored."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._keep()
        if self._problem is not None:
            raise self._problem

    def _sample(self) -> None:
        total, gathered = usage.memory(), time.monotonic()
        pids = usage.members(self._group)
        before = usage.snapshot(pids)
        due = gathered + min(FIRST, self._interval)
        while self._problem is None and not self._over.wait(due - time.monotonic()):
            if time.monotonic() > gathered + GATHERED:
                pids, gathered = usage.members(self._group), time.monotonic()
            after = usage.snapshot(pids)
            if not after.ran:  # it has ended
                return
            self._note(after.time, usage.metrics(before, after, total))
            before = after
            due = max(due + self._interval, time.monotonic())

    def _note(self, when: float, metrics: list[usage.Metric]) -> None:
        minute = int(when // MINUTE * MINUTE)
        if minute != self._minute:
            self._keep()
            self._minute = minute
        self.lines += [_line(metric, when, self._host) for metric in metrics]

    def _keep(self) -> None:
        if self.lines:
            hour = time.strftime("%Y%m%d%H", time.gmtime(self._minute))
            path = f"system/incremental/{hour}/{self._minute}.{self._host}.json"
            try:
                self._store(path, "".join(self.lines).encode())
            except JobFailed as failed:
                self._problem = failed
            self.lines = []


def _line(metric: usage.Metric, when: float, host: str) -> str:
    told = {
        "Type": metric.type,
        "Name": metric.name,
        "Dimension": metric.dimension,
        "Value": round(metric.value, 2),
        "NodeId": host,
        "Timestamp": when,
    }
    return json.dumps(told, separators=(",", ":")) + "\n"

"""Waiting: how often to ask, how long to go on, and what an outage may last."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from specimen_components.problems import Unreachable
from specimen_components.progress import say

Answer = TypeVar("Answer")


class Clock:
    """The time, and the passing of it; tests put their own in its place."""

    def now(self) -> float:
        """Give seconds that only grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let the seconds pass."""
        time.sleep(seconds)


@dataclass(frozen=True)
class Pace:
    """Seconds: the first pause between two questions, the longest, the outage to bear, and the wait for late news."""

    first: float
    longest: float
    outage: float
    late: float
    margin: float  # beyond a job's own limit: provisioning, downloading, uploading

    def pauses(self) -> Iterator[float]:
        """Give the pauses one after the other, each half as long again as the last."""
        pause = self.first
        while True:
            yield pause
            pause = min(pause * 1.5, self.longest)


ON_AWS = Pace(first=3.0, longest=30.0, outage=900.0, late=120.0, margin=3600.0)
LOCALLY = Pace(first=0.05, longest=0.5, outage=30.0, late=20.0, margin=600.0)


def patiently(clock: Clock, pace: Pace, ask: Callable[[], Answer]) -> Answer:
    """Ask until an answer comes; an outage is said once, and one longer than the pace bears raises `Unreachable`."""
    began = clock.now()
    pauses = pace.pauses()
    said = False
    while True:
        try:
            return ask()
        except Unreachable as outage:
            if clock.now() - began > pace.outage:
                raise
            if not said:
                say(f"{outage}; asking again for up to {pace.outage:.0f} s")
                said = True
            clock.sleep(next(pauses))


def until(clock: Clock, pace: Pace, ask: Callable[[], Answer | None]) -> Answer | None:
    """Ask until the answer is something; None when nothing has come after the pace's wait for late news."""
    began = clock.now()
    pauses = pace.pauses()
    while (answer := patiently(clock, pace, ask)) is None and clock.now() - began <= pace.late:
        clock.sleep(next(pauses))
    return answer

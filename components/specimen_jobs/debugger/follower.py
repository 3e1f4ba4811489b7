"""Follows the tensors of a training job: each whole step once, in order, until the training has ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from specimen_jobs.container import JobError

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0
ASKED_AFTER: Final = 10.0  # seconds without news, before SageMaker is asked whether the training still runs
ASKED_EVERY: Final = 30.0
PATIENCE: Final = 24 * 3600.0  # the default limit of a training job's time


class Followed(Protocol):
    """What is written meanwhile: a trial, or a profile."""

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""

    def refresh(self) -> None:
        """Look for what is new."""

    def steps(self) -> Sequence[int]:
        """Return the whole steps so far, in order."""


@dataclass(frozen=True)
class Step:
    """A step whose tensors are all there."""

    number: int


@dataclass(frozen=True)
class Idle:
    """There is no news, for so many seconds by now."""

    seconds: float


@dataclass
class Follower:
    """A trial that is written meanwhile.

    `over` asks SageMaker whether the training job has ended, for one that was killed before it could say so among its
    tensors; it is asked seldom.
    """

    trial: Followed
    over: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _seen: set[int] = field(default_factory=set, init=False)

    def news(self) -> Iterator[Step | Idle]:
        """Give each step as it becomes whole, and between them how long there was none.

        Raises:
            JobError: there was no news for a day, and nothing that said that the training has ended.
        """
        yield from self._fresh()
        since, asked, pause = self.clock(), 0.0, FIRST_PAUSE
        while not self.trial.ended:
            idle = self.clock() - since
            yield Idle(idle)
            if idle >= PATIENCE:
                raise JobError(f"There were no new tensors for {PATIENCE / 3600:g} hours, and no end of the training")
            if idle >= ASKED_AFTER + asked:
                if self.over():
                    break
                asked += ASKED_EVERY
            self.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            before = len(self._seen)
            yield from self._fresh()
            if len(self._seen) > before:
                since, asked, pause = self.clock(), 0.0, FIRST_PAUSE
        yield from self._fresh()  # what was written between the last look and the end

    def _fresh(self) -> Iterator[Step]:
        self.trial.refresh()
        for number in sorted(set(self.trial.steps()) - self._seen):
            self._seen.add(number)
            yield Step(number)

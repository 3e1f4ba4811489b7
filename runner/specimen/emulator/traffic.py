"""The requests that are on their way to the containers of endpoints, and the connections that are kept for them.

All of it lives in the server's memory: a server that starts anew knows of no requests, and opens new connections.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from specimen.emulator.capture import Capture
from specimen.emulator.jobs.serving import Client
from specimen.emulator.objects import Objects


class Retired(Exception):
    """A worker does not serve any more: another one has taken its place."""


class TooMany(Exception):
    """A worker has as many requests at a time as it takes."""


@dataclass
class Lane:
    """The way to one worker: its kept connections, how many requests are under way, and how it ends after them."""

    idle: list[Client] = field(default_factory=list)
    busy: int = 0
    end: Callable[[], None] | None = None

    def kept(self) -> Client | None:
        """Take a kept connection that the container has not closed; None if there is none."""
        while True:
            try:
                client = self.idle.pop()
            except IndexError:
                return None
            if not client.stale():
                return client
            client.close()

    def close(self) -> None:
        """Close all kept connections."""
        while self.idle:
            self.idle.pop().close()


class Traffic:
    """The lanes of a server's workers, by the workers' names, which are never given twice, and what is captured."""

    def __init__(self, objects: Objects) -> None:
        self.capture = Capture(objects)
        self._lanes: dict[str, Lane] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def under_way(self, worker: str, most: int | None = None) -> Iterator[Lane]:
        """Count a request as under way to a worker, which does not end meanwhile.

        Raises `Retired`, or `TooMany` if `most` are under way already.
        """
        lane = self._enter(worker, most)
        try:
            yield lane
        finally:
            self._leave(worker, lane)

    def retire(self, worker: str, end: Callable[[], None]) -> None:
        """Send nothing more to a worker, and end it when the last request is back."""
        with self._lock:
            lane = self._lanes.setdefault(worker, Lane())
            lane.end = end
            waiting = lane.busy > 0
        if not waiting:
            self._end(worker, lane, end)

    def close(self) -> None:
        """Close the kept connections, and write down what was captured."""
        self.capture.close()
        with self._lock:
            for lane in self._lanes.values():
                lane.close()

    def _enter(self, worker: str, most: int | None) -> Lane:
        with self._lock:
            lane = self._lanes.setdefault(worker, Lane())
            if lane.end is not None:
                raise Retired
            if most is not None and lane.busy >= most:
                raise TooMany
            lane.busy += 1
            return lane

    def _leave(self, worker: str, lane: Lane) -> None:
        with self._lock:
            lane.busy -= 1
            end = lane.end if lane.busy == 0 else None
        if end is not None:
            self._end(worker, lane, end)

    def _end(self, worker: str, lane: Lane, end: Callable[[], None]) -> None:
        lane.close()
        try:
            end()
        finally:
            with self._lock:
                self._lanes.pop(worker, None)

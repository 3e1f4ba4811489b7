"""Work that goes on beside the training: what has to be saved is worked out and written while the next rounds train."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Aside:
    """Does one piece of work at a time, in order, on a thread of its own; the next waits for the one before.

    What a piece raises is raised where the next is given, or by `wait`.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    def do(self, work: Callable[[], None]) -> None:
        """Begin a piece of work, when the one before is done."""
        self.wait()
        self._thread = threading.Thread(target=self._run, args=(work,), name="debugger")
        self._thread.start()

    def wait(self) -> None:
        """Wait until all work is done."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as failure:
            self._failure = failure

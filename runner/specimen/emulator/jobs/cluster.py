"""The containers of a job's instances: they run side by side, and end together when one of them fails."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from specimen.emulator.jobs.instance import TICK, Cause, Container, Instance

PEER_SECONDS = 5.0  # for the others to end by themselves when one has failed


@dataclass(frozen=True)
class Ended:
    """How the containers of some hosts ended: their exit codes, why, and which of them failed first."""

    codes: Mapping[str, int]
    cause: Cause
    failed: str | None

    @property
    def whole(self) -> bool:
        """Tell whether all have done what they were to do."""
        return self.cause is Cause.ITSELF and self.failed is None


def wait(containers: Mapping[str, Container], asked: Callable[[], Cause | None], grace: float) -> Ended:
    """Wait until all have ended, one has failed, or there is a cause to end them, and end those that still run.

    They have `grace` seconds to do so when there is a cause.
    """
    cause, failed = None, None
    while any(container.running for container in containers.values()):
        failed = _failed({host: container.code for host, container in containers.items()})
        cause = asked() if failed is None else None
        if failed is not None or cause is not None:
            break
        time.sleep(TICK)
    end(tuple(containers.values()), PEER_SECONDS if cause is None else grace)
    codes = {host: container.end(0) for host, container in containers.items()}
    if cause is None and failed is None:
        failed = _failed(codes)
    return Ended(codes, cause or Cause.ITSELF, failed)


def end(containers: Sequence[Container], grace: float) -> None:
    """Tell containers to end, all at once, and kill what is left of them after `grace` seconds."""
    limit = time.monotonic() + grace
    for container in containers:
        container.ask()
    for container in containers:
        container.end(max(0.0, limit - time.monotonic()))


def _failed(codes: Mapping[str, int | None]) -> str | None:
    """Return a host whose container has ended with another exit code than 0, of several one that was killed."""
    failed = [host for host, code in codes.items() if code]
    return min(failed, key=lambda host: (codes[host] or 0) > 0, default=None)


def culprit(instances: Mapping[str, Instance], ended: Ended) -> str:
    """Return the host whose failure came first: the others may have failed only because they had lost it.

    One that was killed, for want of memory most of all, cannot have said why; what the others say is not the reason.
    """
    if ended.failed is not None and ended.codes[ended.failed] < 0:
        return ended.failed
    said = {host: instance.base / "output/failure" for host, instance in instances.items() if ended.codes[host]}
    times = {host: path.stat().st_mtime_ns for host, path in said.items() if path.is_file()}
    return min(times, key=times.__getitem__) if times else ended.failed or next(iter(instances))

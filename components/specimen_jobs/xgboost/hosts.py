"""Several hosts that train one model: who they are, how they find each other, and who takes part.

They speak XGBoost's own collective, whose tracker runs on the first of them. On SageMaker a host is found by its name.
Where hosts share a machine and have no names, SPECIMEN_TRACKER is a file in which the tracker's address is left.

Source of the order of events: aws/sagemaker-xgboost-container, distributed.py.
"""

from __future__ import annotations

import os
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from specimen_jobs.container import Container, JobError, log, read_json

RENDEZVOUS: Final = "SPECIMEN_TRACKER"
PORT: Final = 9099  # of the tracker, as in SageMaker's container; the second one's is the next
PATIENCE: Final = 15 * 60  # seconds for a host to be there
SILENCE: Final = 60 * 60  # seconds that hosts wait for one that still reads its data
PAUSE: Final = 5.0  # seconds before a host is looked for again, as SageMaker's container waits
GLANCE: Final = 0.02  # the same for a file
FAREWELL: Final = 5  # seconds in which the tracker sees all hosts off
_ABANDONED: Final[list[object]] = []  # trackers of a process that is about to end

Report = Mapping[str, Any]
Address = tuple[str, int]


@dataclass(frozen=True)
class Hosts:
    """The hosts of a job by name, in their order, and which of them this is."""

    names: tuple[str, ...]
    current: str

    @classmethod
    def of(cls, container: Container) -> Hosts:
        """Read who the hosts are; without a word about it there is one."""
        resources = read_json(container.config("resourceconfig"), default={})
        names = tuple(sorted(resources.get("hosts", []), key=lambda name: (len(name), name))) or ("algo-1",)
        return cls(names, resources.get("current_host", names[0]))

    @property
    def place(self) -> int:
        return self.names.index(self.current)

    @property
    def alone(self) -> bool:
        return len(self.names) == 1


@dataclass(frozen=True)
class Group:
    """The hosts that train, by what each has reported; the first is the master, which logs and saves."""

    reports: Sequence[Report]
    place: int

    @property
    def master(self) -> bool:
        return self.place == 0


def together(hosts: Hosts, report: Report, takes_part: bool, work: Callable[[Group], None]) -> None:
    """Join the other hosts, tell them a report, and do the work with those that take part; the others are done here.

    An error of the work leaves the collective as it is, since the other hosts wait in it: the process has to end.

    Raises:
        JobError: no host takes part, or another one is lost.
    """
    own = {**report, "host": hosts.current, "takes_part": takes_part}
    with _tracker(hosts.names, hosts.current, PORT) as address, _member(len(hosts.names), hosts.place, address):
        reports = _shared(own, len(hosts.names))
        chosen = [each for each in reports if each["takes_part"]]
        group = Group(chosen, next((at for at, each in enumerate(chosen) if each["host"] == hosts.current), -1))
        if len(chosen) == len(reports):
            return work(group)
    if not chosen:
        raise JobError("No hosts received training data.")
    if takes_part:
        _without_the_others(group, hosts.current, work)
    else:
        log(f"Host {hosts.current} has no data, and takes no part in the training", "WARNING")
    return None


def leave(work: Callable[[], int]) -> int:
    """Return the exit code of work; if that fails within the collective, end the process at once.

    The collective's threads would wait for the other hosts, whom the connections tell that end with the process.
    """
    from xgboost import collective

    try:
        code = work()
    except BaseException:
        if collective.is_distributed():
            traceback.print_exc()
            _end(1)
        raise
    if code and collective.is_distributed():
        _end(code)
    return code


def _end(code: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _without_the_others(group: Group, current: str, work: Callable[[Group], None]) -> None:
    names = tuple(str(each["host"]) for each in group.reports)
    if len(names) == 1:
        return work(group)
    with _tracker(names, current, PORT + 1) as address, _member(len(names), group.place, address):
        return work(group)


@contextmanager
def _tracker(names: Sequence[str], current: str, port: int) -> Iterator[Callable[[], Address]]:
    """Run the tracker on the first host; give what finds its address on any of them."""
    left = os.environ.get(RENDEZVOUS)
    file = Path(f"{left}-{port}") if left else None
    if current != names[0]:
        yield lambda: _left_in(file) if file else (_resolved(names[0]), port)
        return
    host = "127.0.0.1" if file else _resolved(current)
    tracker = _started(len(names), host, 0 if file else port)
    address = (host, int(tracker.worker_args()["dmlc_tracker_port"]))
    if file:
        _leave(file, address)
    try:
        yield lambda: address
    except BaseException:
        _ABANDONED.append(tracker)  # it would wait for the hosts when it is deleted, and complain
        raise
    with suppress(Exception):  # the work is done; a host that does not say goodbye changes nothing
        tracker.wait_for(timeout=FAREWELL)
        tracker.free()


def _started(hosts: int, host: str, port: int) -> Any:
    """Return a tracker that listens; a port that was just in use by another job is free again after a minute."""
    from xgboost.core import XGBoostError
    from xgboost.tracker import RabitTracker

    limit = time.monotonic() + PATIENCE
    while True:
        try:
            tracker = RabitTracker(n_workers=hosts, host_ip=host, port=port, sortby="task")
        except XGBoostError as error:
            if time.monotonic() > limit:
                raise JobError(f"The collective's tracker cannot listen on {host}:{port}") from error
            time.sleep(PAUSE)
        else:
            tracker.start()
            return tracker


def _leave(file: Path, address: Address) -> None:
    aside = file.with_name(f".{file.name}")
    aside.write_text(f"{address[0]}:{address[1]}")
    aside.replace(file)


def _left_in(file: Path) -> Address:
    limit = time.monotonic() + PATIENCE
    while not file.exists():
        if time.monotonic() > limit:
            raise JobError("The first host did not start the collective's tracker")
        time.sleep(GLANCE)
    host, _, port = file.read_text().rpartition(":")
    return host, int(port)


def _resolved(name: str) -> str:
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.gethostbyname(name)
        except OSError as error:
            if time.monotonic() > limit:
                raise JobError(f"Host {name} cannot be found: {error}") from None
            time.sleep(PAUSE)


@contextmanager
def _member(size: int, place: int, address: Callable[[], Address]) -> Iterator[None]:
    """Be a member of the collective. What fails within leaves it as it is: to leave it would wait for the others."""
    if size == 1:
        yield
        return
    from xgboost.collective import CommunicatorContext

    host, port = address()
    context = CommunicatorContext(
        dmlc_tracker_uri=host, dmlc_tracker_port=port, dmlc_task_id=f"{place:04d}", dmlc_timeout=SILENCE
    )
    _enter(context)
    yield
    context.__exit__()


def _enter(context: Any) -> None:
    """Connect with the tracker, which another host may start later."""
    from xgboost.core import XGBoostError

    limit = time.monotonic() + PATIENCE
    while True:
        try:
            context.__enter__()
        except XGBoostError as error:
            if time.monotonic() > limit:
                raise JobError("The first host's tracker does not answer") from error
            time.sleep(PAUSE)
        else:
            return


def _shared(own: Report, size: int) -> list[Report]:
    """Return every host's report, in the order of the hosts."""
    from xgboost import collective

    rank = collective.get_rank()
    return [dict(collective.broadcast(own if place == rank else {}, place)) for place in range(size)]

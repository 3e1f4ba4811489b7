"""What is done at a point: through the proxy, or by a signal, never from within the product.

======================  =========================================================================================
kill-…                  SIGKILL: of the component whose call it is, the runner, the server, a job's worker, a
                        job's container, the container of the processing job that asks an endpoint
lost-answer             the call takes effect, and its connection is reset
reset                   the connection is reset, and the call does not take effect; as often as botocore tries
ThrottlingException,    AWS's own answer in the service's own protocol; as often
InternalServerError
slow                    the answer takes seconds
disk-full…              every write of the server (or of the component, the runner, a job's worker) fails once a
                        file has 4 KB: RLIMIT_FSIZE, which needs no rights
no-room                 the file system of the state folder is full for everyone; where one can be mounted
twice                   two runs at the same time
======================  =========================================================================================
"""

import json
import os
import signal
import threading
import time
from collections.abc import Iterable
from contextlib import suppress

from specimen.emulator.jobs.folder import Folder

from tests.faults import processes, rooms
from tests.faults.calls import Call
from tests.faults.points import Point
from tests.faults.proxy import Answer, Dropped, Forward
from tests.faults.scene import Scene

REPEATED = 4  # calls that fail one after the other: one more than a component on this machine tries by itself
SLOW = 4.0
ROOM = 4096
_TICK = 0.001
_STAGE_FILES = {"Started": "container.json", "Serving": "serving.json"}  # stages that no status tells
_ANSWERS = {
    "ThrottlingException": (400, "Rate exceeded", 503, "SlowDown", "Please reduce your request rate."),
    "InternalServerError": (500, "", 500, "InternalError", "We encountered an internal error. Please try again."),
}


class Harm:
    """Does a point's harm once; `done` is set when it has been done."""

    def __init__(self, scene: Scene, point: Point) -> None:
        self.done = threading.Event()
        self._scene = scene
        self._point = point
        self._seen = 0
        self._lock = threading.Lock()
        self._limited: set[int] = set()
        self._over = threading.Event()
        if point.when == "during":
            threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def meddle(self, call: Call, forward: Forward) -> Answer:
        """Pass a request on, unless it is the one."""
        if not self._meant(call):
            return forward()
        with self._lock:
            self._seen += 1
            number = self._seen - self._point.number
        if self._point.harm in (*_ANSWERS, "reset"):
            return self._refused(call) if 0 <= number < REPEATED else forward()
        return self._struck(call, forward) if number == 0 else forward()

    def end(self) -> None:
        """Do nothing any more, and give back the room that was taken."""
        self._over.set()
        rooms.clear(self._scene.state)
        for pid in self._limited:
            with suppress(ProcessLookupError):
                processes.unlimit_files(pid)

    def _meant(self, call: Call) -> bool:
        operation, _, purpose = self._point.what.partition("/")
        if call.operation != operation or purpose not in ("", call.purpose):
            return False
        return not self._point.harm.endswith("-component") or not self._runners() & processes.behind(call.port)

    def _refused(self, call: Call) -> Answer:
        self.done.set()
        if self._point.harm == "reset":
            raise Dropped
        return _answer(self._point.harm, s3=bool(call.bucket))

    def _struck(self, call: Call, forward: Forward) -> Answer:
        if self._point.when == "before":
            self._strike(call)
            return forward()
        answer = forward()
        self._strike(call)
        return answer

    def _strike(self, call: Call) -> None:
        """Do the harm; `Dropped` where whoever asked, or was to answer, is gone."""
        match self._point.harm:
            case "kill-component":
                self._kill(processes.behind(call.port) - {os.getpid()})
                raise Dropped
            case "kill-runner":
                own = self._runners() & processes.behind(call.port)
                self._kill(self._runners())
                if own:
                    raise Dropped
            case "kill-server":
                self._kill({self._scene.server.pid})
                raise Dropped
            case "lost-answer":
                self.done.set()
                raise Dropped
            case "slow":
                self.done.set()
                time.sleep(SLOW)
            case "disk-full":
                self._fill({self._scene.server.pid})
            case "disk-full-component":
                self._fill(processes.behind(call.port) - {os.getpid()})
            case "disk-full-runner":
                self._fill(self._runners())
            case "no-room":
                self.done.set()
                rooms.fill(self._scene.state)
            case other:
                raise ValueError(f"no harm of a call is called {other}")

    def _watch(self) -> None:
        """Wait for a job's stage, and strike."""
        kind, _, stage = self._point.what.partition("/")
        while not self._over.wait(_TICK):
            for path in self._scene.state.glob(f"aws/jobs/{kind}/*"):
                if _reached(Folder(path), stage):
                    self._strike_job(Folder(path))
                if self.done.is_set():
                    return

    def _strike_job(self, folder: Folder) -> None:
        match self._point.harm:
            case "kill-worker":
                self._kill(_process(folder, "worker.json"))
            case "kill-container":
                self._kill(_process(folder, "container.json"))
            case "kill-asker":
                for path in self._scene.state.glob("aws/jobs/ProcessingJob/*"):
                    self._kill(_process(Folder(path), "container.json"))
            case "kill-server":
                self._kill({self._scene.server.pid})
            case "disk-full-worker":
                self._fill(_process(folder, "worker.json"))
            case other:
                raise ValueError(f"no harm of a job is called {other}")

    def _runners(self) -> set[int]:
        return {runner.pid for runner in self._scene.runners}

    def _kill(self, pids: Iterable[int]) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.done.set()

    def _fill(self, pids: Iterable[int]) -> None:
        for pid in pids:
            processes.limit_files(pid, ROOM)
            self._limited.add(pid)
            self.done.set()


def _reached(folder: Folder, stage: str) -> bool:
    if (file := _STAGE_FILES.get(stage)) is not None:
        return folder.path.joinpath(file).exists()
    return any(entered.status == stage for entered in folder.transitions())


def _process(folder: Folder, name: str) -> set[int]:
    """Return the process that a job's file names, if it still runs."""
    process = folder.process(name)
    return {process.pid} if process is not None and process.alive() else set()


def _answer(harm: str, *, s3: bool) -> Answer:
    status, message, s3_status, s3_code, s3_message = _ANSWERS[harm]
    if s3:
        text = f'<?xml version="1.0"?><Error><Code>{s3_code}</Code><Message>{s3_message}</Message></Error>'
        return Answer(s3_status, (("Content-Type", "application/xml"),), text.encode())
    body = json.dumps({"__type": harm, "message": message} if message else {"__type": harm})
    return Answer(status, (("Content-Type", "application/x-amz-json-1.1"),), body.encode())

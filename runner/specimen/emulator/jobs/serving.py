"""A model's container that serves on loopback, and the HTTP that is spoken with it."""

import http.client
import select
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from specimen.emulator.jobs import channels
from specimen.emulator.jobs.instance import Container, Instance
from specimen.emulator.jobs.job import Job, JobFailed, Stop

PING_SECONDS = 2.0  # within which a container has to answer a ping
PING_PAUSE = 0.02


@dataclass(frozen=True)
class Answer:
    """What a container answered to an invocation."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str]


class Client:
    """Speaks with one container over one kept connection; every thread needs its own."""

    def __init__(self, port: int, timeout: float) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def ping(self) -> bool:
        """Tell whether the container says that it is ready."""
        try:
            return self._send("GET", "/ping", b"", {}).status == 200
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return False

    def connect(self) -> bool:
        """Connect; tell whether somebody listens."""
        try:
            self._connection.connect()
        except ConnectionRefusedError:
            return False
        return True

    def stale(self) -> bool:
        """Tell whether the container has closed the kept connection, or said what nobody asked for."""
        sock = self._connection.sock
        return sock is None or bool(select.select([sock], [], [], 0)[0])

    def invoke(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a request for inference; raises OSError or HTTPException if the container does not answer."""
        kept = self._connection.sock is not None
        try:
            return self._send("POST", "/invocations", body, headers)
        except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
            self._connection.close()
            if not kept:
                raise
        return self._send("POST", "/invocations", body, headers)  # only the kept connection was at its end

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            self._connection.request(method, path, body, dict(headers))
            response = self._connection.getresponse()
            content = response.read()
        except TimeoutError:
            self._connection.close()  # a late answer must not be taken for the next one
            raise
        kind = response.headers.get("Content-Type", "application/octet-stream")
        return Answer(response.status, kind, content, {name.lower(): value for name, value in response.headers.items()})


@dataclass(frozen=True)
class Serving:
    """A container that serves a model on a port of loopback."""

    container: Container
    port: int

    def await_ready(self, stop: Stop, seconds: float) -> bool:
        """Ping until the container is ready; False if it ended, or the time is up. Raises `JobStopped` if stopped."""
        client = Client(self.port, PING_SECONDS)
        limit = time.monotonic() + seconds
        try:
            while self.container.running and time.monotonic() < limit:
                stop.check()
                if client.ping():
                    return self.container.running  # otherwise another program answered on its port
                time.sleep(PING_PAUSE)
        finally:
            client.close()
        return False


def start(job: Job, instance: Instance, environment: Mapping[str, str], listen: Callable[[str], object]) -> Serving:
    """Start the container of a job's model; its data are below the base folder's ``model`` already."""
    port = free_port()
    model = (job.model or {}).get("PrimaryContainer", {})
    settings = {**model.get("Environment", {}), **environment, "SAGEMAKER_BIND_TO_PORT": str(port)}
    return Serving(instance.start(["serve"], settings, listen), port)


def fetch_model(job: Job, instance: Instance) -> None:
    """Unpack the model's data, if it has any; `JobFailed` if they are gone."""
    model = (job.model or {}).get("PrimaryContainer", {})
    instance.base.joinpath("model").mkdir(parents=True, exist_ok=True)
    if "ModelDataUrl" in model:
        channels.unpack(job.store(), model["ModelDataUrl"], instance.base / "model")


def free_port() -> int:
    """Find a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def unreachable(problem: Exception) -> JobFailed:
    """Form the reason of a transform job whose container does not answer."""
    return JobFailed(f"AlgorithmError: Unable to get response from algorithm: {problem or type(problem).__name__}")

"""A small cloud without a server: the operations over a real store, real objects and real worker processes."""

import io
import tarfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from specimen.emulator import autoscaling
from specimen.emulator.context import Context, Credentials, Operation
from specimen.emulator.dispatch import SERVICES
from specimen.emulator.jobs.containers import Image, Images
from specimen.emulator.jobs.launch import GRACE_SECONDS, Launcher
from specimen.emulator.jobs.processes import Process
from specimen.emulator.objects import Objects
from specimen.emulator.sagemaker import (
    endpoint_configs,
    endpoint_updates,
    endpoints,
    models,
    processing,
    runtime,
    training,
    transform,
    tuning,
)
from specimen.emulator.shapes import service_model
from specimen.emulator.store import Store, Transaction
from specimen.emulator.traffic import Traffic

OPERATIONS: Mapping[str, Operation] = {
    **training.OPERATIONS,
    **processing.OPERATIONS,
    **transform.OPERATIONS,
    **tuning.OPERATIONS,
    **models.OPERATIONS,
    **endpoint_configs.OPERATIONS,
    **endpoint_updates.OPERATIONS,
    **endpoints.OPERATIONS,
    **runtime.OPERATIONS,
    **autoscaling.OPERATIONS,
}
BUSY = ("InProgress", "Stopping", "Creating", "Updating")
PATIENCE = 60.0
ROLE = "arn:aws:iam::111122223333:role/sagemaker"
SERVER = """
import http.server, json, os

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, b"")

    def do_POST(self):
        self.reply(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, status, body, kind="text/csv"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

"""
SERVE = """
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""
T = TypeVar("T")


def until(look: Callable[[], T]) -> T:
    """Look until there is something to see; the test fails if that takes too long."""
    limit = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not (seen := look()):
        assert time.monotonic() < limit, "waited in vain"
        pause.wait(0.02)
    return seen


def _service(operation: str) -> str:
    """Return the service that an operation belongs to."""
    return next(name for name in SERVICES if operation in service_model(name).operations)


@dataclass
class Cloud:
    """Operations by name, and what tests look at behind them."""

    state: Path
    table: dict[str, Image]
    bucket: str = "a-bucket"
    role: str = ROLE
    afterwards: Callable[[], None] = field(default=lambda: None)  # done before a request's transaction is kept
    store: Store = field(init=False)
    objects: Objects = field(init=False)
    launcher: Launcher = field(init=False)
    traffic: Traffic = field(init=False)

    def __post_init__(self) -> None:
        self.store = Store(self.state / "store.sqlite")
        self.objects = Objects(self.state / "objects")
        self.launcher = Launcher(self.state, Images(self.table))
        self.objects.create_bucket(self.bucket)
        self.traffic = Traffic(self.objects)

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call an operation as a server does, in a transaction of its own."""
        with self.store.transaction() as tx:
            context = self.context(tx)
            answer = OPERATIONS[operation](context, request)
            service_model(_service(operation)).check_response(operation, answer)
            self.afterwards()
            return answer

    def context(self, tx: Transaction) -> Context:
        """Form the surroundings of an operation."""
        credentials = Credentials("AKIAEXAMPLE", "secret")
        server = "http://127.0.0.1:9"
        return Context(
            tx=tx,
            objects=self.objects,
            state=self.state,
            account="111122223333",
            region="us-east-1",
            endpoint=server,
            credentials=credentials,
            now=time.time,
            launcher=self.launcher,
            traffic=self.traffic,
        )

    def image(self, name: str, source: str, metrics: Mapping[str, str] | None = None) -> str:
        """Make a container image of a module's source, and return its URI."""
        module = f"image_{name}"
        self.state.joinpath(f"{module}.py").write_text(textwrap.dedent(source))
        self.table[name] = Image(module, metrics)
        return f"111122223333.dkr.ecr.us-east-1.amazonaws.com/{name}:1"

    def server_image(self, name: str, reply: str) -> str:
        """Make the image of a model server whose handler answers with the body of ``reply(self, body)``."""
        method = "    def reply(self, body):\n" + textwrap.indent(textwrap.dedent(reply), " " * 8)
        return self.image(name, SERVER + method + SERVE)

    def put(self, key: str, content: bytes) -> str:
        """Store an object, and return its URI."""
        self.objects.put(self.bucket, key, content)
        return f"s3://{self.bucket}/{key}"

    def get(self, key: str) -> bytes:
        """Return an object's content."""
        with self.objects.open(self.bucket, key) as stream:
            return stream.read()

    def list(self, prefix: str = "") -> Sequence[str]:
        """Return the keys that begin with a prefix."""
        return tuple(meta.key for meta in self.objects.list(self.bucket, prefix))

    def packed(self, key: str) -> dict[str, bytes]:
        """Return the files of a .tar.gz object."""
        with tarfile.open(fileobj=io.BytesIO(self.get(key))) as tar:
            return {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}  # type: ignore[union-attr]

    def describe(self, kind: str, name: str) -> dict[str, Any]:
        """Describe a job or an endpoint."""
        return self.call(f"Describe{kind}", **{f"{kind}Name": name})

    def ended(self, kind: str, name: str) -> dict[str, Any]:
        """Wait until a job has ended, or an endpoint is there, and describe it."""
        until(lambda: self.describe(kind, name)[f"{kind}Status"] not in BUSY)
        return self.describe(kind, name)

    def log(self, name: str) -> str:
        """Return all that the log streams of a job hold, in the order of their names."""
        return "".join(path.read_text() for path in sorted(self.state.joinpath("logs").glob(f"*/{name}*")))

    def serving(self, endpoint: str, variant: str = "AllTraffic") -> str:
        """Return the name of the worker that serves a variant of an endpoint."""
        with self.store.reading() as tx:
            body = tx.get("Endpoint", endpoint)
        assert body is not None
        deployment = body["Serving"] or body["Pending"]
        workers = {made["VariantName"]: str(made["Worker"]) for made in deployment["Variants"]}
        return workers[variant]

    def worker(self, kind: str, name: str) -> Process:
        """Return the process of a job's worker."""
        process = self.launcher.folder(kind, name).process("worker.json")
        assert process is not None
        return process

    def container(self, kind: str, name: str) -> Process:
        """Return the process of a job's container, once there is one."""
        folder = self.launcher.folder(kind, name)
        process = until(lambda: folder.process("container.json"))
        assert process is not None
        return process

    def train(self, name: str, image: str, **more: Any) -> dict[str, Any]:
        """Create a training job on one channel, ``train``."""
        request: dict[str, Any] = {
            "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
            "RoleArn": self.role,
            "InputDataConfig": [self.channel("train")],
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/output/"},
            "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        }
        return self.call("CreateTrainingJob", TrainingJobName=name, **{**request, **more})

    def channel(self, name: str) -> dict[str, Any]:
        """Form a channel of the objects below its name."""
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{self.bucket}/{name}"}
        return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}

    def model(self, name: str, image: str, **files: bytes) -> None:
        """Create a model; with files it has data."""
        container: dict[str, Any] = {"Image": image, "Environment": {"COLOUR": "green"}}
        if files:
            archive = io.BytesIO()
            with tarfile.open(fileobj=archive, mode="w:gz") as tar:
                for path, content in files.items():
                    member = tarfile.TarInfo(path)
                    member.size = len(content)
                    tar.addfile(member, io.BytesIO(content))
            container["ModelDataUrl"] = self.put(f"models/{name}/model.tar.gz", archive.getvalue())
        self.call("CreateModel", ModelName=name, PrimaryContainer=container, ExecutionRoleArn=self.role)

    def restart(self, grace: float = GRACE_SECONDS) -> None:
        """Put a new launcher in the place of the one that there is, as a new server does."""
        self.launcher.close()
        self.launcher = Launcher(self.state, Images(self.table), grace)
        self.traffic.close()
        self.traffic = Traffic(self.objects)

    def close(self) -> None:
        """End all that still runs."""
        for kind in ("HyperParameterTuningJob", "TrainingJob", "ProcessingJob", "TransformJob", "Endpoint"):
            for name in self.launcher.names(kind):
                self.launcher.discard(kind, name)
        self.traffic.close()
        self.launcher.close()
        self.objects.close()
        self.store.close()


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A cloud with one bucket and no images; modules of its folder can be images."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = Cloud(tmp_path, {})
    yield made
    made.close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], T]], T]:
    """Polls for a condition."""
    return until

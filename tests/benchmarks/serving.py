"""10,000 MNIST images through an endpoint, 100 a request: at least 4 times the rows of the reference's loop."""

import contextlib
import http.client
import io
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import numpy.typing as npt
import xgboost
from botocore.config import Config
from specimen.emulator import control
from specimen.emulator.control import Server
from specimen.emulator.jobs.launch import Launcher

from tests.benchmarks import reference_server
from tests.benchmarks.measuring import SHARED, Cost, compare, timed

ROWS, BATCH, AT_ONCE, ROUNDS = 10_000, 100, 4, 7
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
ROLE = "arn:aws:iam::111122223333:role/sagemaker"
KIND = "text/libsvm"
MODEL = {"objective": "multi:softmax", "num_class": 10, "max_depth": 5, "eta": 0.2, "gamma": 4, "min_child_weight": 6}
Bytes = npt.NDArray[np.uint8]


def main() -> None:
    """Measure and print."""
    if not (SHARED / "data/mnist.npz").exists():
        print("skipped: there is no ../shared/data/mnist.npz")
        return
    with tempfile.TemporaryDirectory() as scratch:
        model, requests = prepared(Path(scratch))
        with reference_server.serving(model) as port, endpoint(Path(scratch), model) as server:
            runtime = client(server, "sagemaker-runtime")
            assert asked(runtime, requests) == looped(port, requests)
            ours, theirs = [], []
            for _ in range(ROUNDS):
                ours.append(timed(lambda: asked(runtime, requests)))
                theirs.append(timed(lambda: looped(port, requests)))
        told = f"{ROWS:,} images, {BATCH} a request, {AT_ONCE} in flight"
        compare(told, "a loop over the reference server", _walls(ours), _walls(theirs), "4 times")


def _walls(costs: Sequence[Cost]) -> list[Cost]:
    """Keep the wall time alone: what a client spends tells nothing of the servers."""
    return [Cost(cost.seconds, cost.seconds, 0) for cost in costs]


def prepared(folder: Path) -> tuple[Path, list[bytes]]:
    """Train a model on MNIST, and write the test images down as requests."""
    with np.load(SHARED / "data/mnist.npz", allow_pickle=False) as arrays:
        images, labels, tests = arrays["train_x"][:ROWS], arrays["train_y"][:ROWS], arrays["test_x"]
    booster = xgboost.train(MODEL, xgboost.DMatrix(widened(images), label=labels, missing=0), 10)
    model = folder / "model.ubj"
    booster.save_model(model)
    lines = libsvm(tests)
    return model, ["".join(lines[first : first + BATCH]).encode() for first in range(0, ROWS, BATCH)]


def widened(images: Bytes) -> Bytes:
    """Let columns be counted from 1, as libsvm files count them."""
    return np.pad(images, ((0, 0), (1, 0)))


def libsvm(images: Bytes) -> list[str]:
    """Write images down as libsvm lines without labels."""
    return [" ".join(f"{index + 1}:{row[index]}" for index in np.flatnonzero(row)) + "\n" for row in images]


def looped(port: int, requests: Sequence[bytes]) -> list[bytes]:
    """Ask the reference server, one request after the other, over one connection."""
    answers = []
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        for body in requests:
            connection.request("POST", "/invocations", body, {"Content-Type": KIND})
            answers.append(connection.getresponse().read())
    return answers


def asked(runtime: Any, requests: Sequence[bytes]) -> list[bytes]:
    """Ask the endpoint as AWS's SDK does, with some requests in flight."""

    def ask(body: bytes) -> bytes:
        answer: bytes = runtime.invoke_endpoint(EndpointName="digits", Body=body, ContentType=KIND)["Body"].read()
        return answer

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, requests))


@contextlib.contextmanager
def endpoint(folder: Path, model: Path) -> Iterator[Server]:
    """Serve a model behind the endpoint ``digits`` of a server of its own."""
    state = folder / "state"
    try:
        server = control.start(state)
        _deploy(server, model)
        yield server
    finally:
        control.stop(state)
        Launcher(state / "aws").sweep(lambda kind, name: False)


def _deploy(server: Server, model: Path) -> None:
    s3, sagemaker = client(server, "s3"), client(server, "sagemaker")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        tar.add(model, "xgboost-model")
    s3.create_bucket(Bucket="a-bucket")
    s3.put_object(Bucket="a-bucket", Key="model.tar.gz", Body=archive.getvalue())
    container = {"Image": IMAGE, "ModelDataUrl": "s3://a-bucket/model.tar.gz"}
    sagemaker.create_model(ModelName="digits", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    variant = {"VariantName": "main", "ModelName": "digits", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName="digits", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="digits", EndpointConfigName="digits")
    waiter = sagemaker.get_waiter("endpoint_in_service")
    waiter.wait(EndpointName="digits", WaiterConfig={"Delay": 0.1, "MaxAttempts": 300})


def client(server: Server, service: str) -> Any:
    """Make a client of AWS's SDK for a server."""
    return boto3.client(
        service,  # type: ignore[call-overload] # by name
        endpoint_url=server.endpoint,
        region_name=server.region,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        config=Config(max_pool_connections=AT_ONCE),
    )

"""The embedded SageMaker: ready in 1.5 s; a Describe in 5 ms for 8 clients at once; S3 with memory that stays flat."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from specimen.emulator import control
from specimen.emulator.control import Server
from specimen.emulator.jobs.launch import Launcher

from tests.benchmarks.load import answer, load
from tests.benchmarks.measuring import MEGABYTE, REPEATS, ROOT, Cost, report, spend

REQUESTS = 4000
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ROLE = "arn:aws:iam::111122223333:role/sagemaker"
SIZES = (10 * MEGABYTE, 100 * MEGABYTE)
BUCKET = "a-bucket"
ENDLESS = 1_000_000_000


def main() -> None:
    """Measure and print."""
    report("ready: specimen local start (asked: 1.5 s)", [_started(_local_start) for _ in range(REPEATS)])
    report("  the server's process alone, until it answers", [_started(_module_start) for _ in range(REPEATS)])
    with _server() as (server, state):
        _describe(server, state)
    _memory()


def _started(start: Callable[[Path], Cost]) -> Cost:
    with tempfile.TemporaryDirectory() as scratch:
        try:
            return start(Path(scratch))
        finally:
            control.stop(Path(scratch))


def _local_start(state: Path) -> Cost:
    return spend([sys.executable, "-m", "specimen.cli", "local", "start", "--state", str(state)])


def _module_start(state: Path) -> Cost:
    """Measure from the start of the process to the first answer."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "specimen.emulator", "--state", str(state)], cwd=ROOT)
    while (server := control.recorded(state)) is None:
        time.sleep(0.005)
    answer(server.port, signed(server, "ListTrainingJobs", "{}"))
    seconds = time.perf_counter() - started
    control.stop(state)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


@contextlib.contextmanager
def _server() -> Iterator[tuple[Server, Path]]:
    with tempfile.TemporaryDirectory() as scratch:
        state = Path(scratch)
        try:
            yield control.start(state), state
        finally:
            control.stop(state)
            Launcher(state / "aws").sweep(lambda kind, name: False)


def signed(server: Server, operation: str, body: str) -> bytes:
    """Write a request down as boto3 sends it; its signature is good for a quarter of an hour."""
    headers = {
        "X-Amz-Target": f"SageMaker.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        "User-Agent": "Boto3/1.40 md/Botocore#1.40 ua/2.1 os/linux lang/python#3.11 cfg/retry-mode#legacy",
        "amz-sdk-invocation-id": "2b0b9a64-6a3b-4a1c-9b7e-0d7e0c7a6f10",
        "amz-sdk-request": "attempt=1",
    }
    request = AWSRequest("POST", f"{server.endpoint}/", headers, body)
    SigV4Auth(Credentials(server.access_key, server.secret_key), "sagemaker", server.region).add_auth(request)
    sent = {"Host": f"127.0.0.1:{server.port}", **dict(request.headers.items()), "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"POST / HTTP/1.1\r\n{lines}\r\n{body}".encode()


def _describe(server: Server, state: Path) -> None:
    _train(server, "finished", rounds=20)
    waiter = _client(server, "sagemaker").get_waiter("training_job_completed_or_stopped")
    waiter.wait(TrainingJobName="finished", WaiterConfig={"Delay": 0.2, "MaxAttempts": 500})
    _train(server, "running", rounds=ENDLESS)
    _halt(state, "running")
    finished, running = (
        signed(server, "DescribeTrainingJob", f'{{"TrainingJobName": "{name}"}}') for name in ("finished", "running")
    )
    described = answer(server.port, finished)
    for clients in (1, 8):
        print(f"DescribeTrainingJob, {clients} at once{' (asked: 5 ms)' if clients == 8 else ''}")
        print(f"  a finished job     {load(server.port, finished, clients, REQUESTS, server.pid)}")
        print(f"  a running job      {load(server.port, running, clients, REQUESTS, server.pid)}")
        with _plain(described) as (port, pid):
            print(f"  the web server's   {load(port, finished, clients, REQUESTS, pid)}", flush=True)


def _train(server: Server, name: str, rounds: int) -> None:
    s3 = _client(server, "s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="train/part.csv", Body=b"0,0.1,0.2\n1,0.8,0.9\n" * 50)
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/train/"}
    _client(server, "sagemaker").create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        HyperParameters={"num_round": str(rounds), "objective": "binary:logistic", "eval_metric": "logloss,auc"},
        RoleArn=ROLE,
        InputDataConfig=[{"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}],
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
        ResourceConfig={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )


def _halt(state: Path, name: str) -> None:
    """Keep a job running, but off the processor, which the measurement needs: its container sleeps."""
    folder = Launcher(state / "aws").folder("TrainingJob", name)
    while (container := folder.process("container.json")) is None:
        time.sleep(0.05)
    container.signal(signal.SIGSTOP, group=True)


@contextlib.contextmanager
def _plain(body: bytes) -> Iterator[tuple[int, int]]:
    command = [sys.executable, "-m", "tests.benchmarks.plain_server"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        with process.stdin:
            process.stdin.write(body)
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.kill()


def _client(server: Server, service: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload] # by name
        endpoint_url=server.endpoint,
        region_name=server.region,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        config=Config(retries={"max_attempts": 1}),
    )


def _memory() -> None:
    for name, way in {"put_object": _put, "upload_file, in parts": _upload, "get_object": _get}.items():
        for size in SIZES:
            _grown(name, way, size)


def _grown(name: str, way: Callable[[Any, Path], None], size: int) -> None:
    """Print by how much the peak of a fresh server grows when an object passes through it."""
    with _server() as (server, state):
        s3 = _client(server, "s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="first", Body=b"x")  # imports what a first request imports
        s3.get_object(Bucket=BUCKET, Key="first")["Body"].read()
        path = state / "object"
        with path.open("wb") as file:
            for _ in range(size // MEGABYTE):
                file.write(os.urandom(MEGABYTE))
        before, started = _peak(server), time.perf_counter()
        way(s3, path)
        seconds, growth = time.perf_counter() - started, _peak(server) - before
    print(
        f"{name:24}{size / MEGABYTE:5.0f} MB   memory grows by {growth / MEGABYTE:5.1f} MB "
        f"(to {(before + growth) / MEGABYTE:.0f} MB)   {seconds:6.2f} s",
        flush=True,
    )


def _put(s3: Any, path: Path) -> None:
    with path.open("rb") as file:
        s3.put_object(Bucket=BUCKET, Key="key", Body=file)


def _upload(s3: Any, path: Path) -> None:
    s3.upload_file(str(path), BUCKET, "key")


def _get(s3: Any, path: Path) -> None:
    _put(s3, path)
    for _ in s3.get_object(Bucket=BUCKET, Key="key")["Body"].iter_chunks(MEGABYTE):
        pass


def _peak(server: Server) -> int:
    """Return the largest memory that a server has had so far, in bytes."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024

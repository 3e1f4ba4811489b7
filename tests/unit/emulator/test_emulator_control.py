"""Starting, finding and ending a server process."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from specimen.emulator import __main__ as command
from specimen.emulator import control
from specimen.emulator.control import Server
from specimen.emulator.errors import PortInUse, StartFailed, StateUnusable
from specimen.emulator.jobs.processes import Process

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "state"
    yield folder
    control.stop(folder)


def s3(server: Server) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name=server.region,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        config=Config(retries={"max_attempts": 1}),
    )


def test_a_server_is_started_found_and_stopped(state: Path) -> None:
    """It answers as soon as start returns; its file is for its owner's eyes."""
    assert control.status(state) is None
    server = control.start(state)
    assert control.status(state) == server
    assert server.endpoint == f"http://127.0.0.1:{server.port}"
    assert (state / "server.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((state / "server.json").read_text())["pid"] == server.pid
    assert s3(server).list_buckets()["Buckets"] == []
    assert control.stop(state)
    assert control.status(state) is None
    assert not control.stop(state)


def test_the_environment_leads_an_sdk_to_it(state: Path) -> None:
    """And nowhere else."""
    server = control.start(state)
    assert server.environment() == {
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_ACCESS_KEY_ID": server.access_key,
        "AWS_SECRET_ACCESS_KEY": server.secret_key,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_starting_twice_gives_the_same_server(state: Path) -> None:
    """One after the other, and both at once."""
    found: list[Server] = []
    threads = [threading.Thread(target=lambda: found.append(control.start(state))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert {server.pid for server in found} == {control.start(state).pid}


def test_it_outlives_the_process_that_started_it(state: Path) -> None:
    """A run ends, and the server stays up for the next one."""
    code = (
        "import sys; from pathlib import Path; from specimen.emulator import control; control.start(Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", code, str(state)], check=True, timeout=60)
    server = control.status(state)
    assert server is not None
    assert s3(server).list_buckets()["Buckets"] == []
    assert os.getsid(server.pid) == server.pid


def test_what_was_acknowledged_survives_a_kill(state: Path) -> None:
    """Objects and entities; the next server has the same port and keys, so that programs find it again."""
    server = control.start(state)
    client = s3(server)
    client.create_bucket(Bucket="bucket")
    client.put_object(Bucket="bucket", Key="key", Body=b"kept")
    sagemaker = boto3.client("sagemaker", endpoint_url=server.endpoint, region_name="us-east-1", **keys(server))
    sagemaker.create_experiment(ExperimentName="kept")
    process = Process(server.pid, server.started)
    assert process.signal(signal.SIGKILL)
    assert process.wait(30)
    after = control.start(state)
    assert after.pid != server.pid
    assert (after.port, after.access_key) == (server.port, server.access_key)
    assert client.get_object(Bucket="bucket", Key="key")["Body"].read() == b"kept"
    assert sagemaker.describe_experiment(ExperimentName="kept")["ExperimentName"] == "kept"


def keys(server: Server) -> Any:
    return {"aws_access_key_id": server.access_key, "aws_secret_access_key": server.secret_key}


def test_a_port_that_is_taken(state: Path) -> None:
    """By another program, or by this very server: the error names it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUse, match=f"127.0.0.1:{port}") as raised:
            control.start(state, port)
    assert raised.value.hint is not None
    server = control.start(state, port)
    assert server.port == port
    assert control.start(state, port) == server
    with pytest.raises(PortInUse, match=f"runs on port {port}"):
        control.start(state, port + 1)


def test_a_state_folder_that_cannot_be_one(tmp_path: Path) -> None:
    """A file in its place: an error that names it, and the file is as it was."""
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(StateUnusable, match=str(file)) as raised:
        control.start(file)
    assert raised.value.hint is not None
    assert control.status(file) is None
    assert not control.stop(file)
    assert file.read_text() == "mine"


def test_a_store_that_is_none(state: Path) -> None:
    """The server's own error reaches whoever started it."""
    (state / "aws" / "objects").mkdir(parents=True)
    (state / "aws" / "objects" / "index.sqlite").write_text("no database" * 500)
    with pytest.raises(StateUnusable, match=r"index\.sqlite"):
        control.start(state)


@pytest.mark.parametrize("content", ["", "{}", "[]", "no JSON", '{"pid": 1}'])
def test_a_server_file_that_says_nothing(state: Path, content: str) -> None:
    """It counts for nothing, and is replaced."""
    state.mkdir()
    (state / "server.json").write_text(content)
    assert control.status(state) is None
    assert control.start(state).alive()


def test_a_server_file_of_a_dead_process(state: Path) -> None:
    """Even if its pid is another program's by now: that program is left alone."""
    server = control.start(state)
    control.stop(state)
    stale = json.loads((state / "server.json").read_text()) | {"pid": os.getpid()}
    (state / "server.json").write_text(json.dumps(stale))
    assert control.status(state) is None
    assert not control.stop(state)
    assert control.start(state).port == server.port


def test_a_folder_has_one_server(state: Path) -> None:
    """A second process on the same folder is told to go away."""
    control.start(state)
    second = subprocess.run(
        [sys.executable, "-m", "specimen.emulator", "--state", str(state)], capture_output=True, text=True, timeout=60
    )
    assert second.returncode == 1
    assert second.stderr.startswith(f"error: another server has the state folder {state}")
    with pytest.raises(StartFailed):
        control.hold(state)


def test_it_ends_at_ctrl_c(state: Path) -> None:
    """By itself and without a traceback, when it runs in the foreground."""
    run = [sys.executable, "-m", "specimen.emulator", "--state", str(state)]
    with subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        while (server := control.status(state)) is None:
            assert process.poll() is None
        assert s3(server).list_buckets()["Buckets"] == []
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[0] == ""
    assert process.returncode == 0


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_a_port_that_is_none(tmp_path: Path, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A usage error, before anything is created."""
    with pytest.raises(SystemExit) as raised:
        command.main(["--state", str(tmp_path / "state"), "--port", port])
    assert raised.value.code == 2
    assert "--port" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, one hint, and an exit code of its own."""
    (tmp_path / "file").write_text("")
    assert command.main(["--state", str(tmp_path / "file")]) == 4
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in said] == ["error", "hint"]

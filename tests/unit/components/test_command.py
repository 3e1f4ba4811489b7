"""Every component's command line: arguments, environment, exit codes, records, and SIGTERM."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from specimen_components import command
from specimen_components.command import Call, Result
from specimen_components.interface import COMPONENTS, GATE, MODEL, Artifact, Component, Kind
from specimen_components.problems import Failure, Unusable
from specimen_components.waiting import Clock

PROBE = Component(
    name="probe",
    inputs={"request": Kind.JSON, "rows": Kind.NUMBER, "some_list": Kind.LIST, "model": Kind.STRING},
    outputs={"arn": Kind.STRING, "metrics": Kind.JSON},
    artifacts={"view": Artifact.METRICS},
    optional=frozenset({"rows", "some_list", "model"}),
)
GIVEN = ["--run", "r-1", "--record", "s3://b/runs/r-1/step.json"]


@pytest.fixture
def nowhere() -> Iterator[socket.socket]:
    """A loopback server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def url(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of a local run, but for its endpoint."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SPECIMEN_LOCAL", "1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    return monkeypatch


def unreached(call: Call) -> Result:
    raise AssertionError("nothing may be begun")


@pytest.mark.parametrize("component", COMPONENTS.values(), ids=lambda component: component.name)
def test_every_component_parses_the_options_that_its_inputs_name(component: Component) -> None:
    texts = {Kind.STRING: "text", Kind.NUMBER: "1.5", Kind.JSON: '{"a": 1}', Kind.LIST: "[1]"}
    argv = list(GIVEN)
    for name, kind in component.inputs.items():
        argv += [f"--{name.replace('_', '-')}", texts[kind]]
    parsed = command.arguments(component, command.parser(component).parse_args(argv))
    values = {Kind.STRING: "text", Kind.NUMBER: 1.5, Kind.JSON: {"a": 1}, Kind.LIST: [1]}
    assert parsed == {name: values[kind] for name, kind in component.inputs.items()}


def test_optional_inputs_that_are_absent_or_empty_are_left_out() -> None:
    options = command.parser(PROBE).parse_args([*GIVEN, "--request", "{}", "--model", ""])
    assert command.arguments(PROBE, options) == {"request": {}}


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "--request"),
        (["--request", "{"], "not JSON"),
        (["--request", "{}", "--rows", "many"], "not a number: 'many'"),
        (["--request", "{}", "--nope", "1"], "--nope"),
        (["--request", "{}", "--executor-input", "[]"], "not a JSON object"),
    ],
)
def test_bad_arguments_exit_with_2(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.run(PROBE, unreached, [*GIVEN, *argv])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "endpoint", [None, "https://sagemaker.eu-west-1.amazonaws.com", "http://10.0.0.1:80", "http://127.0.0.1.evil.com"]
)
def test_a_local_run_refuses_whatever_is_not_loopback(
    local: pytest.MonkeyPatch, endpoint: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if endpoint:
        local.setenv("AWS_ENDPOINT_URL", endpoint)
    assert command.run(PROBE, unreached, [*GIVEN, "--request", "{}"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: a local run must not reach AWS")
    assert "hint: " in error


def test_a_missing_region_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "SPECIMEN_LOCAL"):
        monkeypatch.delenv(name, raising=False)
    assert command.run(PROBE, unreached, [*GIVEN, "--request", "{}"]) == 2
    assert "AWS_DEFAULT_REGION is not set" in capsys.readouterr().err


class Leaping(Clock):
    """A clock on which 20 s pass between two looks, and a pause takes no time."""

    def __init__(self) -> None:
        self.looks = 0

    def now(self) -> float:
        self.looks += 1
        return 20.0 * self.looks

    def sleep(self, seconds: float) -> None:
        assert seconds < 1


def test_a_server_that_is_not_there_is_one_message(
    local: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    local.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free}")
    local.setenv("AWS_ACCESS_KEY_ID", "key")
    local.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert command.run(PROBE, unreached, [*GIVEN, "--request", "{}"], Leaping()) == 1
    said, error = capsys.readouterr()
    assert said.startswith("PutObject: no answer from AWS")
    assert said.endswith("asking again for up to 30 s\n")
    assert error.startswith("error: PutObject: no answer from AWS")
    assert "specimen local status" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("record", ["not-a-uri", "https://example.com/step.json"])
def test_a_record_that_is_no_s3_uri_is_one_message(
    local: pytest.MonkeyPatch, nowhere: socket.socket, record: str, capsys: pytest.CaptureFixture[str]
) -> None:
    local.setenv("AWS_ENDPOINT_URL", url(nowhere))
    assert command.run(PROBE, unreached, ["--run", "r", "--record", record, "--request", "{}"]) == 1
    assert capsys.readouterr().err.startswith(f"error: not an S3 URI: {record}")


def test_sigterm_exits_with_143_at_once(nowhere: socket.socket) -> None:
    """Even while it waits for an answer: the job is left, and the pod's next life adopts it."""
    environment = {
        "PATH": os.environ["PATH"],
        "SPECIMEN_LOCAL": "1",
        "AWS_ENDPOINT_URL": url(nowhere),
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    argv = [*GIVEN, "--prefix", "p", "--request", "{}", "--artifact", "s3://b/m"]
    with subprocess.Popen(
        [sys.executable, "-m", "specimen_components.model", *argv], env=environment, stderr=subprocess.PIPE
    ) as process:
        connection, _ = nowhere.accept()  # it has begun, and waits for an answer
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 143
        connection.close()
        assert process.stderr is not None
        assert b"goes on" in process.stderr.read()


def test_the_signal_handler_is_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit):
        command.run(PROBE, unreached, [])
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_call_gives_its_arguments_by_kind(make_call: Any) -> None:
    call = make_call(PROBE, {"request": {"a": 1}, "some_list": [1], "model": "m"})
    assert (call.mapping("request"), call.items("some_list"), call.text("model")) == ({"a": 1}, [1], "m")
    assert (call.optional_text("model"), call.optional_text("rows")) == ("m", None)
    with pytest.raises(Unusable, match="--some-list: a JSON object is needed"):
        call.mapping("some_list")
    with pytest.raises(Unusable, match="--request: a JSON list is needed"):
        call.items("request")


def written(script: Any) -> list[dict[str, Any]]:
    """Collect the records written from now on."""
    found: list[dict[str, Any]] = []
    events = script.client("s3").meta.events
    events.register("provide-client-params.s3.PutObject", lambda params, **_: found.append(json.loads(params["Body"])))
    return found


def test_a_record_tells_a_step_from_its_start_to_its_end(script: Any, make_call: Any) -> None:
    found = written(script)
    script.records(2)
    recorder = make_call(MODEL, {}).recorder
    recorder.start()
    recorder.give({"model": "m"}, {"image": "i"})
    recorder.succeed()
    assert [record["state"] for record in found] == ["Running", "Succeeded"]
    assert (found[0]["step"], found[0]["component"], found[0]["run"]) == ("step", "model", "r-1")
    assert found[0]["ended"] is None and found[0]["started"] <= found[1]["ended"]
    assert (found[1]["outputs"], found[1]["details"]) == ({"model": "m"}, {"image": "i"})


def test_a_failure_is_recorded_with_its_hint(script: Any, make_call: Any) -> None:
    found = written(script)
    script.records()
    with pytest.raises(Failure), command.Ending(make_call(GATE, {})):
        raise Failure("no data", hint="bring some")
    assert (found[0]["state"], found[0]["reason"], found[0]["hint"]) == ("Failed", "no data", "bring some")


def test_a_bug_is_recorded_and_stays_a_bug(script: Any, make_call: Any) -> None:
    found = written(script)
    script.records()
    with pytest.raises(ZeroDivisionError), command.Ending(make_call(GATE, {})):
        _ = 1 / 0
    assert found[0]["reason"] == "ZeroDivisionError: division by zero"


def test_the_record_of_a_failure_bears_an_outage(script: Any, make_call: Any) -> None:
    found = written(script)
    script.refuses("s3:put_object", "SlowDown", "Please reduce your request rate.", 503)
    script.records()
    with pytest.raises(Failure), command.Ending(make_call(GATE, {})):
        raise Failure("no data")
    assert found[-1]["state"] == "Failed"


def test_a_record_that_cannot_be_written_hides_no_failure(
    script: Any, make_call: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    script.refuses("s3:put_object", "AccessDenied", "Access Denied", 403)
    with pytest.raises(Failure, match="the first"), command.Ending(make_call(GATE, {})):
        raise Failure("the first")
    assert "could not be written: PutObject: AccessDenied" in capsys.readouterr().err

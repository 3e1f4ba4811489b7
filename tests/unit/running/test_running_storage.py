"""The runner's own client of the embedded server: nothing of the user's own AWS set-up bends it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from specimen.errors import SpecimenError
from specimen.running.clients import ATTEMPTS
from specimen.running.storage import connect

SERVER = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
}


def test_profiles_configuration_files_and_proxies_have_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-west-1\nmax_attempts = 77\n", encoding="utf-8")
    monkeypatch.setenv("AWS_PROFILE", "absent")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client = connect(SERVER).client
    assert client.meta.endpoint_url == SERVER["AWS_ENDPOINT_URL"]
    assert client.meta.region_name == "us-east-1"
    told: Any = client.meta.config  # whose options the type stubs leave out
    assert told.proxies == {}
    assert "77" not in str(told.retries)


@pytest.mark.parametrize("status", [0, 503])
def test_a_server_that_is_away_for_a_while_is_asked_again(troubled: "Troubled", status: int, tmp_path: Path) -> None:
    """More often than botocore asks by itself, which takes its pauses by lot."""
    troubled.answers = [status] * (ATTEMPTS + 1) + [200]
    storage = connect({**SERVER, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{troubled.server_port}"})
    storage.ensure_bucket("somewhere")
    assert troubled.answers == []
    troubled.answers = [200, *[status] * ATTEMPTS, 200]
    source = tmp_path / "table.csv"
    source.write_text("1,2\n", encoding="utf-8")
    assert storage.upload(source, "s3://somewhere/table.csv")
    assert troubled.answers == []


def test_an_answer_that_asking_again_does_not_change_is_the_end_of_it(troubled: "Troubled") -> None:
    troubled.answers = [501, 403]
    storage = connect({**SERVER, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{troubled.server_port}"})
    for left in ([403], []):
        with pytest.raises(SpecimenError, match="the embedded SageMaker's object store"):
            storage.ensure_bucket("somewhere")
        assert troubled.answers == left


class Troubled(HTTPServer):
    """Answers with one status after the other; 0 stands for a connection that is closed without an answer."""

    answers: list[int]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Troubled

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if (status := self.server.answers.pop(0)) == 0:
            self.close_connection = True
            return
        self.send_response_only(status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")  # the next may come from another thread, and one is served at a time
        self.end_headers()

    do_PUT = do_GET = _answer  # noqa: N815 - http.server's names


@pytest.fixture
def troubled() -> Iterator[Troubled]:
    """A server on loopback whose answers a test lays down."""
    with Troubled(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()

"""What the serving container answers, over real connections."""

from __future__ import annotations

import http.client
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from specimen_jobs.container import Container, JobError
from specimen_jobs.xgboost.serving import ModelServer, Settings, load, serve

ROWS = np.array([[0.5, 1.0], [-0.5, 2.0], [1.5, -1.0]], dtype=np.float32)
CSV_ROWS = "0.5,1.0\n-0.5,2.0\n1.5,-1.0"


@dataclass(frozen=True)
class Answer:
    status: int
    kind: str | None
    text: str


Ask = Callable[..., Answer]
Start = Callable[..., Ask]


def fitted(objective: str = "binary:logistic", **parameters: Any) -> xgboost.Booster:
    rng = np.random.default_rng(3)
    features = rng.normal(size=(60, 2)).astype(np.float32)
    labels = np.digitize(features[:, 0], [-0.5, 0.5]) if "num_class" in parameters else features[:, 0] > 0
    return xgboost.train({"objective": objective, **parameters}, xgboost.DMatrix(features, label=labels), 4)


@pytest.fixture
def start() -> Iterator[Start]:
    """Serve a model and give a function that sends requests over one kept connection."""
    with ExitStack() as stack:

        def starting(booster: xgboost.Booster, environment: Mapping[str, str] | None = None) -> Ask:
            server = stack.enter_context(ModelServer(0, booster, Settings.from_environment(environment or {})))
            thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            connection = stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", server.server_port)))

            def ask(body: str | bytes, path: str = "/invocations", method: str = "POST", **headers: str) -> Answer:
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                connection.request(method, path, body, {"Content-Type": "text/csv", **named})
                response = connection.getresponse()
                return Answer(response.status, response.headers["Content-Type"], response.read().decode())

            return ask

        yield starting


def numbers(text: str) -> list[float]:
    return [float(line) for line in text.split()]


def test_a_ping_is_answered(start: Start) -> None:
    assert start(fitted())("", "/ping", "GET").status == 200


def test_probabilities_come_one_a_line(start: Start) -> None:
    booster = fitted()
    answer = start(booster)(CSV_ROWS)
    assert (answer.status, answer.kind) == (200, "text/csv")
    assert numbers(answer.text) == pytest.approx(booster.predict(xgboost.DMatrix(ROWS)).tolist(), rel=1e-6)


def test_json_and_jsonlines_carry_scores(start: Start) -> None:
    ask = start(fitted())
    scores = numbers(ask(CSV_ROWS).text)
    answer = ask(CSV_ROWS, Accept="application/json; charset=utf-8")
    assert answer.kind == "application/json"
    assert json.loads(answer.text) == {"predictions": [{"score": score} for score in scores]}
    lines = ask(CSV_ROWS, Accept="application/jsonlines").text.splitlines()
    assert [json.loads(line) for line in lines] == [{"score": score} for score in scores]


def test_class_probabilities_are_rows_and_classes_are_numbers(start: Start) -> None:
    rows = [line.split(",") for line in start(fitted("multi:softprob", num_class=3))(CSV_ROWS).text.splitlines()]
    assert [sum(map(float, row)) for row in rows] == pytest.approx([1, 1, 1], rel=1e-5)
    assert set(numbers(start(fitted("multi:softmax", num_class=3))(CSV_ROWS).text)) <= {0.0, 1.0, 2.0}


def test_a_batch_transform_gets_a_line_a_record_whatever_it_accepts(start: Start) -> None:
    batch = {"SAGEMAKER_BATCH": "true"}
    answer = start(fitted(), batch)(CSV_ROWS, Accept="application/json")
    assert len(numbers(answer.text)) == 3
    assert answer.text.endswith("\n")
    lines = start(fitted("multi:softprob", num_class=3), batch)(CSV_ROWS).text.splitlines()
    assert [len(json.loads(line)) for line in lines] == [3, 3, 3]


@pytest.mark.parametrize("kind", ["text/libsvm", "text/x-libsvm"])
def test_libsvm_rows_may_lack_features(start: Start, kind: str) -> None:
    booster = fitted()
    answer = start(booster)("0:0.5 1:1.0\n0:-0.5\n", Content_Type=kind)
    rows = np.array([[0.5, 1.0], [-0.5, np.nan]], dtype=np.float32)
    assert numbers(answer.text) == pytest.approx(booster.predict(xgboost.DMatrix(rows)).tolist(), rel=1e-6)


def test_an_empty_cell_is_missing(start: Start) -> None:
    booster = fitted()
    expected = booster.predict(xgboost.DMatrix(np.array([[np.nan, 1.0]]))).tolist()
    assert numbers(start(booster)(",1.0\n").text) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"),
    [
        ("1,2,3", {}, 400, "Feature size of inference data 3 is not consistent with feature size of trained model 2"),
        ("1", {}, 400, "Feature size of inference data 1"),
        ("9:1", {"Content_Type": "text/libsvm"}, 400, "Feature size of inference data 10"),
        ("1,a", {}, 415, "payload, row 1, column 2: 'a' is not numeric"),
        ("1,2\n3", {}, 415, "row 2 has 1 columns"),
        ("{}", {"Content_Type": "application/json"}, 415, "application/json is not an accepted ContentType"),
        (b"\xff:1", {"Content_Type": "text/libsvm"}, 415, "utf-8"),
        ("1,2", {"Accept": "text/html"}, 406, "Accept type text/html is not supported"),
        ("", {}, 204, ""),
        ("1,2", {"path": "/other"}, 404, ""),
    ],
)
def test_a_bad_request_is_answered_with_its_status_and_the_connection_lives(
    start: Start, body: str, headers: dict[str, str], status: int, said: str
) -> None:
    ask = start(fitted())
    answer = ask(body, **headers)
    assert answer.status == status
    assert said in answer.text
    assert ask(CSV_ROWS).status == 200


def test_a_payload_over_the_limit_is_refused(start: Start) -> None:
    assert start(fitted(), {"MAX_CONTENT_LENGTH": "10"})(CSV_ROWS).status == 413


def test_execution_parameters_tell_batch_transform_what_it_may_send(start: Start) -> None:
    answer = start(fitted(), {"SAGEMAKER_MAX_PAYLOAD_IN_MB": "2"})("", "/execution-parameters", "GET")
    assert json.loads(answer.text)["MaxPayloadInMB"] == 2


def test_an_unknown_page_is_not_found(start: Start) -> None:
    assert start(fitted())("", "/", "GET").status == 404


def test_a_default_accept_comes_from_the_environment(start: Start) -> None:
    ask = start(fitted(), {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "application/json"})
    assert ask(CSV_ROWS, Accept="*/*").kind == "application/json"


def test_a_model_folder_holds_exactly_one_model(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="0 files"):
        load(tmp_path)
    (tmp_path / "xgboost-model").write_bytes(b"not a model")
    with pytest.raises(JobError, match="xgboost-model is no XGBoost model"):
        load(tmp_path)
    (tmp_path / "another").touch()
    with pytest.raises(JobError, match="2 files"):
        load(tmp_path)


class Trap:
    """An object whose unpickling leaves a file behind."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def test_a_pickled_model_is_never_unpickled(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "xgboost-model").write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    with pytest.raises(JobError):
        load(model)
    assert not (tmp_path / "sprung").exists()


def test_a_port_in_use_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    container = Container(tmp_path)
    container.model.mkdir()
    fitted().save_model(tmp_path / "model.ubj")
    (tmp_path / "model.ubj").rename(container.model / "xgboost-model")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("SAGEMAKER_BIND_TO_PORT", str(port))
        with pytest.raises(JobError, match=f"Port {port} cannot be served"):
            serve(container)


def test_the_container_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    container = Container(tmp_path)
    container.model.mkdir()
    fitted().save_model(tmp_path / "model.ubj")
    (tmp_path / "model.ubj").rename(container.model / "xgboost-model")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(tmp_path), "SAGEMAKER_BIND_TO_PORT": str(port)}
    command = [sys.executable, "-m", "specimen_jobs.xgboost", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert f"127.0.0.1:{port}" in process.stdout.readline()
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            connection.request("GET", "/ping")
            assert connection.getresponse().status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0


@pytest.mark.parametrize("booster", ["gbtree", "dart", "gblinear"])
def test_requests_at_once_are_answered_as_one_after_the_other(booster: str) -> None:
    model = fitted(booster=booster)
    rows = ["0.5,1.0", "-0.5,2.0", "1.5,-1.0", "0.1,0.1"]
    with ModelServer(0, model, Settings.from_environment({})) as server, ThreadPoolExecutor(8) as pool:
        alone = [server.predict(row.encode(), "text/csv", None) for row in rows]
        assert list(pool.map(lambda row: server.predict(row.encode(), "text/csv", None), rows * 25)) == alone * 25


def test_many_connect_at_once() -> None:
    """Nobody is turned away while the server has not come to accept the first."""
    with ModelServer(0, fitted(), Settings.from_environment({})) as server, ExitStack() as stack:
        for _ in range(64):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.server_port), timeout=0.5))

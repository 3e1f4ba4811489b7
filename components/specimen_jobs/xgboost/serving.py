"""`serve`: answers /ping and /invocations on loopback as the built-in container does.

The model is read by XGBoost alone (UBJSON, JSON or its old binary form) and never unpickled.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import xgboost

from specimen_jobs.container import Container, JobError, log
from specimen_jobs.xgboost.answers import RefusedError, accept_of, read_rows, write_predictions
from specimen_jobs.xgboost.selection import VARIABLE, Selection

if TYPE_CHECKING:
    from specimen_jobs.xgboost.answers import Rows

DEFAULT_PORT: Final = 8080
DEFAULT_PAYLOAD: Final = 6 * 1024 * 1024
MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """How this container answers."""

    batch: bool
    default_accept: str
    largest_payload: int
    selected: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        megabytes = int(environment.get("SAGEMAKER_MAX_PAYLOAD_IN_MB") or 0)
        return cls(
            batch=bool(environment.get("SAGEMAKER_BATCH")),
            default_accept=environment.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or "text/csv",
            largest_payload=megabytes * MEGABYTE or int(environment.get("MAX_CONTENT_LENGTH") or DEFAULT_PAYLOAD),
            selected=environment.get(VARIABLE, ""),
        )


class ModelServer(ThreadingHTTPServer):
    """An HTTP server on loopback that holds one model."""

    daemon_threads = True
    request_queue_size = 128  # of connections at once: one too many is tried again after a second

    def __init__(self, port: int, booster: xgboost.Booster, settings: Settings) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.booster = booster
        self.settings = settings
        self._selection = Selection.of(settings.selected, booster) if settings.selected else None
        self._asking_alone = None if _plain_trees(booster) else threading.Lock()

    def predict(self, payload: bytes, content_type: str | None, accept: str | None) -> tuple[str, str]:
        """Return the response's content type and text; raise RefusedError for what cannot be answered."""
        rows = read_rows(payload, content_type, self.booster.num_features())
        predictions = self._predicted(rows)
        wanted = accept_of(accept, self.settings.default_accept)
        if self._selection is not None:
            return wanted, self._selection.write(predictions, wanted, self.settings.batch)
        return wanted, write_predictions(predictions.tolist(), wanted, self.settings.batch)

    def _predicted(self, rows: Rows) -> Any:
        if self._asking_alone is None:
            return self.booster.inplace_predict(rows, validate_features=False)
        with self._asking_alone:
            return self.booster.predict(xgboost.DMatrix(rows, nthread=1), validate_features=False)


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # an answer's head and body go together
    server: ModelServer

    def do_GET(self) -> None:
        """Answer a health check, or batch transform's question for its parameters."""
        match self.path:
            case "/ping":
                self._answer(HTTPStatus.OK)
            case "/execution-parameters":
                self._answer(HTTPStatus.OK, "application/json", json.dumps(self._execution_parameters()))
            case _:
                self._answer(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Answer an invocation."""
        try:
            payload = self._payload()
            if self.path != "/invocations":
                self._answer(HTTPStatus.NOT_FOUND)
            elif not payload:
                self._answer(HTTPStatus.NO_CONTENT)
            else:
                kind, text = self.server.predict(payload, self.headers["Content-Type"], self.headers["Accept"])
                self._answer(HTTPStatus.OK, kind, text)
        except RefusedError as refusal:
            log(f"{refusal.status.value} {refusal}", "ERROR")
            self._answer(refusal.status, "text/html; charset=utf-8", str(refusal))

    def log_message(self, format: str, *args: Any) -> None:
        """Log a request as the container's web server does, health checks aside."""
        if self.path != "/ping":
            log(format % args)

    def _payload(self) -> bytes:
        length = int(self.headers["Content-Length"] or 0)
        if length > self.server.settings.largest_payload:
            self.close_connection = True
            raise RefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"The payload has {length} bytes, at most {self.server.settings.largest_payload} are accepted",
            )
        return self.rfile.read(length)

    def _execution_parameters(self) -> dict[str, object]:
        return {
            "MaxConcurrentTransforms": os.cpu_count() or 1,
            "BatchStrategy": "MULTI_RECORD",
            "MaxPayloadInMB": self.server.settings.largest_payload // MEGABYTE,
        }

    def _answer(self, status: HTTPStatus, kind: str = "text/html; charset=utf-8", text: str = "") -> None:
        body = text.encode()
        self.send_response(status)
        if status is not HTTPStatus.NO_CONTENT:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(container: Container) -> None:
    """Serve the model until SIGTERM; raise JobError when there is none, or the port is taken."""
    booster = load(container.model)
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT") or DEFAULT_PORT)
    try:
        server = ModelServer(port, booster, Settings.from_environment(os.environ))
    except OSError as error:
        raise JobError(f"Port {port} cannot be served: {error}") from None
    with server:
        # shutdown() waits for serve_forever to return, which it cannot while this thread handles the signal.
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        log(f"XGBoost {xgboost.__version__} serves on 127.0.0.1:{server.server_port}")
        server.serve_forever(poll_interval=0.05)


def _plain_trees(booster: xgboost.Booster) -> bool:
    """Tell whether a model may be asked from several threads at once, which one of dropped trees (dart) may not."""
    name: str = json.loads(booster.save_config())["learner"]["gradient_booster"]["name"]
    return name == "gbtree"


def load(folder: Path) -> xgboost.Booster:
    """Return the model in a folder; raise JobError when there is not exactly one that XGBoost can read."""
    files = sorted(path for path in folder.glob("*") if path.is_file() and not path.name.startswith("."))
    if len(files) != 1:
        raise JobError(f"Unable to load model: {len(files)} files in the model archive, exactly one is needed")
    booster = xgboost.Booster()
    try:
        booster.load_model(bytearray(files[0].read_bytes()))
    except (xgboost.core.XGBoostError, ValueError) as error:
        reason = str(error).split("Stack trace:")[0].strip()
        raise JobError(f"Unable to load model: {files[0].name} is no XGBoost model ({reason})") from None
    booster.set_param({"nthread": 1})
    return booster

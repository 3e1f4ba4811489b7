"""The web server: each request goes to the service that its signature names, and answers in that service's protocol."""

import contextlib
import re
import socket
import sqlite3
import traceback
import uuid
from collections.abc import Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIEnvironment

from cheroot.wsgi import Server as WebServer

from specimen.emulator import s3
from specimen.emulator.accounts import SERVICES as ACCOUNT_SERVICES
from specimen.emulator.accounts import Accounts
from specimen.emulator.dispatch import Emulator
from specimen.emulator.errors import AwsError, PortInUse, too_long
from specimen.emulator.protocol.connection import Connection
from specimen.emulator.protocol.http import PIECE, HttpRequest, HttpResponse, read_request
from specimen.emulator.protocol.json_protocol import (
    BODY_BYTES,
    INVOCATION_BYTES,
    json_answer,
    json_error,
    read_json,
    read_rest,
    rest_answer,
    rest_operation,
)
from specimen.emulator.protocol.query_protocol import query_error
from specimen.emulator.shapes import service_model
from specimen.emulator.signing.claims import service as named_service
from specimen.emulator.signing.gate import Gate, Key
from specimen.emulator.signing.refusals import QUERY_SERVICES

HOST = "127.0.0.1"
THREADS = 16
FREE_PORTS_TRIED = 20
_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
_TARGETED = frozenset({"application-autoscaling", "logs", "sagemaker"})
_RUNTIME = "sagemaker-runtime"


class Application:
    """The WSGI application over an emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._accounts = Accounts(emulator.identity.account)
        self._gate = Gate(self._key, emulator.now)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = read_request(environ)
        service = named_service(request)
        try:
            _check_host(request)
            _check_invocation(service, request)
            request = self._gate.admit(service, request, INVOCATION_BYTES if service == _RUNTIME else BODY_BYTES)
            if service in ACCOUNT_SERVICES:
                return self._accounts.application(service)(_replaced(environ, request), start_response)
            return _send(request, self._answer(service, request), start_response)
        except AwsError as error:
            return _send(request, _error(service, request, error), start_response)
        except (OSError, sqlite3.Error) as problem:  # a full disk, most of all
            failure = AwsError("InternalFailure", f"The embedded SageMaker cannot use its state folder: {problem}", 500)
            return _send(request, _error(service, request, failure), start_response)
        except Exception as bug:  # a server outlives its own bugs; the log has the traceback
            traceback.print_exc()
            failure = AwsError("InternalFailure", f"A bug in the embedded SageMaker: {bug!r}; see its server.log.", 500)
            return _send(request, _error(service, request, failure), start_response)

    def _key(self, access_key: str) -> Key | None:
        own = self._emulator.identity.credentials
        return Key(own.secret_key) if access_key == own.access_key else self._accounts.key(access_key)

    def _answer(self, service: str, request: HttpRequest) -> HttpResponse:
        if service in _TARGETED:
            operation = request.headers.get("x-amz-target", "").partition(".")[2]
            return json_answer(self._emulator.call(service, operation, read_json(request)))
        if service == _RUNTIME:
            return self._rest(service, request)
        if service == "s3":
            return s3.answer(self._emulator.objects, self._emulator.identity.region, request)
        raise AwsError("NotImplemented", f"The embedded SageMaker does not implement the service {service}.", 501)

    def _rest(self, service: str, request: HttpRequest) -> HttpResponse:
        model = service_model(service)
        found = rest_operation(model, request)
        if found is None:
            raise AwsError(
                "UnknownOperationException", f"{service} has nothing at {request.method} {request.path}.", 404
            )
        operation, path = found
        response = self._emulator.call(service, operation, read_rest(model, operation, request, path))
        return rest_answer(model, operation, response)


def _check_host(request: HttpRequest) -> None:
    """Refuse a request that a web page sent by a name of its own (DNS rebinding)."""
    if not _LOOPBACK.fullmatch(request.headers.get("host", "")):
        raise AwsError("AccessDenied", "Access Denied: this server answers on loopback only.", 403)


def _check_invocation(service: str, request: HttpRequest) -> None:
    """Refuse a payload that no endpoint takes before any of it is read, as SageMaker Runtime does."""
    if service == _RUNTIME and (request.length or 0) > INVOCATION_BYTES:
        raise too_long("body", INVOCATION_BYTES)


def _replaced(environ: WSGIEnvironment, request: HttpRequest) -> WSGIEnvironment:
    """Return an environment whose body, which has been read to check it, can be read again."""
    return {**environ, "wsgi.input": request.stream, "CONTENT_LENGTH": str(request.length)}


def _error(service: str, request: HttpRequest, error: AwsError) -> HttpResponse:
    if service == "s3":
        return s3.error(request, error)
    return query_error(error) if service in QUERY_SERVICES else json_error(error)


def _send(request: HttpRequest, response: HttpResponse, start_response: StartResponse) -> Iterable[bytes]:
    _drain(request)
    length = len(response.body) if isinstance(response.body, bytes) else response.length
    headers = [(name, _ascii(value)) for name, value in response.headers.items()]
    headers += [("x-amzn-RequestId", str(uuid.uuid4()))]
    if length is not None and response.status not in (204, 304):
        headers.append(("Content-Length", str(length)))
    start_response(f"{response.status} {HTTPStatus(response.status).phrase}", headers)
    return [response.body] if isinstance(response.body, bytes) else response.body


def _ascii(value: str) -> str:
    """Keep a value to what a header line can hold."""
    return "".join(character if character >= " " else " " for character in value).encode().decode("latin-1")


def _drain(request: HttpRequest) -> None:
    """Read what is left of a body that was refused, piece by piece, so that the connection can go on."""
    if request.length is None:
        while request.stream.read(PIECE):  # in chunks, after whose last one there is nothing
            pass
    left = getattr(request.stream, "remaining", 0)
    while left > 0 and request.stream.read(min(left, PIECE)):
        left = getattr(request.stream, "remaining", 0)


def listen(port: int | None) -> WebServer:
    """Listen on a port of loopback, or on any that is free; the application is set before it serves."""
    if port is not None:
        return _listen(port)
    for _ in range(FREE_PORTS_TRIED):
        with contextlib.suppress(PortInUse):  # taken by another program in between
            return _listen(_free_port())
    raise PortInUse(f"found no free port on {HOST}", hint="name a port that is free")


def _free_port() -> int:
    """Find a free port: binding to 0 would do, but a port got so cannot be bound again right after a restart."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _listen(port: int) -> WebServer:
    server = WebServer((HOST, port), _not_ready, numthreads=THREADS, request_queue_size=128, shutdown_timeout=2)
    server.ConnectionClass = Connection
    server.keep_alive_conn_limit = 256
    server.max_request_header_size = 1 << 16
    try:
        server.prepare()
    except OSError as problem:
        said = str(problem).rpartition("] ")[2].rstrip(")")  # the system's own words, within the web server's
        raise PortInUse(
            f"cannot listen on {HOST}:{port}: {said}", hint="choose another port, or none to get a free one"
        ) from problem
    return server


def _not_ready(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []

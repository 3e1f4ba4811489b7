"""Stands between the run and the embedded SageMaker, and hands every request to whoever is to meddle with it.

The client signs the proxy's own host and port; they are passed on as they came, so that the signature holds and the
server needs to know nothing.
"""

import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.faults.calls import Call, read

HOST = "127.0.0.1"
_HOPS = frozenset({"connection", "transfer-encoding", "content-length", "expect", "keep-alive"})


@dataclass(frozen=True)
class Answer:
    """An answer as it goes back to the client."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Dropped(Exception):
    """The connection is to be reset without an answer."""


Forward = Callable[[], Answer]
Meddle = Callable[[Call, Forward], Answer]


class Proxy:
    """A proxy in front of the server whose port `port` tells; `meddle` may be replaced at any time."""

    def __init__(self, port: Callable[[], int]) -> None:
        self.meddle: Meddle = lambda _, forward: forward()
        self._web = _Web((HOST, 0), _handler(self, port))
        self._thread = threading.Thread(target=self._web.serve_forever, args=(0.05,), name="proxy", daemon=True)
        self._thread.start()

    @property
    def endpoint(self) -> str:
        """The address to be used in place of the server's."""
        return f"http://{HOST}:{self._web.server_address[1]}"

    def close(self) -> None:
        """Take no connection any more."""
        self._web.shutdown()
        self._web.server_close()


class _Web(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away: that is what they are made to do here."""


def _handler(proxy: Proxy, port: Callable[[], int]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            body = _body(self)
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = read(self.command, self.path, headers, body, self.client_address[1])
            sent = {name: value for name, value in self.headers.items() if name.lower() not in _HOPS}

            def forward() -> Answer:
                return _forward(port(), self.command, self.path, sent, body)

            try:
                answer = proxy.meddle(call, forward)
            except (Dropped, OSError, HTTPException):
                _reset(self)
            else:
                _send(self, answer)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler


def _body(handler: BaseHTTPRequestHandler) -> bytes:
    if handler.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
    pieces = []
    while size := int(handler.rfile.readline().partition(b";")[0], 16):
        pieces.append(handler.rfile.read(size))
        handler.rfile.readline()
    handler.rfile.readline()
    return b"".join(pieces)


def _forward(port: int, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    upstream = HTTPConnection(HOST, port, timeout=120)
    try:
        upstream.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            upstream.putheader(name, value)
        upstream.putheader("Content-Length", str(len(body)))
        upstream.endheaders(body)
        response = upstream.getresponse()
        kept = tuple(pair for pair in response.getheaders() if pair[0].lower() not in _HOPS - {"content-length"})
        return Answer(response.status, kept, response.read())
    finally:
        upstream.close()


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.send_response_only(answer.status)
    for name, value in answer.headers:
        handler.send_header(name, value)
    if not any(name.lower() == "content-length" for name, _ in answer.headers) and answer.status not in (204, 304):
        handler.send_header("Content-Length", str(len(answer.body)))
    handler.end_headers()
    handler.wfile.write(answer.body)


def _reset(handler: BaseHTTPRequestHandler) -> None:
    """Close so that the other side sees a reset, and no orderly end."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True

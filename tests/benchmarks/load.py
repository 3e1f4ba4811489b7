"""A load of many clients in one thread, so that what is measured is the server and not its clients.

Each client has a connection of its own and sends its next request when the last one was answered (a closed loop).
"""

import os
import selectors
import socket
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_RECEIVED = 1 << 16


@dataclass(frozen=True)
class Latencies:
    """The seconds that each request took, and all of them together; `processor` is the server's share of each."""

    clients: int
    seconds: Sequence[float]
    elapsed: float
    processor: float

    def __str__(self) -> str:
        return (
            f"median {statistics.median(self.seconds) * 1000:6.2f} ms   "
            f"p99 {statistics.quantiles(self.seconds, n=100)[98] * 1000:6.2f} ms   "
            f"{len(self.seconds) / self.elapsed:6.0f} a second   "
            f"processor time of the server {self.processor * 1000:.2f} ms a request"
        )


@dataclass
class _Client:
    """One connection, and what has come of an answer so far."""

    connection: socket.socket
    sent: float = 0.0
    answer: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes) -> None:
        self.answer.clear()
        self.sent = time.perf_counter()
        self.connection.sendall(request)  # a request fits into the socket's buffer

    def answered(self) -> bool:
        """Take what has come; True once the answer is whole."""
        piece = self.connection.recv(_RECEIVED)
        if not piece:
            raise ConnectionError("the server closed the connection before it answered")
        self.answer += piece
        head, end, body = self.answer.partition(b"\r\n\r\n")
        return bool(end) and len(body) >= _length(head)


def _length(head: bytearray) -> int:
    if not head.startswith(b"HTTP/1.1 200"):
        raise ConnectionError(f"the server answered {head.decode('latin-1')}")
    return int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])


def answer(port: int, request: bytes) -> bytes:
    """Send one request, whose answer must be 200, and return the body."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        client = _Client(connection)
        client.send(request)
        while not client.answered():
            pass
    return bytes(client.answer.partition(b"\r\n\r\n")[2])


def load(port: int, request: bytes, clients: int, total: int, pid: int) -> Latencies:
    """Have `clients` clients send a request again and again until `total` are answered by the server process `pid`."""
    asking = [_Client(socket.create_connection(("127.0.0.1", port), timeout=30)) for _ in range(clients)]
    try:
        started, processor = time.perf_counter(), _processor(pid)
        seconds = _loop(asking, request, total)
        elapsed, used = time.perf_counter() - started, _processor(pid) - processor
    finally:
        for client in asking:
            client.connection.close()
    return Latencies(clients, seconds, elapsed, used / len(seconds))


def _loop(clients: Sequence[_Client], request: bytes, total: int) -> list[float]:
    seconds: list[float] = []
    with selectors.DefaultSelector() as selector:
        for client in clients:
            client.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(client.connection, selectors.EVENT_READ, client)
            client.send(request)
        while len(seconds) < total:
            for key, _ in selector.select():
                client = key.data
                if client.answered():
                    seconds.append(time.perf_counter() - client.sent)
                    client.send(request)
    return seconds


def _processor(pid: int) -> float:
    """Return the processor time that a process has used so far, in seconds: fields 14 and 15 of proc(5)'s stat."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

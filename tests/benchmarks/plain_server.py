"""The baseline of the server: the same web server with an application that answers the bytes it was started with."""

import sys
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from cheroot.wsgi import Server
from specimen.emulator.server import HOST, THREADS


def main() -> None:
    """Read the answer from standard input, print the port, and serve until killed."""
    answer = sys.stdin.buffer.read()

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"].read()
        headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(answer)))]
        start_response("200 OK", headers)
        return [answer]

    server = Server((HOST, 0), application, numthreads=THREADS)
    server.prepare()
    print(server.bind_addr[1], flush=True)
    server.serve()


if __name__ == "__main__":
    main()

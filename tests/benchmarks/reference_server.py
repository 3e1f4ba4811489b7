"""The baseline of serving: a model behind HTTP, whose requests are parsed as SageMaker's XGBoost container does it.

``python -m tests.benchmarks.reference_server MODEL`` prints its port and serves until killed. The container goes
through a libsvm request token by token (`_get_sparse_matrix_from_libsvm`), and lets XGBoost predict on one thread.
"""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import xgboost
from scipy.sparse import csr_matrix

from tests.benchmarks.measuring import ROOT


def parse(payload: bytes, width: int) -> csr_matrix:
    """Return the rows of a libsvm payload, read token by token."""
    rows, columns, values = [], [], []
    for number, line in enumerate(payload.strip().decode().split("\n")):
        for token in line.split(" "):
            if ":" in token:
                rows.append(number)
                columns.append(int(token.split(":")[0]))
                values.append(token.split(":")[1])
    placed = (np.array(rows), np.array(columns).astype(int))
    return csr_matrix((np.array(values).astype(float), placed), shape=(number + 1, width))


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    booster: xgboost.Booster

    def do_POST(self) -> None:
        """Answer an invocation."""
        payload = self.rfile.read(int(self.headers["Content-Length"]))
        rows = xgboost.DMatrix(parse(payload, self.booster.num_features()))
        answers = self.booster.predict(rows, validate_features=False).tolist()
        body = "".join(f"{answer}\n" for answer in answers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(model: Path) -> Iterator[int]:
    """Serve a model in a process of its own; give the port."""
    command = [sys.executable, "-m", "tests.benchmarks.reference_server", str(model)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def main() -> None:
    """Load the model, print the port, and serve until killed."""
    Handler.booster = xgboost.Booster(model_file=sys.argv[1])
    Handler.booster.set_param({"nthread": 1})
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()

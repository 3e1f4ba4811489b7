"""10,000 MNIST images sent by `verify`: at least 4 times the rows a second of a loop over the reference's server."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from specimen.emulator.control import Server
from specimen_components.clients import Aws
from specimen_components.command import Call
from specimen_components.environment import Environment
from specimen_components.interface import VERIFY
from specimen_components.records import Recorder
from specimen_components.verification.asking import Asker
from specimen_components.verification.course import Course
from specimen_components.verification.rows import batches
from specimen_components.waiting import LOCALLY, Clock

from tests.benchmarks import reference_server, serving
from tests.benchmarks.measuring import SHARED, Cost, compare, timed
from tests.benchmarks.serving import AT_ONCE, BATCH, KIND, ROUNDS, ROWS

PAYLOAD = 6 * 1024 * 1024


def main() -> None:
    """Measure and print."""
    if not (SHARED / "data/mnist.npz").exists():
        print("skipped: there is no ../shared/data/mnist.npz")
        return
    with tempfile.TemporaryDirectory() as scratch:
        model, requests = serving.prepared(Path(scratch))
        part = Path(scratch) / "test.libsvm"
        part.write_bytes(labelled(b"".join(requests)))
        with reference_server.serving(model) as port, serving.endpoint(Path(scratch), model) as server:
            with part.open("rb") as file:
                sent = [batch.body for batch in batches(file, KIND, BATCH, PAYLOAD)]
            verified = verification(server, part)
            expected = np.array(b"".join(serving.looped(port, sent)).split(), dtype="S").astype(np.float64)
            assert np.array_equal(np.concatenate([reply.answers[:, 0] for reply in verified().replies]), expected)
            ours, theirs, processor = [], [], []
            for _ in range(ROUNDS):
                cost = timed(verified)
                ours.append(Cost(cost.seconds, cost.seconds, 0))
                processor.append(cost.processor / len(sent) * 1000)
                cost = timed(lambda: serving.looped(port, sent))
                theirs.append(Cost(cost.seconds, cost.seconds, 0))
        told = f"{ROWS:,} images, {BATCH} a request, {AT_ONCE} in flight"
        compare(told, "a loop over the reference server", ours, theirs, "4 times")
        spread = f"({min(processor):.2f} to {max(processor):.2f})"
        print(f"  of these the client's own: {np.median(processor):.2f} ms a request {spread}, asked: 1 ms", flush=True)


def labelled(rows: bytes) -> bytes:
    """Write labels before rows, as `prepare` does."""
    with np.load(SHARED / "data/mnist.npz", allow_pickle=False) as arrays:
        labels = arrays["test_y"]
    return b"".join(b"%d %s\n" % (label, row) for label, row in zip(labels, rows.splitlines(), strict=True))


def verification(server: Server, part: Path) -> Callable[[], Course]:
    """Give what `verify` does between the first question and the last answer: cut, send, read."""
    os.environ.update(server.environment())  # where the SDK looks for keys
    aws = Aws(Environment(server.region, server.endpoint, local=True))
    call = Call(VERIFY, "r", {}, aws, Recorder(aws, "s3://b/runs/r/verify.json", "verify", "r"), Clock(), LOCALLY)

    def ask() -> Course:
        began = call.clock.now()
        with part.open("rb") as file:
            replies = list(Asker(call, "digits", KIND, None).replies(batches(file, KIND, BATCH, PAYLOAD), AT_ONCE))
        return Course(replies, call.clock.now() - began)

    return ask

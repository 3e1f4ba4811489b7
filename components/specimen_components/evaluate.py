"""How good the model is: the test part through a batch transform job, and every figure from the job's output object."""

import io
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from specimen_components import adopt, outputs, resources, storage
from specimen_components.command import Call, Result, run
from specimen_components.evaluation import labels, metrics, predictions, views
from specimen_components.evaluation.statistics import statistics
from specimen_components.interface import EVALUATE
from specimen_components.jsondata import Json, canonical, digest
from specimen_components.problems import Failure
from specimen_components.progress import say

_DIGITS = 16


@dataclass(frozen=True)
class Answers:
    """The job's output object: where it is, and what the model answered."""

    uri: str
    given: predictions.Predictions


def work(call: Call) -> Result:
    """Ask the model for the test part, or use the job that has asked the same already; compute the metrics."""
    output = partial(_output, call.text("test"))
    job = adopt.job(call, resources.TRANSFORM_JOB, call.text("prefix"), call.mapping("request"), output=output)
    answers = _answers(call, output(job.description))
    problem = metrics.parse(call.mapping("problem"))
    evaluation = metrics.evaluate(problem, answers.given)
    for note in evaluation.notes:
        say(note)
    named: dict[str, Json] = {f"test:{name}": value for name, value in evaluation.metrics.items()}
    return Result(
        {
            "job": job.resource.name,
            "predictions": answers.uri,
            "statistics": _written(call, answers, statistics(evaluation, answers.given)),
            "metrics": named,
        },
        artifacts={"metrics_view": outputs.metrics(named), **views.classification(evaluation, evaluation.classes)},
        details=views.document(evaluation, evaluation.classes),
    )


def _output(test: str, description: Mapping[str, Any]) -> str:
    """Give the one object that a transform job makes of one input object: its name with ``.out`` behind it."""
    return storage.joined(description["TransformOutput"]["S3OutputPath"], f"{test.rsplit('/', 1)[-1]}.out")


def _answers(call: Call, uri: str) -> Answers:
    if call.ask(lambda: storage.find(call.aws, uri)) is None:
        raise Failure(
            f"the transform job has completed, and its output {uri} is not there",
            hint="Was it deleted meanwhile? Run again, and a new job writes it.",
        )
    content = call.ask(lambda: storage.read(call.aws, uri))
    with io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="replace") as text, _part(call) as file:
        request = call.mapping("request")
        if "DataProcessing" in request:  # the labels come back with the answers
            return Answers(uri, predictions.read(text, predictions.count_rows(file)))
        return Answers(uri, predictions.aligned(text, labels.read(file, _content_type(request))))


@contextmanager
def _part(call: Call) -> Iterator[BinaryIO]:
    """Open the test part."""
    with tempfile.TemporaryDirectory(prefix="evaluate-") as folder:
        path = Path(folder) / "test"
        call.ask(lambda: storage.download(call.aws, call.text("test"), path))
        with path.open("rb") as file:
            yield file


def _content_type(request: Mapping[str, Any]) -> str:
    return str(request["TransformInput"]["ContentType"])


def _written(call: Call, answers: Answers, content: Mapping[str, Json]) -> str:
    """Write the statistics beside the predictions under their digest, and give their URI."""
    prefix = answers.uri.rsplit("/", 1)[0]
    uri = storage.joined(prefix, "statistics", f"{digest(content)[:_DIGITS]}.json")
    if call.ask(lambda: storage.find(call.aws, uri)) is None:
        call.ask(lambda: storage.write(call.aws, uri, canonical(content), "application/json"))
    return uri


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(EVALUATE, work, argv)


if __name__ == "__main__":
    sys.exit(main())

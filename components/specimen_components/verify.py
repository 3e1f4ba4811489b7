"""How good an endpoint is: the test part sent through it, its answers judged as `evaluate` judges, and its speed."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from specimen_components import outputs, siblings, storage
from specimen_components.command import Call, Result, run
from specimen_components.evaluation import metrics, views
from specimen_components.evaluation.predictions import Array, Predictions, PredictionsError
from specimen_components.hosting import served
from specimen_components.interface import VERIFY
from specimen_components.jsondata import Json, canonical, digest, finite
from specimen_components.problems import Failure
from specimen_components.progress import say
from specimen_components.verification import confusion, parts
from specimen_components.verification.asking import Asker, Reply
from specimen_components.verification.course import Course
from specimen_components.verification.parts import Part
from specimen_components.verification.rows import batches

_DIGITS = 16


@dataclass(frozen=True)
class Judged:
    """The evaluation of all replies, and the classes' names."""

    evaluation: metrics.Evaluation
    predictions: Predictions
    classes: tuple[str, ...]


def work(call: Call) -> Result:
    """Send the test part through the endpoint and judge the answers."""
    records, variants = siblings.records(call), served.variants(call)
    asked = parts.parts(call, variants, records)
    problem = metrics.parse(parts.problem(variants))
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        files = [_fetched(call, part, Path(folder) / f"{number}") for number, part in enumerate(asked)]
        course = _course(call, asked, files)
        judged = _judged(call, problem, asked, course)
        details = {
            **_course_told(call, course),
            **views.document(judged.evaluation, judged.classes),
            "confused": _confused(judged, asked, files, course),
        }
    named = {f"endpoint:{name}": value for name, value in _metrics(judged, course).items()}
    say(f"{course.rows:,} rows in {len(course.replies):,} requests and {course.seconds:.2f} s; {_error(named)}")
    return Result(
        {"metrics": named, "report": _written(call, details)},
        artifacts={
            "metrics_view": outputs.metrics(named),
            **views.classification(judged.evaluation, judged.classes),
        },
        details=details,
    )


def _fetched(call: Call, part: Part, path: Path) -> Path:
    call.ask(lambda: storage.download(call.aws, part.uri, path))
    return path


def _course(call: Call, asked: Sequence[Part], files: Sequence[Path]) -> Course:
    """Ask for each part in turn; raise `Failure` for one without rows."""
    number = {name: int(float(str(call.arguments[name]))) for name in ("batch", "concurrency", "payload")}
    replies: list[Reply] = []
    began = call.clock.now()
    for part, path in zip(asked, files, strict=True):
        asker = Asker(call, call.text("endpoint"), part.content_type, part.variant)
        with path.open("rb") as file:
            cut = batches(file, part.content_type, number["batch"], number["payload"])
            replies += asker.replies(cut, number["concurrency"])
    if not replies:
        raise Failure("the test part has no rows", hint="Give a larger dataset.split.test.")
    return Course(replies, call.clock.now() - began)


def _judged(call: Call, problem: metrics.Problem, asked: Sequence[Part], course: Course) -> Judged:
    widths = {reply.answers.shape[1] for reply in course.replies}
    if len(widths) > 1:
        raise Failure(
            f"the endpoint answers rows with {' and '.join(map(str, sorted(widths)))} numbers",
            hint="Its variants' models answer differently; leave `hosting.verify` out, or host models of one kind.",
        )
    given = Predictions(
        labels=np.concatenate([reply.batch.labels for reply in course.replies]),
        answers=np.concatenate([reply.answers for reply in course.replies]),
    )
    try:
        evaluation = metrics.evaluate(problem, given)
    except PredictionsError as error:
        raise Failure(str(error), hint="Does the endpoint serve a model that was trained on such labels?") from error
    for note in evaluation.notes:
        say(note)
    names = parts.classes(call, asked[0]) if evaluation.classes else None
    same = names is not None and len(names) == len(evaluation.classes)
    return Judged(evaluation, given, names if names and same else evaluation.classes)


def _metrics(judged: Judged, course: Course) -> dict[str, Json]:
    found: dict[str, Json] = dict(judged.evaluation.metrics)
    if (accuracy := judged.evaluation.metrics.get("accuracy")) is not None:
        found = {"error": 1 - accuracy, **found}
    latency = {f"latency_{name}": value for name, value in course.latency.items() if name.startswith("p")}
    return {**found, **latency, "rows_per_second": course.rows_per_second}


def _error(named: Mapping[str, Json]) -> str:
    name = "endpoint:error" if "endpoint:error" in named else "endpoint:rmse"
    return f"{name} {named.get(name):.4g}"


def _course_told(call: Call, course: Course) -> dict[str, Json]:
    size = {name: int(float(str(call.arguments[name]))) for name in ("batch", "concurrency")}
    return {"endpoint": call.text("endpoint"), **size, **course.document()}


def _confused(judged: Judged, asked: Sequence[Part], files: Sequence[Path], course: Course) -> list[Json]:
    """Give the classes that are confused most, with examples from the test parts."""
    if not judged.evaluation.classes:
        return []
    predicted: Array = metrics.predicted(judged.evaluation.problem, judged.predictions)
    found = confusion.pairs(judged.predictions.labels, predicted, judged.evaluation.confusion)
    examples = _examples(asked, files, course, [row for pair in found for row in pair.rows])
    return [
        confusion.document(pair, judged.classes, [examples[row] for row in pair.rows if row in examples])
        for pair in found
    ]


def _examples(
    asked: Sequence[Part], files: Sequence[Path], course: Course, rows: Sequence[int]
) -> dict[int, dict[str, Json]]:
    """Give the rows with their features; rows are counted over all test parts, and named within their own."""
    found: dict[int, dict[str, Json]] = {}
    first, sizes = 0, _sizes(course)
    for part, path, size in zip(asked, files, sizes, strict=True):
        own = [row - first for row in rows if first <= row < first + size]
        with path.open("rb") as file:
            for row, line in confusion.lines(file, own).items():
                features = confusion.features(line, part.content_type, len(part.columns) - 1)
                found[first + row] = {"row": row + 1, **({} if features is None else {"features": features})}
        first += size
    return found


def _sizes(course: Course) -> list[int]:
    """Give the number of rows of each test part, whose first batch begins at row 0."""
    sizes: list[int] = []
    for reply in course.replies:
        if reply.batch.first == 0:
            sizes.append(0)
        sizes[-1] += len(reply.batch.labels)
    return sizes


def _written(call: Call, details: Mapping[str, Json]) -> str:
    """Write the report under its digest, and give its URI."""
    content = canonical(finite(details))
    uri = storage.joined(call.text("destination"), f"{digest(finite(details))[:_DIGITS]}.json")
    call.ask(lambda: storage.write(call.aws, uri, content, "application/json"))
    return uri


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(VERIFY, work, argv)


if __name__ == "__main__":
    sys.exit(main())

"""The test part as requests, answers as numbers, and what came of both."""

import io
import re
from typing import Any

import numpy as np
import pytest
from botocore.response import StreamingBody
from specimen_components.interface import VERIFY
from specimen_components.problems import Failure, Unreachable
from specimen_components.verification import confusion
from specimen_components.verification.answers import numbers
from specimen_components.verification.asking import Asker, Reply
from specimen_components.verification.course import Course
from specimen_components.verification.rows import Batch, batches

CSV, LIBSVM = "text/csv", "text/libsvm"
TABLE = b"1,5,6\n0,,8\n2,9,9\n"


def cut(text: bytes, content_type: str = CSV, rows: int = 2, payload: int = 1000) -> list[Batch]:
    return list(batches(io.BytesIO(text), content_type, rows, payload))


def test_rows_of_csv_are_sent_without_their_labels() -> None:
    first, second = cut(TABLE)
    assert (first.body, first.labels.tolist(), first.first) == (b"5,6\n,8", [1, 0], 0)
    assert (second.body, second.labels.tolist(), second.named) == (b"9,9", [2], "row 3")


def test_rows_of_libsvm_are_sent_as_they_are() -> None:
    """One without features too, of which nothing but the label stands there."""
    first, second = cut(b"7 1:0.5 3:2\n1\n3 2:1", LIBSVM)
    assert (first.body, first.labels.tolist(), first.named) == (b"7 1:0.5 3:2\n1", [7, 1], "rows 1 to 2")
    assert (second.body, second.labels.tolist()) == (b"3 2:1", [3])


def test_a_batch_that_is_too_large_is_divided() -> None:
    sent = cut(b"0,1234\n" * 5, rows=5, payload=10)
    assert [(batch.first, len(batch.labels)) for batch in sent] == [(0, 2), (2, 1), (3, 2)]
    assert b"\n".join(batch.body for batch in sent) == b"\n".join([b"1234"] * 5)
    assert all(len(batch.body) <= 10 for batch in sent)
    with pytest.raises(Failure, match="row 1 of the test part has 4 bytes, and a request holds 3 at most"):
        cut(b"0,1234\n", payload=3)


def test_a_label_that_is_text_is_said() -> None:
    with pytest.raises(Failure, match="a label of the test part is no number") as caught:
        cut(b"cat,1,2\n")
    assert "dataset.encode" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("body", "rows", "expected"),
    [
        (b"0.5\n0.25\n", 2, [[0.5], [0.25]]),
        (b"0.5,0.25", 2, [[0.5], [0.25]]),  # as SageMaker's XGBoost answers where it serves
        (b'"[0.5, 0.25]"\n"[0.1, 0.9]"\n', 2, [[0.5, 0.25], [0.1, 0.9]]),
        (b"0.5,0.25\r\n0.1,0.9\r\n", 2, [[0.5, 0.25], [0.1, 0.9]]),
    ],
)
def test_answers_are_read_in_the_forms_that_models_give(body: bytes, rows: int, expected: list[list[float]]) -> None:
    assert numbers(body, rows).tolist() == expected


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the endpoint answers '', where numbers are expected"),
        (b"0.5\nnan", "where numbers are expected"),
        (b"<html>no</html>", "'<html>no</html>', where numbers"),
        (b"1\n2\n3\n", "the endpoint answers 3 numbers for 2 rows"),
    ],
)
def test_answers_that_are_none_are_said(body: bytes, said: str) -> None:
    with pytest.raises(Failure, match=re.escape(said)):
        numbers(body, 2)


def answered(script: Any, body: bytes, variant: str = "main", retries: int = 0) -> None:
    response = {
        "Body": StreamingBody(io.BytesIO(body), len(body)),
        "InvokedProductionVariant": variant,
        "ResponseMetadata": {"RetryAttempts": retries},
    }
    script.answers("sagemaker-runtime:invoke_endpoint", response)


@pytest.fixture
def asker(make_call: Any) -> Asker:
    return Asker(make_call(VERIFY, {}), "digits", CSV, None)


def test_what_is_throttled_is_asked_again_and_counted(script: Any, asker: Asker, clock: Any) -> None:
    for code, status in (("ThrottlingException", 400), ("ServiceUnavailable", 503), ("ModelNotReadyException", 429)):
        script.refuses("sagemaker-runtime:invoke_endpoint", code, "later", status)
    answered(script, b"1\n0\n", retries=2)
    answered(script, b"1\n", "other")
    replies = list(asker.replies(cut(TABLE), 1))
    assert [(reply.answers.tolist(), reply.variant, reply.retries) for reply in replies] == [
        ([[1], [0]], "main", 5),
        ([[1]], "other", 0),
    ]
    assert len(clock.slept) == 3


def test_replies_do_not_hold_what_was_sent(script: Any, asker: Asker) -> None:
    answered(script, b"1\n0\n")
    answered(script, b"1\n")
    replies = list(asker.replies(cut(TABLE), 1))
    assert [(reply.batch.body, reply.batch.labels.tolist()) for reply in replies] == [(b"", [1, 0]), (b"", [2])]


def test_an_outage_is_borne_no_longer_than_the_pace_says(script: Any, asker: Asker, clock: Any) -> None:
    for _ in range(18):
        script.refuses("sagemaker-runtime:invoke_endpoint", "ServiceUnavailable", "down", 503)
    with pytest.raises(Unreachable):
        list(asker.replies(cut(TABLE, rows=9), 1))
    assert 60 < sum(clock.slept) < 70


@pytest.mark.parametrize(
    ("code", "message", "status", "said"),
    [
        (
            "ValidationError",
            "Endpoint digits of account 1 not found.",
            400,
            "endpoint digits is not in service any more",
        ),
        ("ModelError", 'Received client error (415) with message "no".', 424, r"rows 1 to 3 .* error: Received client"),
        ("AccessDeniedException", "not you", 403, "rows 1 to 3 of the test part: InvokeEndpoint: AccessDenied"),
    ],
)
def test_what_an_endpoint_refuses_is_said_with_the_rows(
    script: Any, asker: Asker, code: str, message: str, status: int, said: str
) -> None:
    script.refuses("sagemaker-runtime:invoke_endpoint", code, message, status)
    with pytest.raises(Failure, match=said) as caught:
        list(asker.replies(cut(TABLE, rows=3), 1))
    assert caught.value.hint


def test_the_classes_that_are_confused_most_come_first_with_rows_that_show_it() -> None:
    labels = np.array([0.0, 1, 1, 2, 1, 2])
    predicted = np.array([0.0, 2, 2, 2, 0, 1])
    found = confusion.pairs(labels, predicted, [[1, 0, 0], [1, 0, 2], [0, 1, 1]])
    assert [(one.actual, one.predicted, one.count, one.rows) for one in found] == [
        (1, 2, 2, (1, 2)),
        (1, 0, 1, (4,)),
        (2, 1, 1, (5,)),
    ]


def test_an_example_shows_its_features() -> None:
    picked = confusion.lines(io.BytesIO(TABLE), [2, 1])
    assert {row: confusion.features(line, CSV, 2) for row, line in picked.items()} == {1: [None, 8], 2: [9, 9]}
    assert confusion.features(b"3 1:2 3:0.5\n", LIBSVM, 4) == [2, 0, 0.5, 0]
    assert confusion.features(b"3 1:2\n", LIBSVM, 2000) is None


def test_the_course_tells_latency_throughput_and_who_answered() -> None:
    def reply(seconds: float, variant: str, rows: int) -> Reply:
        return Reply(Batch(b"", np.zeros(rows), 0), np.zeros((rows, 1)), variant, seconds, 1)

    told = Course([reply(0.010, "a", 3), reply(0.030, "b", 1)], seconds=0.5).document()
    assert (told["rows"], told["requests"], told["retries"], told["rows_per_second"]) == (4, 2, 2, 8)
    assert told["variants"] == {"a": 3, "b": 1}
    latency: Any = told["latency_ms"]
    assert (latency["p50"], latency["max"], latency["mean"]) == (20, 30, 20)

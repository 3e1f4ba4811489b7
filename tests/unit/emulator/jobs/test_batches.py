"""Objects are cut into requests, and answers put together, without a record lost or added."""

import gzip
import io
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimen.emulator.jobs import batches, filters
from specimen.emulator.jobs.batches import Batch, Shape
from specimen.emulator.jobs.job import JobFailed

LINES = Shape(split=True, many=True, limit=16, assemble=True)
WHOLE = Shape(split=False, many=True, limit=16, assemble=False)
RECORDS = st.lists(st.binary(max_size=15).map(lambda data: data.translate(None, b"\r\n")), max_size=30)


def cut(shape: Shape, content: bytes) -> list[Batch]:
    """Cut a content into requests."""
    return list(shape.batches(io.BytesIO(content)))


@given(RECORDS, st.booleans())
def test_every_record_is_in_one_request_in_order(records: list[bytes], last: bool) -> None:
    content = b"\n".join(records) + (b"\n" if last and records else b"")
    expected = [line.rstrip(b"\r\n") for line in io.BytesIO(content)]
    found = cut(LINES, content)
    assert [line for batch in found for line in batch.lines] == expected
    assert b"".join(batch.payload for batch in found) == b"".join(line + b"\n" for line in expected)
    assert all(len(batch.payload) <= LINES.limit for batch in found)


@given(RECORDS)
def test_no_two_neighbouring_requests_would_fit_into_one(records: list[bytes]) -> None:
    found = cut(LINES, b"".join(record + b"\n" for record in records))
    for one, other in pairwise(found):
        assert len(one.payload) + len(other.payload.partition(b"\n")[0]) + 1 > LINES.limit


@given(RECORDS)
def test_a_single_record_is_a_request(records: list[bytes]) -> None:
    found = cut(replace(LINES, many=False), b"".join(record + b"\n" for record in records))
    assert [batch.lines for batch in found] == [(record,) for record in records]


def test_an_object_that_is_not_split_is_one_request() -> None:
    assert [batch.payload for batch in cut(WHOLE, b"1\n2\n3")] == [b"1\n2\n3"]


@pytest.mark.parametrize("shape", [LINES, WHOLE])
def test_what_does_not_fit_into_a_request_is_refused(shape: Shape) -> None:
    with pytest.raises(JobFailed, match="larger than MaxPayloadInMB"):
        cut(shape, b"x" * 17)


def test_the_model_is_sent_the_filtered_columns_alone() -> None:
    shape = replace(LINES, given=filters.parse("$[1:]"))
    (batch,) = cut(shape, b"7,1,2\r\n8,3,4\r\n")
    assert batch.payload == b"1,2\n3,4\n"
    assert batch.lines == (b"7,1,2", b"8,3,4")


def test_a_record_without_the_columns_is_refused() -> None:
    with pytest.raises(JobFailed, match=r"ClientError: cannot apply the filter \$\[5\]"):
        cut(replace(LINES, given=filters.parse("$[5]")), b"1,2\n")


@pytest.mark.parametrize(
    ("assemble", "answer", "output"),
    [(True, b"a\nb", b"a\nb\n"), (True, b"a\n", b"a\n"), (False, b"a", b"a"), (False, b"a\n", b"a\n")],
)
def test_assembling_ends_each_answer_with_a_line_feed(assemble: bool, answer: bytes, output: bytes) -> None:
    assert replace(LINES, assemble=assemble).output(Batch((b"1",), b"1\n"), answer) == output


def test_joining_appends_each_answer_to_its_whole_record() -> None:
    shape = replace(LINES, joined=True, given=filters.parse("$[1:]"))
    assert shape.output(Batch((b"7,1", b"8,2"), b"1\n2\n"), b"0.5\n0.25\n") == b"7,1,0.5\n8,2,0.25\n"


def test_the_output_filter_sees_what_was_joined() -> None:
    shape = replace(LINES, joined=True, wanted=filters.parse("$[0,-1]"))
    assert shape.output(Batch((b"7,1", b"8,2"), b""), b"0.5\n0.25") == b"7,0.5\n8,0.25\n"


def test_without_joining_the_output_filter_sees_the_answer_alone() -> None:
    assert (
        replace(LINES, wanted=filters.parse("$[1]")).output(Batch((b"7",), b""), b"0,0.5\n1,0.25\n") == b"0.5\n0.25\n"
    )


def test_answers_that_do_not_match_the_records_cannot_be_joined() -> None:
    with pytest.raises(JobFailed, match="2 records of input, but 1 of output"):
        replace(LINES, joined=True).output(Batch((b"7", b"8"), b""), b"0.5\n")


def test_compressed_objects_are_read_as_they_were() -> None:
    with batches.opened(io.BytesIO(gzip.compress(b"1\n2\n")), "Gzip") as stream:
        assert cut(LINES, stream.read())[0].lines == (b"1", b"2")

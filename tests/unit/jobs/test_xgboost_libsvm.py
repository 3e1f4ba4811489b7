"""Rows of numbers from libsvm text, which NumPy reads many at a time: the same ones that Python reads one by one."""

from __future__ import annotations

import io
import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimen_jobs.container import JobError
from specimen_jobs.xgboost import libsvm, numerals

SINGLES = st.floats(width=32, allow_nan=False, allow_infinity=False)
PLAIN = st.from_regex(r"[-+]?([0-9]{1,20}(\.[0-9]{0,25})?|\.[0-9]{1,25})", fullmatch=True)
NUMBERS = st.one_of(
    SINGLES.map(repr),
    st.floats(-1e30, 1e30).map(repr),
    SINGLES.map("{:.9f}".format),
    st.integers(0, 2**62).map(str),
    PLAIN,
)
BLANKS = st.sampled_from([" ", "  ", "\t", " \r"])


@settings(deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=40))
def test_a_number_is_the_float_that_python_reads(texts: list[str]) -> None:
    found = numerals.read(" ".join(texts).encode() + b"\n")
    expected = np.array(list(map(float, texts)))
    np.testing.assert_array_equal(found.numbers.astype(np.float32), expected.astype(np.float32))
    assert found.lengths.tolist() == list(map(len, texts))


@pytest.mark.parametrize("bits", [0x3DCCCCCD, 0x3F800001, 0x00800000, 0x477FFFFF, 0x7F7FFFFE])
@pytest.mark.parametrize("nudge", [-1, 0, 1])
def test_a_number_between_two_floats_goes_to_the_nearer_one(bits: int, nudge: int) -> None:
    low, high = struct.unpack("<ff", struct.pack("<II", bits, bits + 1))
    middle = f"{(low + high) / 2:.40f}"
    text = middle[:-1] + str((int(middle[-1]) + nudge) % 10) if nudge else middle
    for digits in (text, text[:19], text[:18], text[:17]):
        found = numerals.read(digits.encode() + b"\n").numbers
        assert found.astype(np.float32)[0] == np.float32(float(digits))


@pytest.mark.parametrize("text", ["1e", "--1", "-", ".", "1.2.3", "1_0", "0x1", "1-", "+-1", "\x00", "é", "1.5e3.1"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        numerals.read(f"1 {text} 2\n".encode())


@pytest.mark.parametrize(
    "text", ["1e5", "-2E-3", "nan", "inf", "-Infinity", "1" * 30, "0." + "1" * 30, "-0", "+.5", "7."]
)
def test_every_way_to_write_a_float_is_read(text: str) -> None:
    found = numerals.read(f"1 {text}:2\n".encode()).numbers
    np.testing.assert_array_equal(found, [1, float(text), 2])
    assert math.copysign(1, found[1]) == math.copysign(1, float(text))


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[tuple[str, str | None, list[tuple[int, str]]]]]:
    """Draw a libsvm text and what it says: of each row the label, its weight and its pairs."""
    pair = st.tuples(st.integers(0, 2000), NUMBERS)
    row = st.tuples(NUMBERS, st.none() | NUMBERS, st.lists(pair, max_size=4))
    rows = draw(st.lists(row, max_size=30))
    lines = []
    for label, weight, pairs in rows:
        head = label if weight is None else f"{label}:{weight}"
        words = [head, *(f"{index}:{value}" for index, value in pairs)]
        blank, remark = draw(BLANKS), draw(st.sampled_from(["", " # 1:2 é", "#", " ", "\r"]))
        lines.append(blank.join(words) + remark)
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n \n\n# the end\n"])), rows


@settings(deadline=None)
@given(tables(), st.integers(1, 200), st.integers(1, 3))
def test_rows_are_read_wherever_the_blocks_end(
    table: tuple[str, list[tuple[str, str | None, list[tuple[int, str]]]]], block: int, threads: int
) -> None:
    text, rows = table
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(libsvm, "BLOCK", block)
        found = libsvm.joined(libsvm.read(io.BytesIO(text.encode()), "text", threads=threads))
    assert found.labels.tolist() == [np.float32(float(label)) for label, _, _ in rows]
    weights = [1 if weight is None else np.float32(float(weight)) for _, weight, _ in rows]
    assert ([1] * len(rows) if found.weights is None else found.weights.tolist()) == weights
    pairs = [pair for _, _, named in rows for pair in named]
    assert found.features.indices.tolist() == [index for index, _ in pairs]
    assert found.features.data.tolist() == [np.float32(float(value)) for _, value in pairs]
    assert np.diff(found.features.indptr).tolist() == [len(named) for _, _, named in rows]


def test_libsvm_rows_have_labels_weights_and_missing_values() -> None:
    found = libsvm.parse(b"1:0.5 0:2 3:4 # a remark\n0 1:0\n", "text")
    assert found.labels.tolist() == [1, 0]
    assert found.weights is not None
    assert found.weights.tolist() == [0.5, 1]
    assert found.features.shape == (2, 4)
    assert found.features.nnz == 3, "a zero that is written is a value, not a missing one"


def test_libsvm_rows_of_a_request_need_no_label() -> None:
    found = libsvm.parse(b"1:2\n5 0:3 1:4\n\n0:1\n\n", "text", labelled=False)
    assert found.features.toarray().tolist() == [[0, 2], [3, 4], [0, 0], [1, 0]]
    assert libsvm.widen(found.features, 3).shape == (4, 3)


def test_a_text_without_rows_is_an_empty_table() -> None:
    assert libsvm.parse(b"\n# nothing\n", "text").features.shape == (0, 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 a:2", "row 1: 'a:2' is not <index>:<value>"),
        ("1 0:1\n1 2", "row 2: '2' is not <index>:<value>"),
        ("x 0:1", "row 1: 'x' is not <label>"),
        ("1 0:1 qid:3", "row 1: 'qid:3' is not <index>:<value>"),
        ("1 -1:2", "'-1:2' is not"),
        ("1 0.5:2", "'0.5:2' is not"),
        ("1 nan:2", "'nan:2' is not"),
        ("1 2147483648:2", "'2147483648:2' is not"),
        ("1 0:inf", "'0:inf' is not"),
        ("1 0:1e39", "'0:1e39' is not"),
        ("inf 0:1", "'inf' is not <label>"),
        ("1:inf 0:1", "'1:inf' is not <label>"),
        ("1 1:", "'1:' is not <index>:<value>"),
        ("1 :1", "':1' is not <index>:<value>"),
        ("1 1: 2", "'1:' is not <index>:<value>"),
        ("1 1:2:3", "'1:2:3' is not <index>:<value>"),
        ("1:2:3 1:2", "'1:2:3' is not <label>"),
        ("1 1:1_0", "'1:1_0' is not <index>:<value>"),
        ("1 0:1\n\n1 0:2", "row 2 is empty"),
        ("\n1 0:1", "row 1 is empty"),
        ("1 0:1\n# remark\n1 0:2", "row 2 is empty"),
    ],
)
@pytest.mark.parametrize("block", [1, 2**17])
def test_bad_libsvm_text_is_refused_with_its_row(
    text: str, said: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libsvm, "BLOCK", block)
    with pytest.raises(JobError) as refused:
        libsvm.parse(text.encode(), "text")
    assert said in str(refused.value)


@pytest.mark.parametrize(("text", "said"), [(b"1:2\n3:x", "row 2: '3:x' is not"), (b"\xff:1", "no utf-8 text")])
def test_a_bad_request_is_refused(text: bytes, said: str) -> None:
    with pytest.raises(JobError, match=said):
        libsvm.parse(text, "payload", labelled=False)


@pytest.mark.parametrize("threads", [1, 4])
def test_the_first_bad_row_far_down_a_file_is_named_by_its_number(threads: int) -> None:
    lines = [b"1 1:2"] * 100_000 + [b"1 x:2"] + [b"1 1:2"] * 100_000 + [b"1 y:2"]
    with pytest.raises(JobError, match=r"^f, row 100001: 'x:2' is not"):
        list(libsvm.read(io.BytesIO(b"\n".join(lines)), "f", threads=threads))

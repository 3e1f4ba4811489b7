"""A damaged file is named, with what is wrong in it; whatever stands in it, nothing else is raised."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimen_tensors import collections, events, index, records
from specimen_tensors.errors import LayoutError
from specimen_tensors.files import Folder
from specimen_tensors.trial import Trial
from specimen_tensors.writer import Writer

EVENT = "events/000000000000/000000000000_worker_0.tfevents"
RECORD = records.frame(events.encode(events.Event("train-rmse", 0, np.arange(3.0)), 0.0))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A trial with one tensor."""
    writer = Writer(tmp_path)
    writer.write_step(0, {"train-rmse": 1.5})
    writer.write_collections({"metrics": collections.Collection("metrics")})
    return tmp_path


def refused(folder: Path) -> str:
    """Return what a trial says when it reads all that there is."""
    with pytest.raises(LayoutError) as caught:
        Trial(Folder(folder)).value("train-rmse", 0)
    return str(caught.value)


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_a_missing_event_file(folder: Path) -> None:
    (folder / EVENT).unlink()
    assert refused(folder) == f"{EVENT} is missing, where train-rmse at step 0 should stand"


def test_an_event_file_cut_off(folder: Path) -> None:
    content = (folder / EVENT).read_bytes()
    (folder / EVENT).write_bytes(content[:-7])
    left = len(content) - 16
    assert refused(folder) == f"{EVENT}: train-rmse at step 0: a record says {left} bytes where {left - 7} are"
    (folder / EVENT).write_bytes(b"")
    assert refused(folder) == f"{EVENT}: train-rmse at step 0: a record has at least 16 bytes; here are 0"


@pytest.mark.parametrize(("place", "what"), [(0, "length"), (9, "length"), (-1, "event")])
def test_a_checksum_that_does_not_match(folder: Path, place: int, what: str) -> None:
    flip(folder / EVENT, place)
    assert refused(folder) == f"{EVENT}: train-rmse at step 0: the checksum of a record's {what} does not match"


def test_an_event_with_a_checksum_of_its_own_is_read() -> None:
    """TensorFlow's writers give each event its own checksum."""
    event = records.unframe(RECORD)
    own = RECORD[:-4] + records.masked(event.tobytes()).to_bytes(4, "little")
    assert events.decode(records.unframe(own)).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('{"meta": {"mode"', "JSONDecodeError"),
        ("[]", "TypeError"),
        ('{"tensor_payload": []}', "KeyError: 'meta'"),
        ('{"meta": {"mode": "SLEEP", "mode_step": 0}}', "'SLEEP' is not a valid Mode"),
        (
            '{"meta": {"mode": "GLOBAL", "mode_step": 0, "event_file_name": "e"}, '
            '"tensor_payload": [{"tensorname": "a", "start_idx": -4, "length": 2}]}',
            "a stands at -4 with 2 bytes",
        ),
    ],
)
def test_a_damaged_index_file(folder: Path, content: str, what: str) -> None:
    name = "index/000000000/000000000000_worker_0.json"
    (folder / name).write_text(content)
    message = refused(folder)
    assert message.startswith(f"{name} is no index file: ")
    assert what in message


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "JSONDecodeError"),
        ('{"collections": {}}', "KeyError: '_meta'"),
        ('{"collections": {"a": {"name": "a", "include_regex": ["("]}}, "_meta": {"num_workers": 1}}', "unterminated"),
    ],
)
def test_a_damaged_collections_file(folder: Path, content: str, what: str) -> None:
    name = "collections/000000000/worker_0_collections.json"
    (folder / name).write_text(content)
    message = refused(folder)
    assert message.startswith(f"{name} is no collections file: ")
    assert what in message


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_bytes_of_any_kind(content: bytes) -> None:
    """They are read, or refused as a layout that is not smdebug's."""
    readers: list[Callable[[], object]] = [
        lambda: events.decode(memoryview(content)),
        lambda: index.load(content, "index"),
        lambda: collections.load(content, "collections"),
        lambda: records.unframe(content),
    ]
    for read in readers:
        with suppress(LayoutError):
            read()


@settings(max_examples=300)
@given(st.integers(12, len(RECORD) - 5), st.integers(0, 255))
def test_an_event_with_one_byte_changed(place: int, byte: int) -> None:
    changed = bytearray(RECORD)
    changed[place] = byte
    try:
        array = events.decode(records.unframe(bytes(changed)))
    except LayoutError as error:
        assert str(error)
    else:
        assert array.ndim <= 1 or array.size

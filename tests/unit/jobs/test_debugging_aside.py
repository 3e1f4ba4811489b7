"""Work beside the training is done in order, and its failures are not lost."""

from __future__ import annotations

import threading

import pytest
from specimen_jobs.xgboost.debugging.aside import Aside


def test_work_goes_on_beside_and_in_order() -> None:
    aside, go = Aside(), threading.Event()
    done: list[str] = []

    def first() -> None:
        go.wait()
        done.append("first")

    aside.do(first)
    assert done == []
    go.set()
    aside.do(lambda: done.append("second"))
    assert done[0] == "first"
    aside.wait()
    assert done == ["first", "second"]
    aside.wait()


def test_a_failure_is_raised_by_what_comes_next() -> None:
    aside = Aside()

    def fail() -> None:
        raise OSError(28, "No space left on device")

    aside.do(fail)
    with pytest.raises(OSError, match="No space left"):
        aside.do(lambda: None)
    aside.do(fail)
    with pytest.raises(OSError, match="No space left"):
        aside.wait()
    aside.wait()

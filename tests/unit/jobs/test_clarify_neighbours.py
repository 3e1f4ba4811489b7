"""The search for nearest rows against a search that looks at every pair, on rows of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from specimen_jobs.clarify.neighbours import BLOCK, FEW_DIRECTIONS, Floats, Integers, directions, nearest

SMALL = st.integers(-3, 3).map(float)
WIDE = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda value: round(value, 2))


def answers(known: Floats, asked: Floats, count: int) -> Integers:
    """Return the nearest rows of each row asked, in the order of `asked`."""
    found = np.full((len(asked), count), -1)
    for block, rows in nearest(known, asked, count):
        assert (found[block] == -1).all(), "a row is answered once"
        found[block] = rows
    assert (found >= 0).all(), "every row is answered"
    return found


def distances(known: Floats, asked: Floats) -> Floats:
    """Return the distance of every pair, a row for each row asked."""
    return np.asarray(np.linalg.norm(asked[:, None, :] - known[None, :, :], axis=2), dtype=np.float64)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Floats, Floats, int]:
    """Rows known, rows asked, and how many neighbours, which is at most the number of rows known."""
    width, cells = draw(st.integers(1, 12)), draw(st.sampled_from([SMALL, WIDE]))
    known = draw(arrays(np.float64, (draw(st.integers(1, 30)), width), elements=cells))
    asked = draw(arrays(np.float64, (draw(st.integers(1, 10)), width), elements=cells))
    return known, asked, draw(st.integers(1, min(5, len(known))))


@settings(deadline=None)
@given(tables())
def test_no_row_is_nearer_than_those_found(table: tuple[Floats, Floats, int]) -> None:
    known, asked, count = table
    found, every = answers(known, asked, count), distances(known, asked)
    assert all(len(set(rows)) == count for rows in found.tolist())
    got = np.sort(np.take_along_axis(every, found, axis=1), axis=1)
    np.testing.assert_allclose(got, np.sort(every, axis=1)[:, :count], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("width", [3, 20])
def test_few_and_many_directions_are_searched_exactly(width: int) -> None:
    rng = np.random.default_rng(width)
    known, asked = rng.normal(size=(700, width)), rng.normal(size=(BLOCK + 10, width))
    assert (directions(known) <= FEW_DIRECTIONS) == (width == 3)
    every = distances(known, asked[-40:])
    expected = np.argsort(every, axis=1)[:, :5]
    np.testing.assert_array_equal(np.sort(answers(known, asked, 5)[-40:]), np.sort(expected))


def test_of_equal_rows_the_first_are_taken() -> None:
    known = np.array([[9.0, 9.0], *[[1.0, 2.0]] * 1000, [1.0, 3.0]])
    assert sorted(answers(known, np.array([[1.0, 2.0]]), 3)[0]) == [1, 2, 3]


def test_values_whose_squares_overflow_are_compared_too() -> None:
    known = np.array([[-1.7e308], [0.0], [1e308]])
    assert answers(known, np.array([[1.7e308], [-1e308], [1e300]]), 1).ravel().tolist() == [2, 0, 1]


def test_directions_are_those_that_most_rows_spread_in() -> None:
    rng = np.random.default_rng(0)
    ball = rng.normal(size=(5000, 12))
    assert directions(ball) == pytest.approx(12, rel=0.05)
    assert directions(ball * [1000.0, 1000.0, *[1.0] * 10]) == pytest.approx(2, rel=0.05)
    ball[0, 0] = 1e9
    assert directions(ball) == pytest.approx(12, rel=0.05), "one far row changes nothing"
    assert directions(np.ones((50, 4))) == directions(ball[:1]) == 1

"""Durations and sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimen.spec.units import duration, gibibytes, seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [("90s", 90), ("30m", 1800), ("1h", 3600), ("1h30m", 5400), ("2d", 172_800), ("1d1h1m1s", 90_061)],
)
def test_a_duration_is_read_in_seconds(text: str, value: int) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(("text", "value"), [("5Gi", 5), ("1Ti", 1024), ("16384Gi", 16_384)])
def test_a_size_is_read_in_gibibytes(text: str, value: int) -> None:
    assert gibibytes(text) == value


@pytest.mark.parametrize("text", ["", "1", "h", "1 h", "1.5h", "-1h", "1h!", "1w"])
def test_other_text_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        seconds(text)


@pytest.mark.parametrize("text", ["", "5", "5GB", "5G", "5 Gi", "-5Gi", "5Gi\n", "5Mi"])
def test_other_text_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="no size"):
        gibibytes(text)


@given(st.integers(min_value=1, max_value=10**8))
def test_a_duration_written_is_the_one_read(total: int) -> None:
    assert seconds(duration(total)) == total


def test_no_time_at_all_is_written_too() -> None:
    assert duration(0) == "0s"

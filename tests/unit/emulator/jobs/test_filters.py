"""Filters select the columns that AWS's JSONPath examples for CSV select."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimen.emulator.jobs import filters
from specimen.emulator.jobs.filters import BadPath, BadRecord

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)
RECORDS = st.lists(CELLS, min_size=1, max_size=6).filter(lambda record: record != [""])
INDICES = st.integers(-8, 8)


def rendered(bound: int | None) -> str:
    """Write a bound of a slice, or nothing."""
    return "" if bound is None else str(bound)


@given(RECORDS)
def test_a_record_that_is_written_is_read_back(record: list[str]) -> None:
    assert filters.read(filters.write(record)) == record


@given(RECORDS)
def test_a_written_record_is_what_the_csv_module_reads(record: list[str]) -> None:
    assert next(csv.reader([filters.write(record)])) == record


@given(RECORDS)
def test_a_dollar_leaves_a_line_as_it_is(record: list[str]) -> None:
    line = ",".join(record)
    assert filters.apply(filters.parse("$"), line) == line


@given(RECORDS, st.none() | INDICES, st.none() | INDICES)
def test_a_slice_selects_what_pythons_does_or_is_an_error(
    record: list[str], start: int | None, stop: int | None
) -> None:
    selection = filters.parse(f"$[{rendered(start)}:{rendered(stop)}]")
    expected = record[start:stop]
    if expected:
        assert selection.select(record) == expected
    else:
        with pytest.raises(BadRecord, match="selects nothing"):
            selection.select(record)


@given(RECORDS, st.lists(INDICES, min_size=1, max_size=4))
def test_indices_select_their_columns_in_their_order_or_are_an_error(record: list[str], indices: list[int]) -> None:
    selection = filters.parse(f"$[{','.join(map(str, indices))}]")
    if all(-len(record) <= index < len(record) for index in indices):
        assert selection.select(record) == [record[index] for index in indices]
    else:
        with pytest.raises(BadRecord, match="out of range"):
            selection.select(record)


@given(RECORDS, st.lists(INDICES, min_size=1, max_size=3), INDICES)
def test_indices_before_a_slice_select_both_or_are_an_error(record: list[str], indices: list[int], start: int) -> None:
    """As AWS's own example ``$[0,5:]``."""
    selection = filters.parse(f"$[{','.join(map(str, indices))},{start}:]")
    if record[start:] and all(-len(record) <= index < len(record) for index in indices):
        assert selection.select(record) == [*(record[index] for index in indices), *record[start:]]
    else:
        with pytest.raises(BadRecord):
            selection.select(record)


@given(st.text(max_size=12))
def test_any_text_is_a_path_or_refused(path: str) -> None:
    try:
        assert filters.parse(path).path == path
    except BadPath as bad:
        assert str(bad) == path


@pytest.mark.parametrize(
    "path", ["", "$.", "$[", "$[]", "$[a]", "$[1:2,3]", "$['a']", "$[*]", "[0]", "$[1]x", "$[1.5]"]
)
def test_a_path_that_is_none_for_csv_is_refused(path: str) -> None:
    with pytest.raises(BadPath):
        filters.parse(path)


@pytest.mark.parametrize(
    ("path", "line", "selected"),
    [
        ("$[1]", "a,b,c", "b"),
        ("$[-1]", "a,b,c", "c"),
        ("$[0, -1]", "a,b,c", "a,c"),
        ("$[1:]", "a,b,c", "b,c"),
        ("$[:-1]", "a,b,c", "a,b"),
        ("$[1]", 'a,"x, ""y""",c', '"x, ""y"""'),
        ("$[0]", ",b", ""),
    ],
)
def test_lines_are_filtered_with_their_quotes(path: str, line: str, selected: str) -> None:
    assert filters.apply(filters.parse(path), line) == selected

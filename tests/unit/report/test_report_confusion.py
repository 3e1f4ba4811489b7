"""A confusion matrix: it can be read with two classes, ten, twenty-six and a hundred."""

import re
from xml.etree import ElementTree

import pytest
from specimen_components.report.sections.confusion import confusion


def matrix(classes: int, mistakes: dict[tuple[int, int], int]) -> list[list[int]]:
    """Ten rows of each class that are predicted rightly, and the mistakes."""
    rows = [[10 * (actual == predicted) for predicted in range(classes)] for actual in range(classes)]
    for (actual, predicted), count in mistakes.items():
        rows[actual][predicted] = count
    return rows


def drawn(classes: list[str], counts: list[list[int]]) -> str:
    found = confusion("n", classes, counts)
    assert found is not None
    ElementTree.fromstring(f"<div>{found}</div>")  # noqa: S314 - our own text
    return found


def numbers(count: int) -> list[str]:
    return [str(index) for index in range(count)]


def test_a_problem_without_classes_has_none() -> None:
    assert confusion("n", [], []) is None


def test_few_classes_have_their_shares_in_the_cells() -> None:
    text = drawn(["no", "yes"], [[8, 2], [0, 0]])
    assert '<tr><th scope="col">actual ↓ predicted →</th><th scope="col">no</th><th scope="col">yes</th></tr>' in text
    assert '<span class="shade" style="--share: 0.200">2<small>20.0%</small></span>' in text
    assert '<span class="shade" style="--share: 0.000">0<small>\u2013</small></span>' in text


def test_ten_classes_have_counts_and_at_the_end_the_share_that_is_right() -> None:
    text = drawn(numbers(10), matrix(10, {(3, 8): 10, (4, 9): 5}))
    assert '<table class="confusion dense">' in text
    assert '<span class="shade" style="--share: 0.500" title="3 predicted as 3: 50.0%">10</span>' in text
    assert '<span class="shade none" style="--share: 0.000">0</span>' in text
    assert "<td>50.0%</td></tr>" in text
    assert "<td>66.7%</td></tr>" in text


def test_the_largest_mistake_is_the_darkest_however_small() -> None:
    text = drawn(numbers(10), matrix(10, {(3, 8): 2, (4, 9): 1}))
    assert '<span class="shade wrong" style="--share: 1.000" title="3 predicted as 8: 16.7%">2</span>' in text
    assert '<span class="shade wrong" style="--share: 0.545" title="4 predicted as 9: 9.1%">1</span>' in text


def test_no_mistake_and_no_row_are_no_error() -> None:
    counts = matrix(10, {})
    counts[9] = [0] * 10
    assert "<td>\u2013</td></tr>" in drawn(numbers(10), counts)


@pytest.mark.parametrize(
    ("classes", "looks"),
    [
        (numbers(12), "confusion dense"),
        (numbers(26), "confusion dense many"),
        (["long", *numbers(9)], "confusion dense tall"),
    ],
)
def test_many_classes_have_small_cells_and_long_names_stand_upright(classes: list[str], looks: str) -> None:
    assert f'<table class="{looks}">' in drawn(classes, matrix(len(classes), {}))


def test_a_very_long_name_is_cut_and_can_be_seen_whole() -> None:
    name = "x" * 40
    assert f'<span title="{name}">{"x" * 15}…</span>' in drawn([name, *numbers(9)], matrix(10, {}))


def test_a_hundred_classes_are_drawn_with_the_largest_mistakes_beside() -> None:
    names = [f"class {index}" for index in range(100)]
    text = drawn(names, matrix(100, {(7, 9): 30, (1, 2): 1}))
    assert 'aria-label="Confusion matrix of 100 classes; 97.0% lie on its diagonal"' in text
    assert '<table class="confusion' not in text
    assert len(re.findall(r">class \d+</text>", text)) == 50  # every fourth class at both axes
    assert "<span>class 7</span></th><td><span>class 9</span></td><td>30</td><td>75.0%</td>" in text
    assert "<span>class 7</span></th><td>25.0%</td><td>40</td>" in text
    assert "class 3</span>" not in text


def test_a_hundred_classes_without_mistakes_have_no_tables() -> None:
    assert "<table" not in drawn(numbers(100), matrix(100, {}))
    assert drawn(numbers(31), matrix(31, {})) == drawn(numbers(31), matrix(31, {}))

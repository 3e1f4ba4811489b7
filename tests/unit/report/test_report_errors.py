"""A regression's chapter: how near the answers are, in figures and charts."""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from specimen_components.report import errorplots
from specimen_components.report.collect import collect
from specimen_components.report.page import page
from specimen_pages.markup import Markup

Records = dict[str, dict[str, Any]]
RESIDUALS: dict[str, Any] = {
    "mean": -0.25,
    "within": [[0.5, 1.5], [1.0, 12.25]],
    "histogram": {"edges": [-2.0, 0.0, 2.0], "counts": [10, 20]},
    "sample": {"actual": [1.0, 2.0, 3.0], "predicted": [1.5, 1.0, 3.0]},
}


@pytest.fixture
def regression(records: Records) -> Records:
    records["evaluate"]["details"] |= {
        "type": "regression",
        "metrics": {"r2": 0.6, "rmse": 0.5},
        "classes": [],
        "confusion": [],
        "roc": None,
        "residuals": RESIDUALS,
        "notes": [],
    }
    return records


def chapter(asked: dict[str, Any], records: Records) -> str:
    text = page(collect("demo-001", asked, records, versions={}))
    found = re.search(r'<section id="evaluation">(.*?)</section>', text, re.DOTALL)
    assert found
    return found[1]


def test_it_says_how_many_rows_are_how_near(asked: dict[str, Any], regression: Records) -> None:
    text = chapter(asked, regression)
    assert "50%</th><td>1.5000</td>" in text
    assert "100%</th><td>12.2500</td>" in text
    assert "the model answers too little, by 0.2500." in text
    assert "Threshold" not in text


def test_it_draws_errors_and_says_of_how_many_rows(asked: dict[str, Any], regression: Records) -> None:
    text = chapter(asked, regression)
    assert text.count("<figure") == 3
    assert 'aria-label="Errors from -2 to 2 and how many rows have them"' in text
    assert "Answers and labels, 3 rows drawn by lot" in text
    regression["evaluate"]["details"]["rows"] = 3
    assert "drawn by lot" not in chapter(asked, regression)


@pytest.mark.parametrize(("mean", "said"), [(0, "they even out"), (0.25, "answers too much, by 0.2500")])
def test_it_says_where_the_model_tends_to(asked: dict[str, Any], regression: Records, mean: float, said: str) -> None:
    regression["evaluate"]["details"]["residuals"] = RESIDUALS | {"mean": mean}
    assert said in chapter(asked, regression)


def test_a_record_from_before_has_no_errors_to_show(asked: dict[str, Any], regression: Records) -> None:
    del regression["evaluate"]["details"]["residuals"]
    assert "<h3>Errors" not in chapter(asked, regression)


def test_its_charts_are_wellformed_and_always_the_same() -> None:
    drawn: list[Callable[[], Markup]] = [
        lambda: errorplots.answers("n", [1.0, 2.0], [1.5, 1e9]),
        lambda: errorplots.residuals("n", [1.0], [1.0]),
        lambda: errorplots.histogram("n", [0.0, 1.0], [0]),
    ]
    for draw in drawn:
        assert draw() == draw()
        ElementTree.fromstring(draw())  # noqa: S314 - our own text

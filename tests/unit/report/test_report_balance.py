"""What the report says of balancing and of values that were filled in."""

import re
from typing import Any

import pytest
from specimen_components.report.sections.balance import balance, imputed

BEFORE = {
    "rows": 140,
    "label": {"0": 105, "1": 35},
    "facets": {"SEX": {"1": 56, "2": 84}},
    "cells": {"SEX": {"1": {"0": 40, "1": 16}, "2": {"0": 65, "1": 19}}},
}
AFTER = {
    "rows": 168,
    "label": {"0": 125, "1": 43},
    "facets": {"SEX": {"1": 84, "2": 84}},
    "cells": {"SEX": {"1": {"0": 60, "1": 24}, "2": {"0": 65, "1": 19}}},
}


@pytest.fixture
def manifest() -> dict[str, Any]:
    described = {
        "method": "smotenc",
        "by": ["SEX"],
        "neighbors": 5,
        "added": 28,
        "categorical": ["y", "<b>"],
        "whole": ["n"],
        "recall": 1.0,
        "before": BEFORE,
        "after": AFTER,
    }
    return {"label": {"name": "y"}, "balance": described}


def words(html: str | None) -> str:
    """The text of a page, its tags taken for spaces."""
    return " ".join(re.sub(r"<[^>]*>", " ", html or "").split())


def test_counts_stand_before_and_after(manifest: dict[str, Any]) -> None:
    text = words(balance(manifest))
    assert "Facet counts before and after" in text
    assert "every group of SEX was as large as the largest" in text
    assert "1 56 40.0% 84 50.0% 28 2 84 60.0% 84 50.0% 0" in text
    assert "0 105 75.0% 125 74.4% 20" in text
    assert "1, 0 40 28.6% 60 35.7% 20" in text


def test_it_says_how_rows_were_made(manifest: dict[str, Any]) -> None:
    html = str(balance(manifest))
    assert "SMOTENC, as there are categorical columns" in words(html)
    assert "y, &lt;b&gt;" in html
    assert "Search for neighbours exact" in words(html)


def test_an_approximate_search_says_what_it_found(manifest: dict[str, Any]) -> None:
    manifest["balance"]["recall"] = 0.9876
    assert "approximate; finds 98.8% of the true neighbours, measured on a sample" in words(balance(manifest))


def test_a_label_that_is_a_number_is_not_counted(manifest: dict[str, Any]) -> None:
    manifest["balance"] |= {
        "before": {**BEFORE, "label": {}, "cells": {}},
        "after": {**AFTER, "label": {}, "cells": {}},
    }
    text = words(balance(manifest))
    assert "1 56 40.0%" in text
    assert "×" not in text


def test_what_was_not_asked_for_is_not_spoken_of() -> None:
    assert balance({}) is None
    assert imputed({}) is None


def test_what_was_filled_in_is_listed() -> None:
    columns = {"x": {"value": 2.5, "rows": 12}, "k": {"value": 3.0, "rows": 1}}
    text = words(imputed({"impute": {"method": "median", "columns": columns}}))
    assert "Column Value Rows k 3.0000 1 x 2.5000 12" in text

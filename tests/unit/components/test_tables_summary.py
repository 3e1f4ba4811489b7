"""The manifest's figures."""

import numpy as np
import pandas as pd
from specimen_components.tables.request import parse
from specimen_components.tables.summary import markdown, summarise

REQUEST = parse(
    {
        "label": "y",
        "drop": ["id"],
        "split": {"train": 0.5, "validation": 0.25, "test": 0.25, "seed": 1, "stratify": True},
        "facets": {"SEX": {"values": [1]}, "AGE": {"above": 40}},
    }
)
FRAME = pd.DataFrame({"SEX": [1, 2, 1, 2], "AGE": [30, 50, 41, 40], "x": [np.nan, 2.5, 1.0, np.nan], "y": [0, 1, 0, 1]})
PARTS = np.array([0, 0, 1, 2], dtype=np.int8)


def test_everything_is_counted_by_part() -> None:
    assert summarise(FRAME, PARTS, REQUEST) == {
        "columns": ["y", "SEX", "AGE", "x"],
        "rows": {"total": 4, "train": 2, "validation": 1, "test": 1},
        "label": {
            "name": "y",
            "counts": {"train": {"0": 1, "1": 1}, "validation": {"0": 1, "1": 0}, "test": {"0": 0, "1": 1}},
        },
        "facets": {
            "SEX": {"train": {"1": 1, "2": 1}, "validation": {"1": 1, "2": 0}, "test": {"1": 0, "2": 1}},
            "AGE": {
                "train": {"> 40": 1, "≤ 40": 1},
                "validation": {"> 40": 1, "≤ 40": 0},
                "test": {"> 40": 0, "≤ 40": 1},
            },
        },
        "medians": {"SEX": 1.5, "AGE": 40, "x": 2.5},
        "missing": {"x": 2},
        "dropped": ["id"],
    }


def test_a_column_without_any_value_has_no_median() -> None:
    assert summarise(FRAME.assign(x=np.nan), PARTS, REQUEST)["medians"]["x"] is None


def test_many_values_are_not_counted_one_by_one() -> None:
    frame = pd.DataFrame({"y": np.linspace(0, 1, 60), "SEX": np.arange(60), "AGE": np.arange(60)})
    found = summarise(frame, np.zeros(60, dtype=np.int8), REQUEST)
    assert found["label"]["counts"] == {}
    assert found["facets"]["SEX"]["train"] == {"1": 1, "other": 59}


def test_the_summary_is_a_page_of_markdown() -> None:
    found = summarise(FRAME, PARTS, REQUEST)
    text = markdown({**found, "label": {**found["label"], "name": "<b>|y"}})
    assert text.startswith("# 4 rows, 4 columns\n\n| part | rows |\n| --- | --- |\n| train | 2 |\n")
    assert "| label &lt;b>\\|y | 0 | 1 |\n| --- | --- | --- |\n| train | 1 | 1 |\n" in text

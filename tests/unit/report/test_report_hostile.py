"""A table whose column names are markup and control characters, from `prepare` to the report."""

from typing import Any

import pytest
from specimen_components.clients import Aws
from specimen_components.command import Call
from specimen_components.environment import Environment
from specimen_components.interface import PREPARE
from specimen_components.prepare import work
from specimen_components.records import Recorder
from specimen_components.report.collect import collect
from specimen_components.report.page import page
from specimen_components.waiting import LOCALLY, Clock

from tests.fakes import Buckets

SCRIPT = "<script>alert(1)</script>"
IMAGE = "<img src=x onerror=alert(1)>|&"


@pytest.fixture
def manifest() -> dict[str, Any]:
    """What `prepare` says of a table with such columns: one is the facet, one the label, one has missing values."""
    buckets = Buckets()
    rows = "".join(f"{row % 2},{1 + row // 2 % 2},{'' if row == 3 else row}\n" for row in range(40))
    buckets.put("s3://b/t.csv", f"{IMAGE},{SCRIPT},x\x1b]0;owned\x07\n{rows}")
    aws = Aws(Environment("eu-west-1", None, local=True), lambda _: buckets)
    dataset = {
        "format": "csv",
        "label": IMAGE,
        "drop": [],
        "split": {"train": 0.5, "validation": 0.25, "test": 0.25, "seed": 7, "stratify": True},
        "facets": {SCRIPT: {"values": [1]}},
        "favorable": {"values": [0]},
    }
    arguments: dict[str, Any] = {"source": "s3://b/t.csv", "dataset": dataset, "destination": "s3://b/data"}
    recorder = Recorder(aws, "s3://b/runs/r-1/prepare.json", "prepare", "r-1")
    result = work(Call(PREPARE, "r-1", arguments, aws, recorder, Clock(), LOCALLY))
    assert "<script" not in str(result.artifacts["summary"])
    assert "<img" not in str(result.artifacts["summary"])
    details: Any = result.details["manifest"]
    return dict(details)


def test_a_column_named_script_is_a_name(
    asked: dict[str, Any], records: dict[str, dict[str, Any]], manifest: dict[str, Any]
) -> None:
    """It is shown as it is called, and runs nowhere: not as an element, an attribute or a picture's text."""
    records["prepare"]["details"]["manifest"] = manifest
    records["train"]["details"]["importance"] = {"gain": {SCRIPT: 3.0, IMAGE: 1.0}}
    stage = records["bias-pre"]["details"]["analysis"]["pre_training_bias_metrics"]
    stage["facets"] = {SCRIPT: stage["facets"]["SEX"]}
    stage["label"] = IMAGE
    text = page(collect("demo-001", asked, records, versions={}))
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "&lt;img src=x onerror=alert(1)&gt;|&amp;" in text
    assert "x\ufffd]0;owned\ufffd" in text
    assert "\x1b" not in text
    assert "\x07" not in text

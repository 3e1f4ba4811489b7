"""The verification chapter: how the endpoint answered the test part."""

import re
from typing import Any

import pytest
from specimen_components.report.collect import collect
from specimen_components.report.sections.verification import verification

from tests.unit.report.hosted import HOST, VERIFY, Records, hosted
from tests.unit.report.test_report_errors import RESIDUALS


@pytest.fixture(autouse=True)
def _endpoint(asked: dict[str, Any], records: Records) -> None:
    hosted(asked, records)


def chapter(asked: dict[str, Any], records: Records) -> str:
    return verification(collect("demo-001", asked, records, versions={}))


def test_figures_stand_beside_those_of_the_batch_transform(asked: dict[str, Any], records: Records) -> None:
    text = chapter(asked, records)
    head = re.search(r'<table class="metrics"><thead><tr>(.*?)</tr>', text)
    assert head
    assert re.findall(r">([^<]+)</th>", head[1]) == ["Metric", "Endpoint", "Batch transform", "Meaning"]
    assert "<code>error</code></th><td><b>0.1000</b></td><td><b>0.1000</b></td><td>share of rows predicted wr" in text
    assert "<code>f1</code></th><td><b>0.8800</b></td><td><b>0.8800</b></td><td>harmonic mean of precision a" in text
    assert "<dt>Requests</dt><dd>2, of up to 20 rows each</dd>" in text
    assert '<dd><a href="s3://b/verify/report.json"><code>s3://b/verify/report.json</code></a></dd>' in text


AGREE = 'The endpoint and the batch transform job <span class="badge good">agree</span> on the test part.'


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, AGREE),
        ({"metrics": {"accuracy": 0.9 + 1e-9, "f1": 0.88, "logloss": None}}, AGREE),
        ({"rows": 29}, "differ</span>: the endpoint was sent 30 rows, the job 29."),
        (
            {"confusion": [[9, 1, 0], [1, 9, 0], [2, 0, 8]]},
            "differ</span>: at least 2 of 30 rows were answered otherwise.",
        ),
        ({"metrics": {"accuracy": 0.9, "f1": 0.8}}, "differ</span>: see f1."),
        ({"metrics": {"accuracy": 0.9, "f1": None}}, "differ</span>: see f1."),
    ],
)
def test_it_says_whether_both_agree(
    asked: dict[str, Any], records: Records, changes: dict[str, Any], said: str
) -> None:
    records["evaluate"]["details"] |= changes
    assert said in chapter(asked, records)


def test_without_an_evaluation_its_figures_stand_alone(asked: dict[str, Any], records: Records) -> None:
    asked["steps"] = [step for step in asked["steps"] if step["id"] != "evaluate"]
    text = chapter(asked, records)
    assert "Batch transform" not in text
    assert "The endpoint and the batch" not in text
    assert "<code>accuracy</code></th><td><b>0.9000</b></td><td>share" in text


def test_a_failed_evaluation_is_no_figure(asked: dict[str, Any], records: Records) -> None:
    records["evaluate"] |= {"state": "Failed", "reason": "no", "details": {}}
    assert "Batch transform" not in chapter(asked, records)


def test_pace_and_retries(asked: dict[str, Any], records: Records) -> None:
    text = chapter(asked, records)
    assert "<dt>Rows per second</dt><dd>60</dd>" in text
    assert "<dt>Requests at a time</dt><dd>4</dd>" in text
    assert "<dt>Retries</dt><dd>1</dd>" in text
    labels = re.findall(r">([^<]*)</text>", text[text.index("Latency and throughput") :])
    assert [name for name in labels if name in {"mean", "50%", "90%", "95%", "99%", "slowest"}] == [
        "mean",
        "50%",
        "90%",
        "95%",
        "99%",
        "slowest",
    ]
    assert {"11.5", "12.5", "21"} <= set(labels)


def test_rows_by_variant_of_several(asked: dict[str, Any], records: Records) -> None:
    assert "Rows by variant" not in chapter(asked, records)
    records["host"]["details"]["variants"].append({**HOST["variants"][0], "name": "b"})
    records["verify"]["details"]["variants"] = {"main": 10, "b": 20}
    text = chapter(asked, records)
    assert '<th scope="row"><code>b</code></th><td>default</td><td>20</td><td>66.7%</td>' in text
    assert AGREE in text  # both variants are of one trial


def test_several_trials_are_each_beside_the_endpoint(asked: dict[str, Any], records: Records) -> None:
    asked["trials"] = ["default", "other"]
    for step in asked["steps"]:
        step["trials"] = ["default", "other"]
    records["host"]["details"]["variants"].append({**HOST["variants"][0], "name": "b", "trial": "other"})
    text = chapter(asked, records)
    assert ">Batch transform, default</th>" in text
    assert ">Batch transform, other</th>" in text
    assert "The endpoint&#x27;s figures are those of all its variants together." in text


def test_confused_pictures_are_drawn_with_their_rows(asked: dict[str, Any], records: Records) -> None:
    records["prepare"]["details"]["manifest"]["parts"] = {"test": {"uri": "s3://b/data/1/test.csv"}}
    text = chapter(asked, records)
    assert "Rows are counted from 1 in the test part, <code>s3://b/data/1/test.csv</code>." in text
    assert "A picture is a row&#x27;s 5 × 5 features, row by row: the darker, the larger." in text
    assert "<h4><b>2</b> taken for <b>0</b>: 2 rows</h4>" in text
    assert "<h4><b>1</b> taken for <b>2</b>: 1 row</h4>" in text
    assert text.count('<img src="data:image/png;base64,') == 3
    assert 'alt="row 7" class="grey" width="5" height="5"><figcaption>row 7</figcaption>' in text
    assert "row 1,234</figcaption>" in text


def test_classes_have_the_names_of_the_source(asked: dict[str, Any], records: Records) -> None:
    records["prepare"]["details"]["manifest"]["encoding"] = {"classes": ["cat", "dog", "<owl>"]}
    text = chapter(asked, records)
    assert "<h4><b>&lt;owl&gt;</b> taken for <b>cat</b>: 2 rows</h4>" in text
    assert '<th scope="col">dog</th>' in text
    assert "<h4><b>2</b>" not in text


@pytest.mark.parametrize("features", [24, 16, 26, None])
def test_what_is_no_picture_is_a_table_of_first_features(
    asked: dict[str, Any], records: Records, features: int | None
) -> None:
    """A square of side 4 shows nothing, and rows whose features were left out have their numbers alone."""
    records["prepare"]["details"]["manifest"]["columns"] = ["y", *(f"f{index}" for index in range(features or 2000))]
    for pair in records["verify"]["details"]["confused"]:
        pair["examples"] = [{"row": 7, **({"features": [1.25, None] * (features // 2)} if features else {})}]
    text = chapter(asked, records)
    assert "<img" not in text
    shown = "".join(f"<td>{value}</td>" for value in ("1.25", "\u2013") * 3) if features else ""
    assert f"<b>2</b> taken for <b>0</b>: 2 rows</th><td>7</td>{shown}</tr>" in text
    assert ("<code>f5</code>" in text) is bool(features)
    assert "<code>f6</code>" not in text
    assert (f"The first 6 features are shown, {(features or 0) - 6} others left out." in text) is bool(features)


def test_missing_values_of_a_picture_are_white_and_equal_ones_are_no_error(
    asked: dict[str, Any], records: Records
) -> None:
    for pair in records["verify"]["details"]["confused"]:
        pair["examples"] = [{"row": 1, "features": [None, *[3.0] * 24]}]
    assert chapter(asked, records).count("<img") == 2


def test_nothing_confused_is_nothing_shown(asked: dict[str, Any], records: Records) -> None:
    records["verify"]["details"]["confused"] = []
    assert "Most often confused" not in chapter(asked, records)


def test_a_regression_has_its_errors(asked: dict[str, Any], records: Records) -> None:
    records["verify"]["details"] |= {
        "type": "regression",
        "metrics": {"rmse": 0.5, "r2": 0.6},
        "classes": [],
        "confusion": [],
        "confused": [],
        "residuals": RESIDUALS,
    }
    records["evaluate"]["details"] |= {"type": "regression", "metrics": {"rmse": 0.5, "r2": 0.6}, "confusion": []}
    text = chapter(asked, records)
    assert "<code>rmse</code></th><td><b>0.5000</b></td><td><b>0.5000</b></td>" in text
    assert AGREE in text
    assert "<h3>Errors</h3>" in text
    assert "Confusion matrix" not in text
    assert "<code>error</code>" not in text


def test_a_binary_problem_has_its_threshold_and_curve(asked: dict[str, Any], records: Records) -> None:
    records["verify"]["details"] |= {
        "type": "binary",
        "threshold": 0.25,
        "metrics": {"accuracy": 0.9, "auc": 0.95},
        "classes": ["0", "1"],
        "confusion": [[20, 0], [3, 7]],
        "roc": {"fpr": [0.0, 1.0], "tpr": [0.0, 1.0]},
        "confused": VERIFY["confused"][:1],
    }
    text = chapter(asked, records)
    assert "<dt>Threshold</dt><dd>0.2500</dd>" in text
    assert ">model, AUC 0.950</text>" in text


def test_a_failed_verification_says_why(asked: dict[str, Any], records: Records) -> None:
    records["verify"] |= {"state": "Failed", "reason": "throttled for 5 min", "details": {}}
    assert "Step verify failed: throttled for 5 min" in chapter(asked, records)

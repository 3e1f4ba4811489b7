"""Whole bias reports on tables small enough to work out by hand, and the page that shows them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from specimen_jobs.clarify.bias import Facet, Label, bias_report, evaluate, favorable_text, stage_report
from specimen_jobs.clarify.metrics import METRICS, Metric, Stage
from specimen_jobs.clarify.page import page
from specimen_jobs.clarify.sample import Sample, UndefinedMetricError, sample
from specimen_jobs.container import JobError

TABLE = pd.DataFrame(
    {
        "shade": ["red", "red", "red", "blue", "blue", "green"],
        "size": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "paid": ["yes", "yes", "no", "yes", "no", "no"],
    }
)
PAID = Label("paid", TABLE["paid"], ["yes"])
GUESS = Label("guess", pd.Series(["yes", "no", "no", "yes", "yes", "no"]))


def values(report: dict[str, Any]) -> dict[str, Any]:
    return {metric["name"]: metric["value"] for metric in report["metrics"]}


def test_a_facet_value_is_compared_with_the_rest() -> None:
    (report,) = bias_report(TABLE, Facet("shade", ["red"]), PAID, Stage.PRE_TRAINING, names=["CI", "DPL"])
    assert report["value_or_threshold"] == "red"
    assert values(report) == pytest.approx({"CI": 0, "DPL": 1 / 3 - 2 / 3})


def test_without_values_each_one_is_reported() -> None:
    reports = bias_report(TABLE, Facet("shade"), PAID, Stage.PRE_TRAINING, names=["CI"])
    assert [(report["value_or_threshold"], values(report)["CI"]) for report in reports] == [
        ("red", 0),
        ("blue", pytest.approx(1 / 3)),
        ("green", pytest.approx(2 / 3)),
    ]


def test_a_continuous_facet_is_split_at_its_threshold() -> None:
    (report,) = bias_report(TABLE, Facet("size", [2]), PAID, Stage.PRE_TRAINING, names=["CI", "DPL"])
    assert report["value_or_threshold"] == "(2.0, 6.0]"
    assert values(report) == pytest.approx({"CI": -1 / 3, "DPL": 1 - 1 / 4})


def test_predictions_are_compared_after_training() -> None:
    facet = Facet("shade", ["red"])
    (report,) = bias_report(TABLE, facet, PAID, Stage.POST_TRAINING, GUESS, ["DPPL", "RD", "TE", "FT"])
    assert values(report) == pytest.approx({"DPPL": 1 / 3, "RD": 1 / 2, "TE": "Infinity", "FT": -2 / 3})


@pytest.mark.parametrize(
    ("facet", "label", "stage", "predicted", "said"),
    [
        (Facet("hue"), PAID, Stage.PRE_TRAINING, None, "Facet column hue is not present"),
        (
            Facet("shade"),
            Label("paid", TABLE["paid"]),
            Stage.PRE_TRAINING,
            None,
            "label values or thresholds are empty",
        ),
        (Facet("size"), PAID, Stage.PRE_TRAINING, None, "Threshold values must be provided"),
        (Facet("shade"), PAID, Stage.POST_TRAINING, None, "predicted_label_column has to be provided"),
        (Facet("shade"), PAID, Stage.POST_TRAINING, Label("g", TABLE["size"]), "g is not categorical as paid is"),
        (Facet("shade"), PAID, Stage.POST_TRAINING, Label("g", GUESS.column, ["no"]), "should be empty or same"),
    ],
)
def test_what_does_not_fit_is_refused(
    facet: Facet, label: Label, stage: Stage, predicted: Label | None, said: str
) -> None:
    with pytest.raises(JobError) as refused:
        bias_report(TABLE, facet, label, stage, predicted)
    assert said in str(refused.value)


def undefined(_of: Sample) -> float:
    raise UndefinedMetricError("no rows")


@pytest.mark.parametrize(
    ("figure", "shown"),
    [
        (0.25, {"value": 0.25}),
        (float("inf"), {"value": "Infinity"}),
        (float("-inf"), {"value": "-Infinity"}),
        (None, {"value": None, "error": "no rows"}),
    ],
)
def test_a_figure_is_written_as_clarify_writes_it(figure: float | None, shown: dict[str, Any]) -> None:
    metric = Metric("M", "Some Metric", "", Stage.PRE_TRAINING, undefined if figure is None else lambda _: figure)
    of = sample((TABLE["shade"] == "red").to_numpy(), (TABLE["paid"] == "yes").to_numpy())
    assert evaluate(metric, of) == {"name": "M", "description": "Some Metric (M)", **shown}


def test_a_stages_part_names_label_facets_and_favorable_values() -> None:
    assert favorable_text(PAID) == "yes"
    assert stage_report(PAID, {"shade": []}) == {
        "label": "paid",
        "facets": {"shade": []},
        "label_value_or_threshold": "yes",
    }


def test_the_page_shows_infinite_and_missing_figures_and_escapes_names() -> None:
    metrics = [
        {"name": "TE", "description": "Treatment Equality (TE)", "value": "-Infinity"},
        {"name": "DI", "description": "Disparate Impact (DI)", "value": 1.0},
        {"name": "FT", "description": "Flip Test (FT)", "value": None, "error": "text <column>"},
    ]
    facets = {"a<b": [{"value_or_threshold": "1", "metrics": metrics}]}
    shown = page({"post_training_bias_metrics": stage_report(PAID, facets)}, "T", TABLE, PAID)
    assert "\N{MINUS SIGN}\N{INFINITY}" in shown
    assert 'aria-label="TE infinite"' in shown
    assert 'width="0.00"' in shown, "a disparate impact of 1 is parity"
    assert "text &lt;column&gt;" in shown
    assert "a&lt;b: 1 against the rest" in shown


def test_every_metric_has_a_meaning_for_people() -> None:
    assert all(metric.meaning.endswith(".") for metric in METRICS)
    assert [metric.name for metric in METRICS] == sorted(metric.name for metric in METRICS)

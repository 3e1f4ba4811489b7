"""Clarify's own figures: every recorded call of AWS's metric library, and the figures of a managed job."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from specimen_jobs.clarify import measures
from specimen_jobs.clarify.bias import Facet, Label, bias_report
from specimen_jobs.clarify.metrics import METRICS, Stage
from specimen_jobs.clarify.sample import Integers, UndefinedMetricError, sample
from specimen_jobs.container import JobError

SHARED = Path(__file__).resolve().parents[3] / "../shared"
REFERENCE = SHARED / "reference"
PRESENT = (REFERENCE / "clarify_cases.json").exists()
CASES: Mapping[str, Any] = json.loads((REFERENCE / "clarify_cases.json").read_text()) if PRESENT else {}
OVER_LABELS: Mapping[str, Callable[[Integers], float]] = {
    "KL": measures.kullback_leibler,
    "JS": measures.jensen_shannon,
    "LP": measures.norm(2),
    "KS": measures.norm(math.inf),
    "TVD": measures.total_variation,
}

pytestmark = pytest.mark.skipif(not PRESENT, reason="../shared/reference is not beside this checkout")


def cases(kind: str) -> list[Any]:
    found = CASES.get(kind, [])
    return [pytest.param(case, id=f"{number}-{case['test'].split('::')[-1]}") for number, case in enumerate(found)]


def number(value: Any) -> Any:
    return float(value.replace("Infinity", "inf")) if isinstance(value, str) else value


def label_counts(labels: list[Any], sensitive: list[bool]) -> Integers:
    names = sorted(set(labels))
    codes = np.array([names.index(label) for label in labels]) + len(names) * np.array(sensitive, dtype=np.int64)
    return np.bincount(codes, minlength=2 * len(names)).reshape(2, -1)


def computed(case: Mapping[str, Any]) -> float:
    inputs = case["inputs"]
    if case["metric"] in OVER_LABELS:
        return OVER_LABELS[case["metric"]](label_counts(inputs["label"], inputs["sensitive_facet_index"]))
    predicted = inputs.get("positive_predicted_label_index")
    rows = len(predicted or inputs["sensitive_facet_index"])
    table = inputs.get("df")
    metric = next(metric for metric in METRICS if metric.name == case["metric"])
    return metric.compute(
        sample(
            np.array(inputs.get("sensitive_facet_index", [False] * rows)),
            np.array(inputs.get("positive_label_index", [False] * rows)),
            None if predicted is None else np.array(predicted),
            np.array(inputs["group_variable"]) if inputs.get("group_variable") else None,
            None if table is None else pd.DataFrame(table["rows"], columns=table["columns"]),
        )
    )


@pytest.mark.parametrize("case", cases("metric_cases"))
def test_a_metric_equals_the_recorded_call(case: Mapping[str, Any]) -> None:
    if "raises" in case:
        with pytest.raises(UndefinedMetricError):
            computed(case)
    else:
        assert computed(case) == pytest.approx(number(case["expected"]), rel=1e-9, abs=1e-9)


def frame(case: Mapping[str, Any]) -> pd.DataFrame:
    table = pd.DataFrame(case["df"]["rows"], columns=case["df"]["columns"])
    return table.astype(dict(zip(case["df"]["columns"], case["dtypes"], strict=True)))


def column(table: pd.DataFrame, described: Mapping[str, Any]) -> pd.Series[Any]:
    """Return a recorded column with the type the table has for it; values of another type are another column."""
    data = pd.Series(described["data"], name=described["name"])
    same = described["name"] in table.columns and list(table[described["name"]]) == described["data"]
    return table[described["name"]] if same else data


def stage(name: str) -> Any:
    """Return the stage of that name; what is none is passed on, as the recorded call does."""
    return {"StageType.PRE_TRAINING": Stage.PRE_TRAINING, "StageType.POST_TRAINING": Stage.POST_TRAINING}.get(
        name, name
    )


def reported(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    table = frame(case)
    label, predicted = case["label"], case["predicted_label"]
    return bias_report(
        table,
        Facet(case["facet"]["name"], case["facet"]["sensitive_values"]),
        Label(label["name"], column(table, label), label["positive_label_values"]),
        stage(case["stage"]),
        Label(predicted["name"], column(table, predicted), predicted["positive_label_values"]) if predicted else None,
        case["metrics"],
        pd.Series(case["group_variable"]) if case["group_variable"] else None,
    )


def numbers(reports: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    return {
        (report["value_or_threshold"], metric["name"]): number(metric["value"])
        for report in reports
        for metric in report["metrics"]
    }


def words(reports: list[dict[str, Any]]) -> list[Any]:
    return [
        [report["value_or_threshold"], [{**metric, "value": None} for metric in report["metrics"]]]
        for report in reports
    ]


@pytest.mark.parametrize("case", cases("report_cases"))
def test_a_report_equals_the_recorded_one(case: Mapping[str, Any]) -> None:
    if "raises" in case:
        with pytest.raises(JobError):
            reported(case)
        return
    found = reported(case)
    assert words(found) == words(case["expected"])
    expected = numbers(case["expected"])
    undefined = {key for key, value in expected.items() if value is None}
    assert {key for key, value in numbers(found).items() if value is None} == undefined
    defined = {key: value for key, value in expected.items() if value is not None}
    assert {key: numbers(found)[key] for key in defined} == pytest.approx(defined, rel=1e-9, abs=1e-9)


def test_the_adult_table_gives_the_figures_of_the_managed_job() -> None:
    path = SHARED / "data/adult.data.gz"
    names = "Age Workclass fnlwgt Education Education-Num Marital Occupation Relationship Ethnic Sex Gain Loss Hours"
    columns = [*names.split(), "Country", "Target"]
    table = pd.read_csv(path, header=None, names=columns, na_values="?", skipinitialspace=True).dropna()
    table = table.assign(
        Sex=(table["Sex"] == "Male").astype("int64"), Target=table["Target"].str.startswith(">50K").astype("int64")
    )
    managed = json.loads((REFERENCE / "clarify_output/adult_bias.analysis.json").read_text())
    expected = managed["pre_training_bias_metrics"]["facets"]["Sex"]
    found = bias_report(
        table, Facet("Sex", [0]), Label("Target", table["Target"], [1]), Stage.PRE_TRAINING, group=table["Age"]
    )
    assert words(found) == words(expected)
    assert numbers(found) == pytest.approx(numbers(expected), rel=1e-9, abs=1e-9)

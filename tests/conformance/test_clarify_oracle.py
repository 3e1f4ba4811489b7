"""Bias reports against AWS's own metric library, on tables made at random.

The library needs old versions of its dependencies, so that it runs in an environment of its own under `.oracles`;
without that environment there is nothing to compare with, and the test is skipped.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from specimen_jobs.clarify.bias import Facet, Label, bias_report
from specimen_jobs.clarify.metrics import Stage

ORACLE = Path(__file__).resolve().parents[2] / ".oracles/smclarify/bin/python"
ASK = """
import sys, json, logging
import pandas as pd
from smclarify.bias import report
logging.disable(logging.CRITICAL)
asked = json.load(open(sys.argv[1]))
table = pd.read_csv(asked["table"])
answers = []
for case in asked["cases"]:
    values, favorable = case["facet"][1], case["favorable"]
    predicted = report.LabelColumn("predicted", table["predicted"], list(favorable))
    answers.append(report.bias_report(
        table.drop(columns=["predicted"]),
        report.FacetColumn(case["facet"][0], values and list(values)),
        report.LabelColumn("label", table["label"], list(favorable)),
        report.StageType[case["stage"]],
        predicted if case["stage"] == "POST_TRAINING" else None,
        ["all"],
        table[case["group"]] if case["group"] else None,
    ))
json.dump(answers, open(sys.argv[2], "w"))
"""
CASES: list[dict[str, Any]] = [
    {"facet": facet, "favorable": favorable, "group": group, "stage": stage.name}
    for stage in Stage
    for facet in (["sex", [1]], ["sex", None], ["region", ["north"]], ["region", ["north", "east"]], ["income", [2.0]])
    for favorable in ([0], ["1"])
    for group in ("age", None)
]

pytestmark = pytest.mark.skipif(not ORACLE.exists(), reason="AWS's metric library is not installed under .oracles")


def people(rows: int, seed: int, width: int) -> pd.DataFrame:
    """Return a table with a numeric and a text facet, `width` features, a label and a prediction that errs."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(rows, width)), columns=[f"x{number}" for number in range(width)])
    table["sex"] = rng.integers(1, 3, rows)
    table["age"] = rng.integers(20, 26, rows)
    table["income"] = rng.normal(2, 1, rows)
    table["region"] = rng.choice(["north", "east", "south"], rows)
    table["label"] = (table["income"] + table["x0"] > 1 + table["sex"] / 2).astype("int64")
    table["predicted"] = np.where(rng.random(rows) < 0.2, 1 - table["label"], table["label"])
    return table


def ours(table: pd.DataFrame, case: dict[str, Any]) -> list[dict[str, Any]]:
    stage, favorable = Stage[case["stage"]], case["favorable"]
    predicted = Label("predicted", table["predicted"], favorable) if stage is Stage.POST_TRAINING else None
    group = table[case["group"]] if case["group"] else None
    label = Label("label", table["label"], favorable)
    return bias_report(table.drop(columns=["predicted"]), Facet(*case["facet"]), label, stage, predicted, group=group)


def figures(reports: list[dict[str, Any]]) -> dict[str, float]:
    """Return every figure by facet value and metric; a metric that has no value is not a number."""
    return {
        f"{report['value_or_threshold']} {metric['name']}": float("nan" if metric["value"] is None else metric["value"])
        for report in reports
        for metric in report["metrics"]
    }


def asked_of_the_library(folder: Path, table: pd.DataFrame, cases: list[dict[str, Any]]) -> Any:
    """Return the library's report on each case; the table passes through CSV, which keeps what is in it."""
    table.to_csv(folder / "table.csv", index=False)
    (folder / "asked.json").write_text(json.dumps({"table": str(folder / "table.csv"), "cases": cases}))
    paths = [str(folder / "asked.json"), str(folder / "answers.json")]
    subprocess.run([str(ORACLE), "-W", "ignore", "-c", ASK, *paths], check=True, capture_output=True)
    return json.loads((folder / "answers.json").read_text())


@pytest.mark.parametrize(("rows", "seed", "width"), [(400, 1, 3), (900, 2, 20)])
def test_reports_equal_the_librarys(tmp_path: Path, rows: int, seed: int, width: int) -> None:
    table = people(rows, seed, width)
    if width > 3:
        table["region"] = table["region"].map({"north": 1, "east": 2, "south": 3})
        cases = [case for case in CASES if case["facet"][0] != "region" and case["favorable"] == [0]]
    else:
        cases = CASES
    answers = asked_of_the_library(tmp_path, table, cases)
    table = pd.read_csv(tmp_path / "table.csv")
    for case, expected in zip(cases, answers, strict=True):
        assert figures(ours(table, case)) == pytest.approx(figures(expected), rel=1e-9, abs=1e-9, nan_ok=True), case


def flip_bounds(table: pd.DataFrame) -> tuple[float, float]:
    """Return the least and the largest flip test that the choice among equally near neighbours leaves open."""
    sensitive, favoured = (table["sex"] == 1).to_numpy(), (table["predicted"] == 0).to_numpy()
    features = table.drop(columns=["sex", "label", "predicted"]).to_numpy()
    known = favoured[~sensitive]
    least = most = 0
    for row in features[sensitive]:
        distances = ((features[~sensitive] - row) ** 2).sum(axis=1)
        last = np.sort(distances)[4]
        sure, tied = known[distances < last], known[distances == last]
        free = 5 - len(sure)
        least += bool(sure.sum() + max(0, free - (~tied).sum()) >= 3)
        most += bool(sure.sum() + min(free, tied.sum()) >= 3)
    own, rows = favoured[sensitive].sum(), sensitive.sum()
    return (own - most) / rows, (own - least) / rows


@pytest.mark.parametrize("width", [5, 20])
@pytest.mark.parametrize("largest", [3, 1_000_000])
def test_the_flip_test_of_integers_is_the_librarys_up_to_ties(tmp_path: Path, width: int, largest: int) -> None:
    rng = np.random.default_rng(width)
    table = pd.DataFrame(rng.integers(0, largest, (600, width)), columns=[f"x{number}" for number in range(width)])
    table["sex"] = rng.integers(1, 3, 600)
    table["label"] = rng.integers(0, 2, 600)
    table["predicted"] = np.where(rng.random(600) < 0.2, 1 - table["label"], table["label"])
    case = {"facet": ["sex", [1]], "favorable": [0], "group": None, "stage": "POST_TRAINING"}
    least, most = flip_bounds(table)
    (answer,) = asked_of_the_library(tmp_path, table, [case])
    for reports in (answer, ours(table, case)):
        assert least - 1e-12 <= figures(reports)["1 FT"] <= most + 1e-12
    assert (least == most) == (largest > 3), "only small integers lie equally near"

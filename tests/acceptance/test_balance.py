"""A spec that fills in missing values and balances its training part, run to its report."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASKED = """  categorical: [EDUCATION, MARRIAGE]
  impute: median
  balance: {facet: SEX, cells: true}
  split:"""


@pytest.fixture(scope="module")
def balanced_run(tmp_path_factory: pytest.TempPathFactory, run_spec: Callable[[Path, Path], Any]) -> Any:
    """A run of the demo's spec with balance, on its table with every tenth limit missing."""
    folder = tmp_path_factory.mktemp("balanced")
    with (ROOT / "specs/data/credit_default.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    for row in rows[::10]:
        row[header.index("LIMIT_BAL")] = ""
    with (folder / "gaps.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    text = (ROOT / "specs/credit-default.yaml").read_text(encoding="utf-8")
    text = text.replace("name: credit-default", "name: balanced").replace("  split:", ASKED)
    (folder / "balanced.yaml").write_text(text.replace("data/credit_default.csv", "gaps.csv"), encoding="utf-8")
    return run_spec(folder / "balanced.yaml", folder / "state")


def test_it_runs_to_its_report(balanced_run: Any) -> None:
    assert balanced_run.called.code == 0, balanced_run.called.err
    report = (balanced_run.folder / "report.html").read_text(encoding="utf-8")
    assert "Facet counts before and after" in report
    assert "SMOTENC" in report
    assert "Filled in" in report


def test_what_is_measured_before_training_is_balanced(balanced_run: Any) -> None:
    """As many men as women, and as many of each who default: no class imbalance, no difference in labels."""
    metrics = json.loads((balanced_run.folder / "outputs/bias-pre/metrics").read_text(encoding="utf-8"))
    assert metrics["SEX"]["1"]["CI"] == 0
    assert metrics["SEX"]["1"]["DPL"] == 0


def test_what_the_model_is_judged_on_is_not(balanced_run: Any) -> None:
    """The test part is 900 of the table's 6,000 rows, and no more."""
    log = (balanced_run.folder / "logs/prepare.log").read_text(encoding="utf-8")
    assert "imputing: column 'LIMIT_BAL'" in log
    assert "balancing by SMOTENC; categorical: EDUCATION, MARRIAGE, AGE" in log
    statistics = (balanced_run.folder / "report.html").read_text(encoding="utf-8")
    assert "<dt>Test rows</dt><dd>900</dd>" in statistics

"""The examples' specs on real rows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def real_run(
    tmp_path_factory: pytest.TempPathFactory, shared_data: Callable[[str], Path], run_spec: Callable[[Path, Path], Any]
) -> Any:
    """A run of the spec with UCI's table as its source."""
    table = shared_data("data/default_of_credit_card_clients.csv.gz")
    spec = tmp_path_factory.mktemp("real") / "credit.yaml"
    text = (ROOT / "specs" / "credit-default.yaml").read_text(encoding="utf-8")
    spec.write_text(text.replace("data/credit_default.csv", str(table)), encoding="utf-8")
    return run_spec(spec, tmp_path_factory.mktemp("state"))


def test_it_runs_to_the_end(real_run: Any) -> None:
    assert real_run.called.code == 0, real_run.called.err
    assert {step["state"] for step in real_run.journal["steps"]} == {"succeeded"}


def test_its_figures_are_those_of_a_model_that_has_learnt(real_run: Any) -> None:
    """An AUC of 0.77 to 0.78 is what gradient boosting is known to reach on this table."""
    metrics = json.loads((real_run.folder / "outputs" / "evaluate" / "metrics").read_text(encoding="utf-8"))
    assert 0.75 < metrics["test:auc"] < 0.80


def test_the_bias_before_training_is_the_tables_own(real_run: Any) -> None:
    """Men (SEX 1) default more often, so that the favorable label is rarer among them; they are fewer, too."""
    metrics = json.loads((real_run.folder / "outputs" / "bias-pre" / "metrics").read_text(encoding="utf-8"))
    assert metrics["SEX"]["1"]["DPL"] == pytest.approx(0.0339, abs=0.01)
    assert metrics["SEX"]["1"]["CI"] == pytest.approx((18112 - 11888) / 30000, abs=0.01)


@pytest.fixture(scope="module")
def shellfish(
    tmp_path_factory: pytest.TempPathFactory, shared_data: Callable[[str], Path], run_spec: Callable[[Path, Path], Any]
) -> Any:
    """A run of the regression's spec with UCI's abalone as its source, and with the bias against infants (sex 3)."""
    table = shared_data("data/abalone.libsvm.gz")
    spec = tmp_path_factory.mktemp("real") / "abalone.yaml"
    text = (ROOT / "specs" / "abalone.yaml").read_text(encoding="utf-8")
    bias = "bias: {favorable: {above: 9}, facets: {sex: [3]}}\n"
    spec.write_text(text.replace("data/abalone.libsvm.gz", str(table)) + bias, encoding="utf-8")
    return run_spec(spec, tmp_path_factory.mktemp("state"))


def test_the_regression_learns_from_real_shellfish(shellfish: Any) -> None:
    """A root mean squared error of 2.1 to 2.3 rings is what gradient boosting is known to reach on UCI's abalone."""
    assert shellfish.called.code == 0, shellfish.called.err
    metrics = json.loads((shellfish.folder / "outputs" / "evaluate" / "metrics").read_text(encoding="utf-8"))
    assert 2.0 < metrics["test:rmse"] < 2.4
    assert 0.45 < metrics["test:r2"] < 0.65


def test_more_rings_than_nine_are_rarer_among_infants(shellfish: Any) -> None:
    """In the table 65 % of the others have them and 18 % of the infants; a bound is no class, before and after."""
    before, after = (
        json.loads((shellfish.folder / "outputs" / step / "metrics").read_text(encoding="utf-8"))["sex"]["3"]
        for step in ("bias-pre", "bias-post")
    )
    assert before["DPL"] == pytest.approx(0.463, abs=0.02)
    assert after["DPPL"] == pytest.approx(0.6, abs=0.1)

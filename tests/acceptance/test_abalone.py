"""A regression on a libsvm table runs the whole way, and its figures are those of its answers."""

import json
from collections.abc import Callable
from math import sqrt
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from specimen_tensors.files import Bucket
from specimen_tensors.trial import Trial

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def abalone(tmp_path_factory: pytest.TempPathFactory, run_spec: Callable[[Path, Path], Any]) -> Any:
    """A run of the spec, to its end."""
    return run_spec(ROOT / "specs" / "abalone.yaml", tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def aws(abalone: Any) -> Callable[[str], Any]:
    """Makes clients of the embedded AWS that the run left up."""
    clients: Callable[[str], Any] = abalone.client
    return clients


def read(aws: Callable[[str], Any], uri: str) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    text: str = aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return text


def test_it_runs_to_its_end(abalone: Any) -> None:
    assert abalone.called.code == 0, abalone.called.err
    assert {step["state"] for step in abalone.journal["steps"]} == {"succeeded"}


def test_what_was_left_out_of_a_line_is_missing(abalone: Any, aws: Callable[[str], Any]) -> None:
    parts = [read(aws, abalone.output("prepare", part)) for part in ("train", "validation", "test")]
    rows = [line.split(",") for part in parts for line in part.splitlines()]
    assert len(rows) == 4_177
    assert {len(row) for row in rows} == {9}
    assert sum(not row[4] for row in rows) == 6
    assert all(row[column] for row in rows for column in range(9) if column != 4)


def test_its_metrics_are_those_of_its_answers(abalone: Any, aws: Callable[[str], Any]) -> None:
    metrics = abalone.output("evaluate", "metrics")
    rows = [line.split(",") for line in read(aws, abalone.output("evaluate", "predictions")).splitlines()]
    errors = [float(answer) - float(label) for label, answer in rows]
    mean = fmean(float(label) for label, _ in rows)
    mse = fmean(error**2 for error in errors)
    assert metrics == {
        "test:mse": pytest.approx(mse),
        "test:rmse": pytest.approx(sqrt(mse)),
        "test:mae": pytest.approx(fmean(map(abs, errors))),
        "test:r2": pytest.approx(1 - mse / fmean((float(label) - mean) ** 2 for label, _ in rows)),
    }
    assert metrics["test:r2"] > 0.5


def test_its_statistics_are_registered_as_those_of_a_regression(abalone: Any, aws: Callable[[str], Any]) -> None:
    package = aws("sagemaker").describe_model_package(ModelPackageName=abalone.output("register", "arn"))
    statistics = json.loads(read(aws, package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]))
    metrics = abalone.output("evaluate", "metrics")
    found = {f"test:{name}": figure["value"] for name, figure in statistics["regression_metrics"].items()}
    assert found == metrics


def test_explanations_speak_of_the_named_features(abalone: Any) -> None:
    values = abalone.output("explain", "metrics")
    assert values.keys() == {
        *("sex", "length", "diameter", "height"),
        *("whole_weight", "shucked_weight", "viscera_weight", "shell_weight"),
    }
    assert max(values, key=lambda feature: values[feature]) == "shell_weight"


def test_the_report_shows_its_errors(abalone: Any) -> None:
    report = (abalone.folder / "report.html").read_text(encoding="utf-8")
    for text in ("How many rows are how near", "Answers and labels, 400 rows drawn by lot", "test:rmse"):
        assert text in report


def test_its_losses_are_judged_and_its_tensors_kept(abalone: Any) -> None:
    """The rule's verdict is awaited, and warns; the record has what the report draws."""
    assert abalone.output("debug", "verdict") == "warn"
    (judged,) = abalone.output("debug", "rules")
    assert (judged["name"], judged["status"]) == ("LossNotDecreasing", "IssuesFound")
    assert judged["details"].startswith("RuleEvaluationConditionMet: Evaluation of the rule LossNotDecreasing at step ")
    report = (abalone.folder / "report.html").read_text(encoding="utf-8")
    assert "Average SHAP values by step" in report
    assert "No SHAP values were saved" not in report


def test_the_saved_metrics_are_those_of_the_log(abalone: Any, aws: Callable[[str], Any]) -> None:
    bucket, _, prefix = abalone.output("debug", "tensors").removeprefix("s3://").partition("/")
    trial = Trial(Bucket(aws("s3"), bucket, prefix))
    assert trial.steps("validation-rmse") == tuple(range(0, 51, 5))
    final = abalone.output("train", "metrics")["validation:rmse"]
    assert float(trial.value("validation-rmse", 50)[0]) == pytest.approx(final, abs=1e-5)
    assert {"average_shap", "feature_importance", "metrics"} <= trial.collections().keys()

"""The demo's spec with explanations, run to its report."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from specimen.emulator import control

ROOT = Path(__file__).resolve().parents[2]
ASKED = "\nexplain: {baseline: {kmeans: 2}, samples: 60, pdp: {features: [PAY_0, LIMIT_BAL], grid: 5}}\n"


@pytest.fixture(scope="module")
def explained_run(tmp_path_factory: pytest.TempPathFactory, run_spec: Callable[..., Any]) -> Any:
    """A run of the demo's spec with `explain`."""
    folder = tmp_path_factory.mktemp("explained")
    spec = folder / "spec.yaml"
    text = (ROOT / "specs/credit-default.yaml").read_text(encoding="utf-8")
    table = ROOT / "specs/data/credit_default.csv"
    spec.write_text(text.replace("data/credit_default.csv", str(table)) + ASKED, encoding="utf-8")
    return run_spec(spec, folder / "state")


def answered(run: Any, service: str) -> Any:
    server = control.status(run.state)
    assert server
    place = server.environment()
    return boto3.client(
        service,  # type: ignore[call-overload] # by name
        endpoint_url=place["AWS_ENDPOINT_URL"],
        aws_access_key_id=place["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=place["AWS_SECRET_ACCESS_KEY"],
        region_name=place["AWS_DEFAULT_REGION"],
    )


def test_it_runs_to_its_report(explained_run: Any) -> None:
    assert explained_run.called.code == 0, explained_run.called.err
    report = (explained_run.folder / "report.html").read_text(encoding="utf-8")
    assert "mean absolute SHAP value" in report
    assert "Partial dependence on PAY_0" in report
    assert "answers of the model&#x27;s trees" in report


def test_the_feature_that_makes_the_labels_counts_most(explained_run: Any) -> None:
    """The demo's labels come of late payments above all, and its model has found that."""
    values = json.loads((explained_run.folder / "outputs/explain/metrics").read_text(encoding="utf-8"))
    assert len(values) == 23
    assert max(values, key=values.__getitem__) == "PAY_0"


def test_explanations_are_registered_with_the_model(explained_run: Any) -> None:
    arn = explained_run.resources["register"]["arn"]
    package = answered(explained_run, "sagemaker").describe_model_package(ModelPackageName=arn)
    uri = package["ModelMetrics"]["Explainability"]["Report"]["S3Uri"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    analysis = json.loads(answered(explained_run, "s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    assert analysis["explanations"]["kernel_shap"].keys() == {"label0"}
    assert [found["feature_name"] for found in analysis["explanations"]["pdp"]] == ["PAY_0", "LIMIT_BAL"]

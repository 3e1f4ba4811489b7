"""Two trials of one experiment, one of them balanced and tuned: compared, registered, and the better one marked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from specimen.running import server

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def fairness(tmp_path_factory: pytest.TempPathFactory, run_spec: Callable[[Path, Path], Any]) -> Any:
    """A run of the spec, to its end."""
    return run_spec(ROOT / "specs" / "credit-fairness.yaml", tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def sagemaker(fairness: Any) -> Any:
    """A client of the embedded SageMaker that the run left up."""
    found = server.status(fairness.state)
    assert found
    untyped: Any = boto3.session.Session(found.access_key, found.secret_key, region_name=found.region)
    return untyped.client("sagemaker", endpoint_url=found.endpoint)


def test_both_trials_run_to_their_end(fairness: Any) -> None:
    assert fairness.called.code == 0, fairness.called.err
    assert {step["state"] for step in fairness.journal["steps"]} == {"succeeded"}


def test_only_the_balanced_trial_was_trained_on_as_many_men_as_women(fairness: Any) -> None:
    imbalance = {
        trial: fairness.output(f"bias-pre-{trial}", "metrics")["SEX"]["1"]["CI"]
        for trial in ("baseline", "smote-tuned")
    }
    assert imbalance["smote-tuned"] == 0
    assert imbalance["baseline"] > 0.1


def test_ten_jobs_were_trained_and_the_best_one_went_on(fairness: Any, sagemaker: Any) -> None:
    tuning = fairness.resources["tune-smote-tuned"]["name"]
    listed = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=tuning, SortBy="FinalObjectiveMetricValue", SortOrder="Descending"
    )["TrainingJobSummaries"]
    values = [job["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for job in listed]
    assert len(listed) == 10
    assert values == sorted(values, reverse=True)
    best = (fairness.folder / "outputs" / "tune-smote-tuned" / "job").read_text(encoding="utf-8")
    assert best == listed[0]["TrainingJobName"]


def test_both_are_registered_in_one_group_and_the_better_one_is_marked(fairness: Any, sagemaker: Any) -> None:
    arns = {
        trial: (fairness.folder / "outputs" / f"register-{trial}" / "arn").read_text(encoding="utf-8")
        for trial in ("baseline", "smote-tuned")
    }
    auc = {trial: fairness.output(f"evaluate-{trial}", "metrics")["test:auc"] for trial in arns}
    packages = {trial: sagemaker.describe_model_package(ModelPackageName=arn) for trial, arn in arns.items()}
    assert {package["ModelPackageGroupName"] for package in packages.values()} == {"credit-fairness"}
    marked = [
        trial
        for trial, package in packages.items()
        if package["CustomerMetadataProperties"].get("specimen:selected") == "true"
    ]
    assert marked == [max(auc, key=lambda trial: auc[trial])]


def test_each_trial_holds_the_jobs_that_it_is_made_of(fairness: Any, sagemaker: Any) -> None:
    for trial, trained in (("baseline", 1), ("smote-tuned", 10)):
        found = sagemaker.list_trial_components(TrialName=f"credit-fairness-{trial}", MaxResults=100)[
            "TrialComponentSummaries"
        ]
        kinds = [component["TrialComponentSource"]["SourceType"] for component in found]
        assert kinds.count("SageMakerTrainingJob") == trained
        assert kinds.count("SageMakerProcessingJob") == 3
        assert kinds.count("SageMakerTransformJob") == 1


def test_the_report_compares_metrics_bias_and_contributions(fairness: Any) -> None:
    report = (fairness.folder / "report.html").read_text(encoding="utf-8")
    for text in ("Comparison of the trials", "test:auc", "DPPL", "SHAP values", "specimen", "smote-tuned"):
        assert text in report

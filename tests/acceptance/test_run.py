"""One spec runs the whole way."""

import json
import math
import re
from pathlib import Path
from typing import Any

import boto3
import pytest
from sklearn.metrics import roc_auc_score
from specimen.running import server


@pytest.fixture
def sagemaker(first_run: Any) -> Any:
    """A client of the embedded SageMaker that the run used."""
    return client(first_run.state, "sagemaker")


@pytest.fixture
def s3(first_run: Any) -> Any:
    """Its object store."""
    return client(first_run.state, "s3")


def client(state: Path, service: str) -> Any:
    found = server.status(state)
    assert found, "the server stays up after a run"
    environment = found.environment()
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
    )


def record(run: Any, s3: Any, step: str) -> dict[str, Any]:
    body = s3.get_object(Bucket="specimen-local", Key=f"runs/{run.folder.name}/{step}.json")["Body"].read()
    loaded: dict[str, Any] = json.loads(body)
    return loaded


def read(s3: Any, uri: str) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    text: str = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return text


def test_it_ends_well_and_says_where_the_report_is(first_run: Any) -> None:
    assert first_run.called.code == 0, first_run.called.err + first_run.called.out
    assert first_run.journal["state"] == "succeeded"
    assert f"report: {first_run.folder / 'report.html'}" in first_run.called.out
    assert (first_run.folder / "report.html").stat().st_size > 10_000


def test_it_says_before_the_start_and_in_the_log_which_xgboost_stands_in(first_run: Any) -> None:
    before, _, _ = first_run.called.out.partition("run credit-default-001")
    assert re.search(r"differs from AWS: XGBoost [\d.]+ \(installed\) trains .* in place of SageMaker's image", before)
    assert first_run.journal["differences"]
    assert re.search(
        r"Training with the installed XGBoost [\d.]+, in place of .*/sagemaker-xgboost:3\.2-0",
        (first_run.folder / "logs" / "train.log").read_text(encoding="utf-8"),
    )


def test_every_step_succeeded_and_was_created_by_this_run(first_run: Any) -> None:
    steps = first_run.journal["steps"]
    assert {step["state"] for step in steps} == {"succeeded"}
    assert {resource["how"] for resource in first_run.resources.values()} == {"created"}
    assert {"train", "model", "bias-pre", "bias-post", "evaluate", "register"} <= first_run.resources.keys()


def test_run_json_says_what_it_was_made_from(first_run: Any) -> None:
    journal = first_run.journal
    assert re.fullmatch(r"[0-9a-f]{64}", journal["spec"]["digest"])
    assert [len(digest) for digest in journal["data"].values()] == [64]
    assert journal["versions"]["xgboost"]


def test_a_second_run_submits_nothing(second_run: Any, first_run: Any) -> None:
    assert second_run.called.code == 0, second_run.called.err
    assert second_run.folder != first_run.folder
    reused = {name: resource["name"] for name, resource in second_run.resources.items()}
    assert reused == {name: resource["name"] for name, resource in first_run.resources.items()}
    assert not [name for name, resource in second_run.resources.items() if resource["how"] == "created"]


def test_there_is_one_job_of_each_kind(second_run: Any, sagemaker: Any) -> None:
    assert len(sagemaker.list_training_jobs()["TrainingJobSummaries"]) == 1
    # bias before and after training, and two of Debugger's rules
    assert len(sagemaker.list_processing_jobs()["ProcessingJobSummaries"]) == 4
    assert len(sagemaker.list_transform_jobs()["TransformJobSummaries"]) == 1
    assert len(sagemaker.list_models()["Models"]) == 1
    assert len(sagemaker.list_model_packages(ModelPackageGroupName="credit-default")["ModelPackageSummaryList"]) == 1


def test_clarifys_shadow_endpoint_is_gone(first_run: Any, sagemaker: Any) -> None:
    assert sagemaker.list_endpoints()["Endpoints"] == []


def test_training_is_as_the_spec_asks(first_run: Any, sagemaker: Any) -> None:
    job = sagemaker.describe_training_job(TrainingJobName=first_run.resources["train"]["name"])
    assert job["HyperParameters"]["max_depth"] == "5"
    assert job["ResourceConfig"]["VolumeSizeInGB"] == 5
    assert job["TrainingJobStatus"] == "Completed"
    statuses = [transition["Status"] for transition in job["SecondaryStatusTransitions"]]
    assert statuses == ["Starting", "Downloading", "Training", "Uploading", "Completed"]


def test_figures_are_those_of_the_transform_jobs_output(first_run: Any, s3: Any) -> None:
    evaluated = record(first_run, s3, "evaluate")
    rows = [line.split(",") for line in read(s3, evaluated["outputs"]["predictions"]).splitlines()]
    labels, answers = [float(row[0]) for row in rows], [float(row[1]) for row in rows]
    assert evaluated["outputs"]["metrics"]["test:auc"] == pytest.approx(roc_auc_score(labels, answers), abs=1e-12)
    assert evaluated["outputs"]["metrics"]["test:auc"] > 0.7
    assert sum(map(sum, evaluated["details"]["confusion"])) == len(rows)


def test_the_parts_are_disjoint_and_together_the_table(first_run: Any, s3: Any) -> None:
    outputs = record(first_run, s3, "prepare")["outputs"]
    parts = {part: read(s3, outputs[part]).splitlines() for part in ("train", "validation", "test")}
    table = (Path(__file__).parents[2] / "specs/data/credit_default.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert sum(map(len, parts.values())) == len(table)
    moved = sorted(",".join([cells[-1], *cells[1:-1]]) for cells in (line.split(",") for line in table))
    assert sorted(line for lines in parts.values() for line in lines) == moved


def test_bias_is_measured_before_and_after(first_run: Any, s3: Any) -> None:
    before, after = (
        record(first_run, s3, step)["outputs"]["metrics"]["SEX"]["1"] for step in ("bias-pre", "bias-post")
    )
    assert before.keys() == {"CI", "DPL", "KL", "JS", "LP", "TVD", "KS", "CDDL"}
    assert {"DPPL", "DI", "DCA", "DCR", "RD", "DAR", "DRR", "AD", "TE", "CDDPL", "FT"} <= after.keys()
    assert all(math.isfinite(value) for value in before.values())


def test_lineage_leads_from_the_data_to_the_model(first_run: Any, sagemaker: Any, s3: Any) -> None:
    component = f"{first_run.resources['train']['name']}-aws-training-job"
    arn = sagemaker.describe_trial_component(TrialComponentName=component)["TrialComponentArn"]
    contributed = sagemaker.list_associations(DestinationArn=arn, AssociationType="ContributedTo")
    produced = sagemaker.list_associations(SourceArn=arn, AssociationType="Produced")
    outputs = record(first_run, s3, "lineage")["outputs"]
    assert outputs["dataset_arn"] in [each["SourceArn"] for each in contributed["AssociationSummaries"]]
    assert outputs["model_arn"] in [each["DestinationArn"] for each in produced["AssociationSummaries"]]
    dataset = sagemaker.describe_artifact(ArtifactArn=outputs["dataset_arn"])
    assert dataset["ArtifactType"].lower() == "dataset"  # AWS makes one of its own, called DataSet
    assert dataset["Source"]["SourceUri"] == record(first_run, s3, "prepare")["outputs"]["train"]


def test_the_run_shows_as_an_experiment_with_a_trial(first_run: Any, sagemaker: Any) -> None:
    trials = sagemaker.list_trials(ExperimentName="credit-default")["TrialSummaries"]
    assert [trial["TrialName"] for trial in trials] == ["credit-default-default"]
    components = sagemaker.list_trial_components(TrialName="credit-default-default")["TrialComponentSummaries"]
    assert len(components) == 4


def test_the_version_awaits_approval_with_its_metrics(first_run: Any, sagemaker: Any, s3: Any) -> None:
    (listed,) = sagemaker.list_model_packages(ModelPackageGroupName="credit-default")["ModelPackageSummaryList"]
    package = sagemaker.describe_model_package(ModelPackageName=listed["ModelPackageArn"])
    assert (package["ModelPackageStatus"], package["ModelApprovalStatus"]) == ("Completed", "PendingManualApproval")
    quality = json.loads(read(s3, package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]))
    auc = record(first_run, s3, "evaluate")["outputs"]["metrics"]["test:auc"]
    assert quality["binary_classification_metrics"]["auc"]["value"] == auc
    analysis = json.loads(read(s3, package["ModelMetrics"]["Bias"]["PostTrainingReport"]["S3Uri"]))
    assert analysis.keys() >= {"version", "post_training_bias_metrics"}


def test_the_report_needs_no_network(first_run: Any) -> None:
    html = (first_run.folder / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", html)
    assert "@import" not in html
    for shown in ("credit-default", "PendingManualApproval", "DPPL", "XGBoost", "synthetic"):
        assert shown in html, shown


def test_debuggers_reports_are_fetched_into_the_run(first_run: Any) -> None:
    pages = {
        name: (first_run.folder / "artifacts" / "debug" / f"{name}.html").read_text(encoding="utf-8")
        for name in ("xgboost_report", "profiler_report")
    }
    assert all("<html" in page and len(page) > 10_000 for page in pages.values())
    assert (first_run.folder / "outputs" / "debug" / "verdict").read_text(encoding="utf-8") == "pass"

"""Ten classes, trained on one instance and on two that share the part files; hosted, verified, and deleted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from tests.acceptance.conftest import specimen

ROOT = Path(__file__).resolve().parents[2]
PARTS = {"train": 1_199, "validation": 299, "test": 299}


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory, run_spec: Callable[[Path, Path], Any]) -> Any:
    """A run of the spec, to its end."""
    return run_spec(ROOT / "specs" / "digits.yaml", tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def aws(digits: Any) -> Callable[[str], Any]:
    """Makes clients of the embedded AWS that the run left up."""
    clients: Callable[[str], Any] = digits.client
    return clients


def objects(aws: Callable[[str], Any], uri: str) -> dict[str, str]:
    """What stands below a URI, by its name."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    s3 = aws("s3")
    found = s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]
    return {one["Key"]: s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read().decode() for one in found}


def test_it_runs_to_its_end(digits: Any) -> None:
    assert digits.called.code == 0, digits.called.err
    assert {step["state"] for step in digits.journal["steps"]} == {"succeeded"}


def test_the_training_part_is_five_files_that_are_alike(digits: Any, aws: Callable[[str], Any]) -> None:
    train = objects(aws, digits.output("prepare", "train"))
    assert [name.rsplit("/", 1)[-1] for name in train] == [f"part-{number}-of-5.libsvm" for number in range(1, 6)]
    sizes = [content.count("\n") for content in train.values()]
    assert sum(sizes) == PARTS["train"]
    assert max(sizes) - min(sizes) <= 1
    for content in train.values():
        assert {line.split(" ")[0] for line in content.splitlines()} == set("0123456789")


def test_every_image_is_written_as_the_table_has_it(digits: Any, aws: Callable[[str], Any]) -> None:
    with np.load(ROOT / "specs/data/digits.npz", allow_pickle=False) as arrays:
        for part, rows in PARTS.items():
            lines = "".join(objects(aws, digits.output("prepare", part)).values()).splitlines()
            assert len(lines) == rows
            expected = [
                f"{label} 0:0 " + "".join(f"{index}:{value} " for index, value in enumerate(row, 1) if value) + "65:0"
                for row, label in zip(arrays[f"{part}_x"].tolist(), arrays[f"{part}_y"].tolist(), strict=True)
            ]
            assert sorted(lines) == sorted(expected)


def test_two_instances_had_their_share_of_the_files(digits: Any, aws: Callable[[str], Any]) -> None:
    sagemaker, counts, kinds = aws("sagemaker"), {}, {}
    for trial in ("single", "distributed"):
        job = sagemaker.describe_training_job(TrainingJobName=digits.output(f"train-{trial}", "job"))
        counts[trial] = job["ResourceConfig"]["InstanceCount"]
        kinds[trial] = {
            channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3DataDistributionType"]
            for channel in job["InputDataConfig"]
        }
    assert counts == {"single": 1, "distributed": 2}
    assert set(kinds["single"].values()) == {"FullyReplicated"}
    assert kinds["distributed"]["train"] == "ShardedByS3Key"


def test_the_endpoint_answers_as_the_batch_job_does(digits: Any) -> None:
    """And both models tell digits apart."""
    verified = digits.output("verify", "metrics")
    for trial in ("single", "distributed"):
        assert digits.output(f"evaluate-{trial}", "metrics")["test:accuracy"] > 0.9
    assert verified["endpoint:accuracy"] == digits.output("evaluate-distributed", "metrics")["test:accuracy"]
    assert verified["endpoint:error"] == pytest.approx(1 - verified["endpoint:accuracy"])
    assert verified["endpoint:rows_per_second"] > 0


def test_nothing_of_the_endpoint_is_left(digits: Any, aws: Callable[[str], Any]) -> None:
    sagemaker = aws("sagemaker")
    with pytest.raises(ClientError, match="Could not find endpoint"):
        sagemaker.describe_endpoint(EndpointName=digits.output("host", "endpoint"))
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []


def test_the_lineage_leads_from_the_part_files_to_the_endpoint(digits: Any) -> None:
    """It is history: the endpoint has been deleted since."""
    drawn = specimen("lineage", "digits", "--state", digits.state)
    assert drawn.code == 0, drawn.err
    lines = drawn.out.splitlines()
    assert lines[0] == f"DataSet {digits.output('prepare', 'train')}"
    assert lines[1] == f"└─ TrainingJob {digits.output('train-distributed', 'job')}"
    assert lines[-1].strip() == "└─ Endpoint digits (deleted)"


def test_an_endpoint_is_asked_by_hand_in_the_sources_own_columns(
    digits: Any, aws: Callable[[str], Any], tmp_path: Path
) -> None:
    """It answers as the run's endpoint did, and is deleted by hand."""
    sagemaker, source = aws("sagemaker"), ROOT / "specs" / "data" / "digits.npz"
    tags = {
        "specimen:experiment": "digits",
        "specimen:manifest:distributed": digits.output("prepare", "manifest"),
    }
    given = [{"Key": key, "Value": value} for key, value in tags.items()]
    variant = {
        "VariantName": "distributed",
        "ModelName": digits.output("model-distributed", "model"),
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName="by-hand", ProductionVariants=[variant], Tags=given)
    sagemaker.create_endpoint(EndpointName="by-hand", EndpointConfigName="by-hand", Tags=given)
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="by-hand", WaiterConfig={"Delay": 1})
    answers = tmp_path / "answers.csv"
    asked = specimen("endpoint", "invoke", "by-hand", source, "-o", answers, "--state", digits.state)
    assert asked.code == 0, asked.err
    with np.load(source) as arrays:
        right = np.loadtxt(answers, dtype=int) == arrays["test_y"]
    assert right.mean() == pytest.approx(digits.output("verify", "metrics")["endpoint:accuracy"])
    deleted = specimen("endpoint", "delete", "by-hand", "--state", digits.state)
    assert deleted.code == 0, deleted.err
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []

"""Pipe mode: a channel's objects come one after the other through FIFOs, unpacked where they are gzip."""

import gzip
from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.errors import AwsError
from specimen.emulator.jobs.containers import BUILT_IN

if TYPE_CHECKING:
    from .conftest import Cloud

READER = """
    import json, os, pathlib
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    told = json.loads((base / "input/config/inputdataconfig.json").read_text())
    for epoch in range(EPOCHS):
        print(told["train"]["TrainingInputMode"], epoch, (base / f"input/data/train_{epoch}").read_bytes())
"""


def piped(cloud: "Cloud", **more: Any) -> dict[str, Any]:
    return {**cloud.channel("train"), "InputMode": "Pipe", **more}


@pytest.mark.parametrize("epochs", [0, 1, 2])
def test_each_epoch_reads_all_objects_in_their_order(cloud: "Cloud", epochs: int) -> None:
    for number in (2, 1, 3):
        cloud.put(f"train/part-{number}", f"{number}\n".encode())
    image = cloud.image("reader", READER.replace("EPOCHS", str(epochs)))
    cloud.train("job", image, InputDataConfig=[piped(cloud)])
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Completed"
    assert cloud.log("job").count(r"b'1\n2\n3\n'") == epochs


def test_gzip_is_unpacked_on_the_way(cloud: "Cloud") -> None:
    cloud.put("train/1.gz", gzip.compress(b"1,2\n"))
    cloud.put("train/2.gz", gzip.compress(b"3,4\n"))
    image = cloud.image("reader", READER.replace("EPOCHS", "1"))
    cloud.train("job", image, InputDataConfig=[piped(cloud, CompressionType="Gzip")])
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Completed"
    assert r"Pipe 0 b'1,2\n3,4\n'" in cloud.log("job")


PACKED = gzip.compress(b"".join(b"%d,2\n" % number for number in range(1000)))


@pytest.mark.parametrize("content", [b"1,2\n", PACKED[:-12], PACKED[:200] + b"\xff" * 40 + PACKED[240:]])
def test_what_is_not_gzip_fails_the_job(cloud: "Cloud", content: bytes) -> None:
    cloud.put("train/1.gz", content)
    image = cloud.image("reader", READER.replace("EPOCHS", "1"))
    cloud.train("job", image, InputDataConfig=[piped(cloud, CompressionType="Gzip")])
    job = cloud.ended("TrainingJob", "job")
    assert f"s3://{cloud.bucket}/train/1.gz is not gzip" in job["FailureReason"]


def test_gzip_without_a_pipe_is_refused_as_on_aws(cloud: "Cloud") -> None:
    cloud.put("train/1.gz", gzip.compress(b"1,2\n"))
    channel = {**cloud.channel("train"), "CompressionType": "Gzip"}
    with pytest.raises(AwsError, match="CompressionType Gzip is supported only in Pipe input mode") as refused:
        cloud.train("job", cloud.image("reader", READER), InputDataConfig=[channel])
    assert refused.value.code == "ValidationException"


@pytest.mark.parametrize("mode", ["Pipe", "FastFile"])
def test_xgboost_trains_on_csv_from_a_pipe_and_on_fast_files(cloud: "Cloud", mode: str) -> None:
    cloud.table["sagemaker-xgboost"] = BUILT_IN.table["sagemaker-xgboost"]
    for part in range(2):
        cloud.put(f"train/{part}.csv", b"".join(b"%d,%d\n" % (n % 2, n % 2 * 3 + n % 3) for n in range(30)))
    image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    cloud.train(
        "job",
        image,
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": mode},
        HyperParameters={"num_round": "2", "objective": "binary:logistic"},
    )
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingJobStatus"] == "Completed", job
    assert "Train matrix has 60 rows and 1 columns" in cloud.log("job")

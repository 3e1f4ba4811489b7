"""50,000 MNIST images as five libsvm shards, trained on one instance: at most 1.15 times what bare XGBoost takes.

Both take the same files, threads and parameters, with parsing: bare XGBoost by its own loader of libsvm files, which is
faster than scikit-learn's, in a process that has imported it; ours from CreateTrainingJob until the job is described as
completed. Both models are the same.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import xgboost
from specimen.emulator import control
from specimen.emulator.jobs.launch import Launcher

from tests.benchmarks.measuring import ROOT, SHARED, Cost, report

DATA = SHARED / "data/mnist.npz"
SHARDS, REPEATS, PAUSE = 5, 3, 0.05
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
ROLE = "arn:aws:iam::111122223333:role/sagemaker"
BUCKET = "a-bucket"
ROUNDS = 10
ASKED: dict[str, Any] = {
    "objective": "multi:softmax",
    "num_class": 10,
    "max_depth": 5,
    "eta": 0.2,
    "gamma": 4,
    "min_child_weight": 6,
}
BARE = """
import json, sys, time, warnings
import xgboost
warnings.simplefilter("ignore")  # XGBoost means to give its loader up
begun = time.perf_counter()
data = xgboost.DMatrix(sys.argv[1] + "?format=libsvm")
loaded = time.perf_counter()
booster = xgboost.train(json.loads(sys.argv[2]), data, int(sys.argv[3]), verbose_eval=False)
ended = time.perf_counter()
booster.save_model(sys.argv[4])
print(loaded - begun, ended - begun)
"""


def main() -> None:
    """Measure and print."""
    if not DATA.exists():
        print("skipped: there is no ../shared/data/mnist.npz")
        return
    with tempfile.TemporaryDirectory() as scratch:
        shards, model = Path(scratch, "shards"), Path(scratch, "bare.ubj")
        write(shards)
        with _cloud(Path(scratch, "state"), shards) as cloud:
            rounds = [(cloud.train(f"job-{number}"), _bare(shards, model)) for number in range(REPEATS)]
            assert cloud.trees("job-0") == _trees(xgboost.Booster(model_file=str(model)))
    ours, bare = [first for first, _ in rounds], [second for _, (_, second) in rounds]
    taken = report("a training job on the embedded SageMaker", [Cost(seconds, seconds, 0) for seconds in ours])
    alone = report("  against bare XGBoost, parsing included", [Cost(seconds, seconds, 0) for seconds in bare])
    report("  of which parsing", [Cost(parsing, parsing, 0) for _, (parsing, _) in rounds])
    print(f"  {taken / alone:.3f} times the time (asked: at most 1.15)")


def write(folder: Path) -> None:
    """Write the images as shards, dealt out in turns."""
    folder.mkdir()
    with np.load(DATA, allow_pickle=False) as arrays:
        images, labels = arrays["train_x"], arrays["train_y"]
    for number in range(SHARDS):
        with (folder / f"part-{number + 1}-of-{SHARDS}.libsvm").open("w") as file:
            for image, label in zip(images[number::SHARDS], labels[number::SHARDS], strict=True):
                there = np.flatnonzero(image)
                pairs = zip((there + 1).tolist(), image[there].tolist(), strict=True)
                file.write(f"{label} {' '.join(f'{index}:{value}' for index, value in pairs)}\n")


def _bare(shards: Path, model: Path) -> tuple[float, float]:
    """Return the seconds of parsing, and of all, with threads that wait as the container's do."""
    command = [sys.executable, "-c", BARE, str(shards), json.dumps(ASKED), str(ROUNDS), str(model)]
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    parsing, whole = map(float, done.stdout.split())
    return parsing, whole


def _trees(booster: xgboost.Booster) -> Any:
    return json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]


class Cloud:
    """An embedded SageMaker with the shards in its S3."""

    def __init__(self, server: control.Server) -> None:
        reach: dict[str, Any] = {
            "endpoint_url": server.endpoint,
            "region_name": server.region,
            "aws_access_key_id": server.access_key,
            "aws_secret_access_key": server.secret_key,
        }
        self.s3 = boto3.client("s3", **reach)
        self._sagemaker = boto3.client("sagemaker", **reach)

    def train(self, name: str) -> float:
        """Return the seconds until a job is described as completed."""
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/train/"}}
        channel: Any = {"ChannelName": "train", "ContentType": "text/libsvm", "DataSource": source}
        begun = time.perf_counter()
        self._sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            HyperParameters={"num_round": str(ROUNDS), **{key: str(value) for key, value in ASKED.items()}},
            RoleArn=ROLE,
            InputDataConfig=[channel],
            OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/output"},
            ResourceConfig={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
            StoppingCondition={"MaxRuntimeInSeconds": 3600},
        )
        while (job := self._sagemaker.describe_training_job(TrainingJobName=name))["TrainingJobStatus"] != "Completed":
            assert job["TrainingJobStatus"] == "InProgress", job.get("FailureReason")
            time.sleep(PAUSE)
        return time.perf_counter() - begun

    def trees(self, name: str) -> Any:
        """Return what a job's model learned."""
        archive = self.s3.get_object(Bucket=BUCKET, Key=f"output/{name}/output/model.tar.gz")["Body"].read()
        with tarfile.open(fileobj=BytesIO(archive)) as tar:
            model = tar.extractfile("xgboost-model")
            assert model is not None
            return _trees(xgboost.Booster(model_file=bytearray(model.read())))


@contextmanager
def _cloud(state: Path, shards: Path) -> Iterator[Cloud]:
    try:
        cloud = Cloud(control.start(state))
        cloud.s3.create_bucket(Bucket=BUCKET)
        for shard in sorted(shards.iterdir()):
            cloud.s3.upload_file(str(shard), BUCKET, f"train/{shard.name}")
        yield cloud
    finally:
        control.stop(state)
        Launcher(state / "aws").sweep(lambda kind, name: False)

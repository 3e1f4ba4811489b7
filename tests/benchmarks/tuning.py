"""A tuning job of 10 training jobs on 30,000 real rows, 2 at a time, beside as many processes run two at a time.

The processes train with the hyperparameters that the tuning job has just tried, on the same files, for the same rounds.
There are two kinds: a script as a person writes it (pandas reads, xgboost trains), and the job image's own command,
which is quicker to import. Each keeps its model, and neither packs or uploads it, as each training job does.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
from specimen.emulator import control
from specimen.emulator.control import Server
from specimen_components.tables.splitting import split

from tests.benchmarks.measuring import SHARED, Cost, compare, spend
from tests.benchmarks.run import await_quiet

TABLE = SHARED / "data/default_of_credit_card_clients.csv.gz"
LABEL = "default payment next month"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
JOBS, PARALLEL, ROUNDS = 10, 2, 3
LOOK = 0.25  # seconds between two looks at the tuning job
STATIC = {"objective": "binary:logistic", "num_round": "50", "eval_metric": "logloss"}
RANGES = {
    "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "10"}],
    "ContinuousParameterRanges": [
        {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": "Logarithmic"},
        {"Name": "subsample", "MinValue": "0.5", "MaxValue": "1"},
        {"Name": "alpha", "MinValue": "0", "MaxValue": "10"},
    ],
}
SCRIPT = """
import json, sys
import pandas as pd
import xgboost
data, told, model = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
told.pop("_tuning_objective_metric")
tables = {part: pd.read_csv(f"{data}/{part}.csv", header=None) for part in ("train", "validation")}
parts = {part: xgboost.DMatrix(table.iloc[:, 1:], label=table[0]) for part, table in tables.items()}
rounds = int(told.pop("num_round"))
told["eval_metric"] = ["logloss", "auc"]
booster = xgboost.train(told, parts["train"], rounds, evals=[(matrix, part) for part, matrix in parts.items()])
booster.save_model(model)
"""


def main() -> None:
    """Prepare the parts, measure, and print both figures; without the table it says so."""
    if not TABLE.exists():
        print(f"not measured: there is no {TABLE}")
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        parts(folder)
        server = control.start(folder / "state")
        try:
            upload(server, folder)
            await_quiet(server.pid)
            rounds = [one_round(server, folder, number) for number in range(ROUNDS + 1)][1:]
        finally:
            control.stop(folder / "state")
    ours, scripts, images = zip(*rounds, strict=True)
    compare("tuning job", f"{JOBS} scripts, {PARALLEL} at a time", ours, scripts, "5 times")
    compare("tuning job", f"{JOBS} processes of the image", ours, images, "no figure")


def one_round(server: Server, folder: Path, number: int) -> tuple[Cost, Cost, Cost]:
    """Measure a tuning job, and then the processes with its hyperparameters."""
    ours, tried = tuned(server, f"job-{number}")
    return ours, together(partial(script, folder), tried), together(partial(image, folder), tried)


def parts(folder: Path) -> None:
    """Write the training and the validation part as the algorithm wants them: the label first, no header."""
    table = pd.read_csv(TABLE).drop(columns="ID")
    table.insert(0, LABEL, table.pop(LABEL))
    chosen = split(table[LABEL].to_numpy(), {"train": 0.7, "validation": 0.15, "test": 0.15}, seed=42, stratify=True)
    for index, part in enumerate(("train", "validation")):
        table[chosen == index].to_csv(folder / f"{part}.csv", index=False, header=False)


def client(server: Server, service: str) -> Any:
    """Make a client of the server."""
    return boto3.client(
        service,  # type: ignore[call-overload] # by name
        endpoint_url=server.endpoint,
        region_name=server.region,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
    )


def upload(server: Server, folder: Path) -> None:
    """Put both parts into the server's S3."""
    s3 = client(server, "s3")
    s3.create_bucket(Bucket="bench")
    for part in ("train", "validation"):
        s3.upload_file(str(folder / f"{part}.csv"), "bench", f"{part}/part.csv")


def channel(part: str) -> dict[str, Any]:
    """Describe a part as a channel."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://bench/{part}"}
    return {"ChannelName": part, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def tuned(server: Server, name: str) -> tuple[Cost, list[dict[str, str]]]:
    """Run a tuning job from its request to its end; give its cost, and the hyperparameters that were tried."""
    sagemaker = client(server, "sagemaker")
    before, started = spent(server.pid), time.perf_counter()
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig={
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"MetricName": "validation:auc", "Type": "Maximize"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": JOBS, "MaxParallelTrainingJobs": PARALLEL},
            "ParameterRanges": RANGES,
            "RandomSeed": 1,
        },
        TrainingJobDefinition={
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "StaticHyperParameters": STATIC,
            "RoleArn": f"arn:aws:iam::{server.account}:role/sagemaker",
            "InputDataConfig": [channel("train"), channel("validation")],
            "OutputDataConfig": {"S3OutputPath": "s3://bench/models"},
            "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        },
    )
    job: dict[str, Any] = {"HyperParameterTuningJobStatus": "InProgress"}
    while job["HyperParameterTuningJobStatus"] == "InProgress":
        time.sleep(LOOK)
        job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    seconds = time.perf_counter() - started
    assert job["TrainingJobStatusCounters"]["Completed"] == JOBS, job
    cost = Cost(seconds, spent(server.pid) - before, 0)
    answer = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    static = job["TrainingJobDefinition"]["StaticHyperParameters"]
    return cost, [{**static, **entry["TunedHyperParameters"]} for entry in answer["TrainingJobSummaries"]]


def spent(server: int) -> float:
    """Seconds of processor time so far of a server, its children, and all that these have waited for."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if server in (int(path.parent.name), int(fields[1])):
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def together(process: Callable[[Mapping[str, str]], Cost], tried: Sequence[Mapping[str, str]]) -> Cost:
    """Run a process for each set of hyperparameters, so many at a time; give what all of them cost."""
    started = time.perf_counter()
    with ThreadPoolExecutor(PARALLEL) as pool:
        costs = list(pool.map(process, tried))
    seconds = time.perf_counter() - started
    return Cost(seconds, sum(cost.processor for cost in costs), max(cost.peak for cost in costs))


def script(folder: Path, told: Mapping[str, str]) -> Cost:
    """What the script costs."""
    with tempfile.TemporaryDirectory(dir=folder) as target:
        return spend([sys.executable, "-c", SCRIPT, str(folder), json.dumps(told), f"{target}/model.ubj"])


def image(folder: Path, told: Mapping[str, str]) -> Cost:
    """What the job image's command costs in a container's folders."""
    with tempfile.TemporaryDirectory(dir=folder) as base:
        config = Path(base) / "input/config"
        config.mkdir(parents=True)
        channels = {}
        for part in ("train", "validation"):
            (Path(base) / "input/data" / part).mkdir(parents=True)
            shutil.copy(folder / f"{part}.csv", Path(base) / "input/data" / part)
            channels[part] = {"TrainingInputMode": "File", "ContentType": "text/csv"}
        (config / "hyperparameters.json").write_text(json.dumps(told), encoding="utf-8")
        (config / "inputdataconfig.json").write_text(json.dumps(channels), encoding="utf-8")
        return spend(
            [sys.executable, "-m", "specimen_jobs.xgboost", "train"], {**os.environ, "SAGEMAKER_BASE_DIR": base}
        )


if __name__ == "__main__":
    main()

"""The components against the embedded SageMaker: whatever happens to a process, one request is one job."""

import json
import os
import select
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import boto3
import numpy as np
import pytest
from specimen_components import bias, experiment, lineage, model, register, train, tune
from specimen_components.jsondata import Json

ROLE = "arn:aws:iam::111122223333:role/specimen"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
CLARIFY = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
BUCKET = "components-tests"


class Local:
    """One test's corner of the embedded SageMaker: a prefix of its own, its own clients, calls by `main`."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.environment = {**environment, "SPECIMEN_LOCAL": "1"}
        self.folder = folder
        self.prefix = f"t-{uuid4().hex[:8]}"
        self.sagemaker, self.s3 = self._client("sagemaker"), self._client("s3")
        self.s3.create_bucket(Bucket=BUCKET)

    def _client(self, service: str) -> Any:
        untyped: Any = boto3.session.Session(
            self.environment["AWS_ACCESS_KEY_ID"],
            self.environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self.environment["AWS_DEFAULT_REGION"],
        )
        return untyped.client(service, endpoint_url=self.environment["AWS_ENDPOINT_URL"])

    def put(self, name: str, content: bytes) -> str:
        self.s3.put_object(Bucket=BUCKET, Key=f"{self.prefix}/{name}", Body=content)
        return f"s3://{BUCKET}/{self.prefix}/{name}"

    def argv(self, arguments: Mapping[str, Json], run: str = "r-1", step: str = "step") -> list[str]:
        outputs = {
            "parameters": {
                name: {"outputFile": str(self.folder / name)}
                for name in ("job", "arn", "artifact", "metrics", "model", "version")
            }
        }
        found = ["--run", f"{self.prefix}-{run}", "--record", f"s3://{BUCKET}/{self.prefix}/runs/{run}/{step}.json"]
        found += ["--executor-input", json.dumps({"outputs": outputs})]
        for name, value in arguments.items():
            found += [f"--{name.replace('_', '-')}", value if isinstance(value, str) else json.dumps(value)]
        return found

    def record(self, run: str = "r-1", step: str = "step") -> dict[str, Any]:
        found = self.s3.get_object(Bucket=BUCKET, Key=f"{self.prefix}/runs/{run}/{step}.json")
        document: dict[str, Any] = json.loads(found["Body"].read())
        return document

    def jobs(self) -> list[str]:
        listed = self.sagemaker.list_training_jobs(NameContains=self.prefix)
        return sorted(job["TrainingJobName"] for job in listed["TrainingJobSummaries"])

    def start(self, component: str, argv: list[str], **environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", f"specimen_components.{component}", *argv],
            env={"PATH": os.environ["PATH"], **self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def training(self, rounds: int = 3, label: float = 1.0, **hyperparameters: str) -> dict[str, Json]:
        """The arguments of a small training of its own."""
        rows = np.random.default_rng(5).random((60, 3))
        rows[:, 0] = np.where(rows[:, 1] > 0.5, label, 0)
        text = "\n".join(",".join(f"{value:.4f}" for value in row) for row in rows).encode()
        channels: list[Json] = [
            {
                "ChannelName": name,
                "ContentType": "text/csv",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": {"$ref": name}}},
            }
            for name in ("train", "validation")
        ]
        request: dict[str, Json] = {
            "TrainingJobName": {"$ref": "name"},
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "HyperParameters": {"num_round": str(rounds), "objective": "binary:logistic", **hyperparameters},
            "InputDataConfig": channels,
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/{self.prefix}/out"},
            "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1.0, "VolumeSizeInGB": 5.0},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600.0},
        }
        parts = {name: self.put(f"{name}.csv", text) for name in ("train", "validation")}
        return {"prefix": self.prefix, "request": request, "columns": ["y", "LIMIT", "AGE"], **parts}


@pytest.fixture
def local(emulator: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Local:
    """A corner of the session's server, and its environment for a `main` that is called here."""
    made = Local(emulator.environment(), tmp_path)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made


def test_a_second_call_reuses_the_job_and_gives_the_same(local: Local) -> None:
    argv = local.argv(local.training())
    assert train.main(argv) == 0
    first, outputs = local.record(), {path.name: path.read_text() for path in local.folder.iterdir()}
    assert train.main(argv) == 0
    second = local.record()
    assert [first["resource"]["how"], second["resource"]["how"]] == ["created", "reused"]
    assert first["outputs"] == second["outputs"]
    assert first["details"] == second["details"]
    assert outputs == {path.name: path.read_text() for path in local.folder.iterdir()}
    assert local.jobs() == [outputs["job"]]


def test_a_model_that_was_deleted_from_s3_is_trained_anew(local: Local) -> None:
    argv = local.argv(local.training())
    assert train.main(argv) == 0
    artifact = local.record()["outputs"]["artifact"].removeprefix(f"s3://{BUCKET}/")
    local.s3.delete_object(Bucket=BUCKET, Key=artifact)
    for how in ("created", "reused"):
        assert train.main(argv) == 0
        assert local.record()["resource"]["how"] == how
    first, second = local.jobs()
    assert second == f"{first}-2"
    assert local.record()["outputs"]["job"] == second


def test_training_gives_curves_metrics_and_importance(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(local.argv(local.training())) == 0
    record = local.record()
    details, outputs = record["details"], record["outputs"]
    assert (record["state"], record["reason"], record["step"]) == ("Succeeded", None, "step")
    assert {
        part: {name: len(values) for name, values in named.items()} for part, named in details["curves"].items()
    } == {
        "train": {"logloss": 3},
        "validation": {"logloss": 3},
    }
    assert outputs["metrics"]["validation:logloss"] == pytest.approx(
        details["curves"]["validation"]["logloss"][-1], abs=1e-4
    )
    assert set(details["importance"]["gain"]) <= {"LIMIT", "AGE"}
    assert "xgboost" in details["started_line"].lower()
    assert details["started_line"] in capsys.readouterr().out.splitlines()


def searched(arguments: dict[str, Json], **ranges: list[str]) -> dict[str, Json]:
    """The arguments of a search through listed values, of two jobs at a time, in the place of a training."""
    request: Any = dict(arguments["request"])  # type: ignore[arg-type]
    del request["TrainingJobName"]
    jobs = int(np.prod([len(values) for values in ranges.values()]))
    config: dict[str, Json] = {
        "Strategy": "Grid",
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": float(jobs), "MaxParallelTrainingJobs": 2.0},
        "ParameterRanges": {
            "CategoricalParameterRanges": [{"Name": name, "Values": list(values)} for name, values in ranges.items()]
        },
    }
    tuning: dict[str, Json] = {
        "HyperParameterTuningJobName": {"$ref": "name"},
        "HyperParameterTuningJobConfig": config,
        "TrainingJobDefinition": {"StaticHyperParameters": request.pop("HyperParameters"), **request},
    }
    return {**arguments, "request": tuning, "trials": []}


def test_a_search_gives_its_best_job_and_is_used_again(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    argv = local.argv(searched(local.training(), max_depth=["1", "2"], eta=["0.1", "0.3"]))
    assert tune.main(argv) == 0
    first = local.record()
    assert "Completed: 4 of 4 training jobs done; best validation:auc " in capsys.readouterr().out
    told = first["details"]["tuning"]
    tried = sorted((row["hyperparameters"]["max_depth"], row["hyperparameters"]["eta"]) for row in told["jobs"])
    assert tried == [("1", "0.1"), ("1", "0.3"), ("2", "0.1"), ("2", "0.3")]
    best = max(told["jobs"], key=lambda row: row["objective"])
    assert first["outputs"]["metrics"]["validation:auc"] == best["objective"]
    assert first["outputs"]["hyperparameters"].items() >= {"objective": "binary:logistic", "num_round": "3"}.items()
    assert list(first["details"]["curves"]["validation"]) == ["auc"]
    assert first["details"]["importance"]["gain"].keys() <= {"LIMIT", "AGE"}
    assert tune.main(argv) == 0
    second = local.record()
    assert [first["resource"]["how"], second["resource"]["how"]] == ["created", "reused"]
    assert first["outputs"] == second["outputs"]
    assert len(local.jobs()) == 4


def test_a_search_whose_jobs_all_fail_says_why(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    assert tune.main(local.argv(searched(local.training(label=7.0), eta=["0.1", "0.3"]))) == 1
    said = capsys.readouterr().err
    assert "Why training jobs failed: AlgorithmError: " in said
    assert "logistic loss., exit code: 1 (2 of 2)" in said
    assert local.record()["state"] == "Failed"


def test_two_at_once_make_one_job(local: Local) -> None:
    arguments = local.training()
    started = [local.start("train", local.argv(arguments, run=run)) for run in ("r-1", "r-2")]
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda process: process.communicate(timeout=120), started))
    assert [process.returncode for process in started] == [0, 0], ended
    assert len(local.jobs()) == 1
    assert local.record("r-1")["outputs"] == local.record("r-2")["outputs"]


def test_a_failure_fails_its_run_and_gives_way_in_the_next(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    """Labels of 7 are none of a binary objective's."""
    arguments = local.training(label=7.0)
    for _ in range(2):
        assert train.main(local.argv(arguments)) == 1
        error = capsys.readouterr().err
        assert error.startswith(f"error: TrainingJob {local.jobs()[0]} failed: AlgorithmError")
        assert "\nhint: " in error and "Traceback" not in error
    assert len(local.jobs()) == 1
    assert local.record()["state"] == "Failed" and "AlgorithmError" in local.record()["reason"]
    assert train.main(local.argv(arguments, run="r-2")) == 1
    first, second = local.jobs()
    assert second == f"{first}-2"


def test_a_process_that_is_terminated_leaves_its_job_and_the_next_adopts_it(local: Local) -> None:
    argv = local.argv(local.training(rounds=1_000_000))
    with local.start("train", argv) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if "#011validation-logloss" in line)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 143
    (job,) = local.jobs()
    assert local.sagemaker.describe_training_job(TrainingJobName=job)["TrainingJobStatus"] == "InProgress"
    with local.start("train", argv) as process:
        assert process.stdout is not None
        assert next(process.stdout) == f"TrainingJob {job}: adopted\n"
        local.sagemaker.stop_training_job(TrainingJobName=job)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert error.startswith(f"error: TrainingJob {job} stopped")
    record = local.record()
    assert (record["state"], record["resource"]["how"]) == ("Stopped", "adopted")
    assert local.jobs() == [job]


class Relay(socketserver.ThreadingTCPServer):
    """Stands between a component and the server, and loses the answer to the first CreateTrainingJob."""

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        parts = urlsplit(upstream)
        self.upstream, self.lost = (parts.hostname, parts.port), 0


class Connection(socketserver.BaseRequestHandler):
    """One connection, relayed both ways until either end closes it."""

    server: Relay

    def handle(self) -> None:
        losing = False
        with socket.create_connection(self.server.upstream) as upstream:
            while True:
                for end in select.select([self.request, upstream], [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    if end is self.request:
                        losing = losing or (b"SageMaker.CreateTrainingJob" in data and not self.server.lost)
                        upstream.sendall(data)
                    elif losing:
                        self.server.lost += 1
                        return
                    else:
                        self.request.sendall(data)


@pytest.fixture
def relay(local: Local) -> Iterator[Relay]:
    with Relay(local.environment["AWS_ENDPOINT_URL"]) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_lost_answer_to_a_create_makes_no_second_job(local: Local, relay: Relay) -> None:
    endpoint = f"http://127.0.0.1:{relay.server_address[1]}"
    process = local.start("train", local.argv(local.training()), AWS_ENDPOINT_URL=endpoint)
    _, error = process.communicate(timeout=120)
    assert (process.returncode, error) == (0, "")
    assert relay.lost == 1
    assert local.record()["resource"]["how"] == "adopted"
    assert len(local.jobs()) == 1


def test_a_request_that_sagemaker_refuses_is_one_message(local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = local.training()
    request: Any = arguments["request"]
    assert train.main(local.argv({**arguments, "request": {**request, "RoleArn": "nobody"}})) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: CreateTrainingJob: ")
    assert "Traceback" not in error
    assert local.record()["state"] == "Failed"


def test_bias_is_measured_once_for_one_configuration(local: Local) -> None:
    dataset = local.put("with-header.csv", b"y,SEX\n" + b"0,1\n1,1\n1,2\n1,2\n" * 25)
    inputs: list[Json] = [
        {
            "InputName": name,
            "S3Input": {"S3Uri": {"$ref": leaf}, "LocalPath": path, "S3DataType": "S3Prefix", "S3InputMode": "File"},
        }
        for name, leaf, path in (
            ("analysis_config", "config", "/opt/ml/processing/input/config"),
            ("dataset", "dataset", "/opt/ml/processing/input/data"),
        )
    ]
    output: dict[str, Json] = {
        "S3Uri": {"$join": [f"s3://{BUCKET}/{local.prefix}/bias/", {"$ref": "name"}]},
        "LocalPath": "/opt/ml/processing/output",
        "S3UploadMode": "EndOfJob",
    }
    cluster: dict[str, Json] = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1.0, "VolumeSizeInGB": 5.0}
    arguments: dict[str, Json] = {
        "prefix": local.prefix,
        "request": {
            "ProcessingJobName": {"$ref": "name"},
            "AppSpecification": {"ImageUri": CLARIFY},
            "RoleArn": ROLE,
            "ProcessingInputs": inputs,
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "analysis_result", "S3Output": output}]},
            "ProcessingResources": {"ClusterConfig": cluster},
        },
        "config": {
            "dataset_type": "text/csv",
            "label": "y",
            "label_values_or_threshold": [1.0],
            "facet": [{"name_or_index": "SEX", "value_or_threshold": [2.0]}],
            "methods": {"pre_training_bias": {"methods": "all"}, "report": {"name": "report", "title": "Report"}},
        },
        "destination": f"s3://{BUCKET}/{local.prefix}/configs",
        "dataset": dataset,
    }
    for how in ("created", "reused"):
        assert bias.main(local.argv(arguments)) == 0
        record = local.record()
        assert record["resource"]["how"] == how
        assert record["outputs"]["metrics"]["SEX"]["2"]["DPL"] == -0.5  # half of the ones, all of the twos
    listed = local.sagemaker.list_processing_jobs(NameContains=local.prefix)["ProcessingJobSummaries"]
    assert [job["ProcessingJobName"] for job in listed] == [record["resource"]["name"]]


def test_a_trained_model_is_traced_and_registered_once(local: Local) -> None:
    name, trial = local.prefix, f"{local.prefix}-default"
    asked: dict[str, Json] = {
        "request": {"ExperimentName": name},
        "trials": [{"TrialName": trial, "ExperimentName": name}],
    }
    arguments = local.training()
    request: Any = arguments["request"]
    tracked = {**request, "ExperimentConfig": {"ExperimentName": name, "TrialName": trial}}
    modelled: dict[str, Json] = {
        "prefix": name,
        "request": {
            "ModelName": {"$ref": "name"},
            "ExecutionRoleArn": ROLE,
            "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": {"$ref": "artifact"}},
        },
    }
    registered: dict[str, Json] = {
        "group": {"ModelPackageGroupName": name},
        "request": {
            "ModelPackageGroupName": name,
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": {
                "Containers": [{"Image": IMAGE, "ModelDataUrl": {"$ref": "artifact"}}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        },
        "statistics": local.put("statistics.json", b"{}"),
    }
    records: list[dict[str, dict[str, Any]]] = []
    for _ in range(2):
        assert experiment.main(local.argv(asked, step="experiment")) == 0
        assert train.main(local.argv({**arguments, "request": tracked}, step="train")) == 0
        trained = local.record(step="train")["outputs"]
        artifact = trained["artifact"]
        assert model.main(local.argv({**modelled, "artifact": artifact}, step="model")) == 0
        assert register.main(local.argv({**registered, "artifact": artifact}, step="register")) == 0
        traced = {
            "dataset": {"ArtifactName": "d", "ArtifactType": "Dataset", "Source": {"SourceUri": {"$ref": "train"}}},
            "model": {"ArtifactName": "m", "ArtifactType": "Model", "Source": {"SourceUri": {"$ref": "artifact"}}},
            "job": trained["job"],
            "train": arguments["train"],
            "artifact": artifact,
        }
        assert lineage.main(local.argv(traced, step="lineage")) == 0
        steps = ("experiment", "train", "model", "register", "lineage")
        records.append({step: local.record(step=step) for step in steps})
    first, second = records
    for step in ("experiment", "train", "model", "register"):
        assert [first[step]["resource"]["how"], second[step]["resource"]["how"]] == ["created", "reused"], step
        assert first[step]["outputs"] == second[step]["outputs"]
    assert first["lineage"]["outputs"] == second["lineage"]["outputs"]
    ours = [edge["type"] for edge in second["lineage"]["details"]["edges"]][:2]
    assert ours == ["ContributedTo", "Produced"]
    assert second["register"]["outputs"]["version"] == "1"
    assert len(local.sagemaker.list_model_packages(ModelPackageGroupName=name)["ModelPackageSummaryList"]) == 1

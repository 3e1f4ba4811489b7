"""The whole job: a configuration and tensors on S3 in, an exit message, actions and files out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from specimen_jobs.debugger.job import main
from specimen_tensors.collections import Collection
from specimen_tensors.writer import Writer

if TYPE_CHECKING:
    from specimen.emulator.control import Server

MET = "RuleEvaluationConditionMet: Evaluation of the rule {} at step {} resulted in the condition being met\n"


@dataclass(frozen=True)
class Job:
    """A rule's container, and the bucket that its training job writes to."""

    base: Path
    bucket: str
    clients: Callable[[str], Any]

    def upload(self, folder: Path, prefix: str) -> None:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                key = f"{prefix}/{path.relative_to(folder).as_posix()}"
                self.clients("s3").put_object(Bucket=self.bucket, Key=key, Body=path.read_bytes())

    def saved(self, name: str, *losses: float, every: int = 10, ended: bool = True) -> str:
        """Save a loss step by step, and return where."""
        writer = Writer(self.base / name)
        writer.open()
        for index, loss in enumerate(losses):
            writer.write_step(index * every, {"train-rmse": loss, "validation-rmse": loss})
        names = ("train-rmse", "validation-rmse")
        writer.write_collections({"metrics": Collection("metrics", tensor_names=names)})
        if ended:
            writer.close()
        self.upload(self.base / name, f"{name}/debug-output")
        return f"s3://{self.bucket}/{name}/debug-output"

    def configure(self, rule: str, tensors: str | None, parameters: Any = None, **more: Any) -> None:
        folder = self.base / "processing/input/config"
        folder.mkdir(parents=True, exist_ok=True)
        config = {"rule": rule, "name": rule, "parameters": parameters or {}, "training_job": "no-such-job", **more}
        (folder / "rule_config.json").write_text(json.dumps({**config, "tensors": tensors}))

    def run(self) -> tuple[int, str]:
        """Run the rule, and return its exit code and message."""
        return main(self.clients), (self.base / "output/message").read_text()


@pytest.fixture
def job(emulator: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))

    @cache
    def client(service: str) -> Any:
        session: Any = boto3.session.Session(emulator.access_key, emulator.secret_key, region_name="us-east-1")
        return session.client(service, endpoint_url=emulator.endpoint)

    bucket = f"rules-{uuid.uuid4().hex}"
    client("s3").create_bucket(Bucket=bucket)
    return Job(tmp_path, bucket, client)


def test_a_condition_that_is_met_is_the_exit_message(job: Job) -> None:
    tensors = job.saved("train", 3.0, 2.0, 2.0, 1.0)
    job.configure("LossNotDecreasing", tensors, {"collection_names": "metrics", "rule_to_invoke": "LossNotDecreasing"})
    assert job.run() == (0, MET.format("LossNotDecreasing", 20))


def test_no_issue_is_said_too(job: Job) -> None:
    job.configure("LossNotDecreasing", job.saved("train", 3.0, 2.0, 1.0), {"collection_names": "metrics"})
    assert job.run() == (0, "No issues found: LossNotDecreasing was evaluated at 3 steps")


def test_other_trials_come_from_the_configuration_or_from_the_parameters(job: Job) -> None:
    tensors, other, third = job.saved("a", 1.0, 2.0), job.saved("b", 1.0, 2.0), job.saved("c", 1.0, 2.1)
    job.configure("SimilarAcrossRuns", tensors, other_trials=[other])
    assert job.run() == (0, "No issues found: SimilarAcrossRuns was evaluated at 2 steps")
    job.configure("SimilarAcrossRuns", tensors, {"other_trial_0": other, "other_trial_1": third})
    assert job.run() == (0, MET.format("SimilarAcrossRuns", 10))


def test_a_custom_rule_comes_from_s3(job: Job) -> None:
    source = """
from smdebug.rules.rule import Rule

class Above(Rule):
    def __init__(self, base_trial, limit):
        super().__init__(base_trial)
        self.limit = float(limit)

    def invoke_at_step(self, step):
        return self.base_trial.tensor("train-rmse").value(step)[0] > 10 / self.limit
"""
    job.clients("s3").put_object(Bucket=job.bucket, Key="rules/mine.py", Body=source.encode())
    where = f"s3://{job.bucket}/rules/mine.py"
    job.configure("Above", job.saved("train", 1.0, 2.0, 3.0), {"limit": "4"}, source=where)
    assert job.run() == (0, MET.format("Above", 20))


def test_a_custom_rule_that_crashes_leaves_its_traceback_in_the_log(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "from smdebug.rules.rule import Rule\nclass Bad(Rule):\n    def invoke_at_step(self, step): return 1 / step\n"
    )
    job.clients("s3").put_object(Bucket=job.bucket, Key="bad.py", Body=source.encode())
    job.configure("Bad", job.saved("train", 1.0), source=f"s3://{job.bucket}/bad.py")
    assert job.run() == (1, "ZeroDivisionError: division by zero")
    log = capsys.readouterr().out
    assert "Traceback (most recent call last):" in log
    assert 'bad.py", line 3, in invoke_at_step' in log


@pytest.mark.parametrize(
    ("rule", "parameters", "more", "message"),
    [
        (
            "LossNotDecreesing",
            {},
            {},
            "There is no rule LossNotDecreesing for XGBoost; did you mean LossNotDecreasing?",
        ),
        ("Overfit", {"patience": "no"}, {}, "Overfit: patience must be a whole number, not 'no'"),
        ("Overfit", {"patience": 1}, {}, "rule_config.json: parameters must be an object of texts"),
        ("Overfit", {"action_json": "{"}, {}, "action_json is no JSON: {"),
        ("Overfit", {}, {"training_job": ""}, "rule_config.json: training_job is needed"),
        ("Overfit", {}, {"other_trials": ["x"]}, "rule_config.json: other_trials must be an S3 URI, not 'x'"),
        ("TreeDepth", {}, {}, "TreeDepth had nothing to evaluate in 1 saved steps: no tree (collection trees)"),
        ("Mine", {}, {"source": "s3://BUCKET/gone.py"}, "There is no rule's source at s3://BUCKET/gone.py"),
    ],
)
def test_what_is_wrong_is_the_exit_message(
    job: Job, rule: str, parameters: dict[str, Any], more: dict[str, Any], message: str
) -> None:
    more = json.loads(json.dumps(more).replace("BUCKET", job.bucket))
    job.configure(rule, job.saved("train", 1.0), parameters, **more)
    assert job.run() == (1, message.replace("BUCKET", job.bucket))


def test_tensors_are_needed(job: Job) -> None:
    job.configure("Overfit", None)
    assert job.run() == (1, "rule_config.json: tensors is needed")
    job.configure("Overfit", f"s3://{job.bucket}-gone/x")
    code, message = job.run()
    assert (code, "NoSuchBucket" in message) == (1, True)
    assert message.startswith("AWS refused what the rule needs: ")


def test_a_training_without_tensors(job: Job) -> None:
    job.clients("s3").put_object(Bucket=job.bucket, Key="empty/debug-output/training_job_end.ts", Body=b"")
    job.configure("Overfit", f"s3://{job.bucket}/empty/debug-output")
    assert job.run() == (1, "The training ended, and had saved no tensors")


def test_a_damaged_file_is_named(job: Job) -> None:
    tensors = job.saved("train", 1.0)
    key = "train/debug-output/index/000000000/000000000000_worker_0.json"
    job.clients("s3").put_object(Bucket=job.bucket, Key=key, Body=b"{")
    job.configure("Overfit", tensors)
    code, message = job.run()
    assert code == 1
    assert message.startswith("The tensors cannot be read: index/000000000/000000000000_worker_0.json")


def test_a_training_job_that_is_gone_cannot_be_stopped_and_the_verdict_stands(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    action = '[{\\"name\\": \\"stoptraining\\", \\"training_job_prefix\\": \\"no-such\\"}]'
    job.configure("Overtraining", job.saved("train", *[1.0] * 6), {"action_json": action})
    assert job.run() == (0, MET.format("Overtraining", 50))
    assert "The action Stop could not be done: " in capsys.readouterr().out


def test_it_ends_when_it_is_told_to(job: Job, emulator: Server) -> None:
    job.configure("Overfit", job.saved("train", 1.0, ended=False))
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": emulator.endpoint,
        "AWS_ACCESS_KEY_ID": emulator.access_key,
        "AWS_SECRET_ACCESS_KEY": emulator.secret_key,
        "AWS_REGION": "us-east-1",
    }
    command = [sys.executable, "-m", "specimen_jobs.debugger"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert "Rule Overfit (Overfit) on training job no-such-job" in running.stdout.readline()
        running.send_signal(signal.SIGTERM)
        assert "Stopped by SIGTERM" in running.stdout.read()
    assert running.returncode == 143


def test_the_xgboost_report_is_the_jobs_output(job: Job) -> None:
    job.configure("CreateXgboostReport", job.saved("train", 3.0, 2.0, 1.0), {"rule_to_invoke": "CreateXgboostReport"})
    assert job.run() == (0, "The report xgboost_report.html was written: 3 steps, 1 chapters")
    output = job.base / "processing/output/rule"
    assert "no-such-job" in (output / "xgboost_report.html").read_text()
    assert (output / "xgboost-reports/metrics.json").exists()


def test_the_profiler_report_is_the_jobs_output(job: Job) -> None:
    line = {"Type": "cpu", "Name": "cpu0", "Dimension": "CPUUtilization", "Value": 5, "NodeId": "a", "Timestamp": 1.0}
    for name, text in (("incremental/2026010100/1.algo-1.json", json.dumps(line)), ("training_job_end.ts", "")):
        key = f"train/profiler-output/system/{name}"
        job.clients("s3").put_object(Bucket=job.bucket, Key=key, Body=text.encode())
    where = f"s3://{job.bucket}/train/profiler-output"
    job.configure("ProfilerReport", None, {"StepOutlier_stddev": "2"}, profiler=where)
    assert job.run() == (0, "The report profiler-output/profiler-report.html was written: 2 chapters")
    assert (job.base / "processing/output/rule/profiler-output/profiler-report.html").exists()
    elsewhere = job.base / "processing/elsewhere"
    job.configure("ProfilerReport", None, profiler=where, output="/opt/ml/processing/elsewhere")
    assert job.run()[0] == 0
    assert (elsewhere / "profiler-output/profiler-report.html").exists()
    job.configure("ProfilerReport", None)
    assert job.run() == (1, "rule_config.json: profiler is needed")

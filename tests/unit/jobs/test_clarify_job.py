"""The whole Clarify job: its folder in, its folder out, and the endpoint it makes and deletes in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from specimen_jobs.clarify.endpoint import endpoint_name
from specimen_jobs.clarify.job import main

NAMES = ["y", "sex", "age", "income"]
CONFIG: dict[str, Any] = {
    "dataset_type": "text/csv",
    "label": "y",
    "label_values_or_threshold": [0],
    "facet": [{"name_or_index": "sex", "value_or_threshold": [1]}],
    "group_variable": "age",
    "methods": {"pre_training_bias": {"methods": "all"}, "report": {"name": "report", "title": "Analysis <Report>"}},
}
PREDICTOR = {"model_name": "model-1", "instance_type": "ml.m5.large", "initial_instance_count": 1}
TRAINED = {
    **CONFIG,
    "headers": NAMES,
    "probability_threshold": 0.5,
    "methods": {"post_training_bias": {"methods": "all"}},
    "predictor": PREDICTOR,
}


def people(rows: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"sex": rng.integers(1, 3, rows), "age": rng.integers(2, 5, rows) * 10})
    table["income"] = rng.normal(2.0, 1.0, rows).round(3)
    table.insert(0, "y", (table["income"] + rng.normal(0, 0.5, rows) < table["sex"]).astype("int64"))
    return table


@dataclass(frozen=True)
class Job:
    """A processing container's folder."""

    base: Path

    def configure(self, config: dict[str, Any]) -> None:
        folder = self.base / "processing/input/config"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "analysis_config.json").write_text(json.dumps(config))

    def put(self, table: pd.DataFrame, header: bool = True) -> None:
        folder = self.base / "processing/input/data"
        folder.mkdir(parents=True, exist_ok=True)
        table.to_csv(folder / "data.csv", header=header, index=False)

    @property
    def analysis(self) -> Any:
        return json.loads((self.base / "processing/output/analysis.json").read_text())

    @property
    def report(self) -> str:
        return (self.base / "processing/output/report.html").read_text()

    @property
    def message(self) -> str:
        return (self.base / "output/message").read_text()

    def figures(self, section: str) -> dict[str, Any]:
        (report,) = self.analysis[section]["facets"]["sex"]
        return {metric["name"]: metric["value"] for metric in report["metrics"]}


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    made = Job(tmp_path)
    made.configure(CONFIG)
    made.put(people())
    return made


@dataclass
class Cloud:
    """A SageMaker that knows the calls a shadow endpoint takes; its model scores a row by comparing two columns."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    status: str = "InService"
    one_line: bool = False
    lost: int = 0
    described: threading.Event = field(default_factory=threading.Event)
    forgotten: threading.Event = field(default_factory=threading.Event)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls if name != "DescribeEndpoint"]

    def operate(self, name: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.calls.append((name, request))
        if name in self.refused:
            return 400, {"__type": "ValidationException", "message": self.refused[name]}
        if name == "DeleteEndpointConfig":
            self.forgotten.set()
        if name == "DescribeEndpoint":
            self.described.set()
            reason = "no capacity" if self.status == "Failed" else ""
            return 200, {"EndpointStatus": self.status, "FailureReason": reason}
        return 200, {"EndpointArn": "arn", "EndpointConfigArn": "arn"}

    def invoke(self, body: str) -> tuple[int, str]:
        self.bodies.append(body)
        if "InvokeEndpoint" in self.refused:
            return 400, json.dumps({"message": self.refused["InvokeEndpoint"]})
        rows = [list(map(float, line.split(","))) for line in body.splitlines()]
        scores = [str(0.9 if income < sex else 0.1) for sex, _, income in rows][self.lost :]
        return 200, ",".join(scores) if self.one_line else "\n".join(scores) + "\n"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Serve a Cloud where boto3 looks for AWS."""
    state = Cloud()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            target = self.headers["X-Amz-Target"]
            if target:
                status, found = state.operate(target.removeprefix("SageMaker."), json.loads(body))
                answer, kind = json.dumps(found), "application/x-amz-json-1.1"
            else:
                (status, answer), kind = state.invoke(body.decode()), "text/csv"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            if status != 200 and not target:
                self.send_header("x-amzn-ErrorType", "ModelError")
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01))
    thread.start()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def test_pre_training_bias_is_written_as_clarify_writes_it(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    table = people()
    assert list(job.analysis) == ["version", "pre_training_bias_metrics"]
    section = job.analysis["pre_training_bias_metrics"]
    assert list(section) == ["label", "facets", "label_value_or_threshold"]
    assert (section["label"], section["label_value_or_threshold"]) == ("y", "0")
    assert section["facets"]["sex"][0]["value_or_threshold"] == "1"
    first = section["facets"]["sex"][0]["metrics"][0]
    assert list(first) == ["name", "description", "value"]
    assert list(job.figures("pre_training_bias_metrics")) == ["CDDL", "CI", "DPL", "JS", "KL", "KS", "LP", "TVD"]
    favored = table["y"] == 0
    gap = favored[table["sex"] == 2].mean() - favored[table["sex"] == 1].mean()
    assert job.figures("pre_training_bias_metrics")["DPL"] == pytest.approx(gap)
    assert "Dataset: 200 rows, 4 columns" in capsys.readouterr().out


def test_the_page_stands_alone_and_tells_every_metric(job: Job) -> None:
    main()
    assert "Analysis &lt;Report&gt;" in job.report
    assert "Pre-training bias" in job.report
    assert "sex: 1 against the rest" in job.report
    for name in job.figures("pre_training_bias_metrics"):
        assert f"<strong>{name}</strong>" in job.report
    assert "http" not in job.report


def test_several_facets_and_values_are_reported_each(job: Job) -> None:
    job.configure({**CONFIG, "facet": [{"name_or_index": "sex"}, {"name_or_index": 3, "value_or_threshold": [2.5]}]})
    assert main() == 0
    facets = job.analysis["pre_training_bias_metrics"]["facets"]
    assert sorted(report["value_or_threshold"] for report in facets["sex"]) == ["1", "2"]
    assert facets["income"][0]["value_or_threshold"].startswith("(2.5, ")


def test_without_a_group_the_disparity_is_null_and_says_why(job: Job) -> None:
    job.configure({key: value for key, value in CONFIG.items() if key != "group_variable"})
    assert main() == 0
    metric = job.analysis["pre_training_bias_metrics"]["facets"]["sex"][0]["metrics"][0]
    assert (metric["value"], metric["error"]) == (None, "Group variable is empty or not provided")
    assert "Group variable is empty" in job.report


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"facet": [{"name_or_index": "gender"}]}, "Facet column gender is not present in the dataset"),
        (
            {"facet": [{"name_or_index": "sex", "value_or_threshold": [7]}]},
            "Facet column sex is never 7; it is one of 1, 2",
        ),
        ({"facet": [{"name_or_index": "sex", "value_or_threshold": [1, 2]}]}, "Facet column sex is always 1,2"),
        ({"facet": [{"name_or_index": "y", "value_or_threshold": [1]}]}, "Facet column y is the label column"),
        ({"label_values_or_threshold": [9]}, "Label column y is never 9; it is one of 0, 1"),
        ({"label_values_or_threshold": [0, 1]}, "Label column y is always 0,1"),
        ({"methods": {"asymmetric_shapley_value": {}}}, "methods.asymmetric_shapley_value: not available"),
        ({"headers": ["a", "b"]}, "data.csv has 4 columns, headers name 2"),
    ],
)
def test_what_cannot_be_analysed_ends_the_job_with_a_message(job: Job, changed: dict[str, Any], said: str) -> None:
    job.configure({**CONFIG, **changed})
    assert main() == 1
    assert said in job.message
    assert not (job.base / "processing/output").exists()


def test_a_threshold_that_no_row_passes_is_named(job: Job) -> None:
    job.put(people(8).assign(sex=1, y=[0, 1] * 4).loc[:3])  # so few rows that Clarify takes the facet for continuous
    assert main() == 1
    assert job.message == "Facet column sex is never above 1; it is one of 1"


def test_a_label_with_one_class_or_with_gaps_is_refused(job: Job) -> None:
    job.put(people().assign(y=1))
    assert main() == 1
    assert job.message == "Label column y has one class: every row is 1"
    job.put(people().assign(y=np.array([np.nan] + [0.0, 1.0] * 99 + [1.0])))
    assert main() == 1
    assert job.message == "Label column y has 1 missing values"


def test_a_missing_configuration_is_said(job: Job) -> None:
    (job.base / "processing/input/config/analysis_config.json").unlink()
    assert main() == 1
    assert "analysis_config.json is missing" in job.message


@pytest.fixture
def trained(job: Job, cloud: Cloud) -> Job:
    """A job that asks the cloud's model about data without a header."""
    job.configure(TRAINED)
    job.put(people(), header=False)
    return job


@pytest.mark.parametrize("one_line", [False, True])
def test_post_training_bias_comes_from_the_models_answers(trained: Job, cloud: Cloud, one_line: bool) -> None:
    cloud.one_line = one_line
    assert main() == 0
    table = people()
    accepted = ~(table["income"] < table["sex"])
    gap = accepted[table["sex"] == 2].mean() - accepted[table["sex"] == 1].mean()
    figures = trained.figures("post_training_bias_metrics")
    assert figures["DPPL"] == pytest.approx(gap)
    assert list(figures) == ["AD", "CDDPL", "DAR", "DCA", "DCR", "DI", "DPPL", "DRR", "FT", "GE", "RD", "SD", "TE"]
    assert "".join(cloud.bodies) == table.drop(columns="y").to_csv(header=False, index=False)
    assert "Post-training bias" in trained.report


def test_the_shadow_endpoint_is_made_and_deleted(trained: Job, cloud: Cloud) -> None:
    assert main() == 0
    assert cloud.names == ["CreateEndpointConfig", "CreateEndpoint", "DeleteEndpoint", "DeleteEndpointConfig"]
    made = dict(cloud.calls)["CreateEndpointConfig"]
    (variant,) = made["ProductionVariants"]
    assert (variant["ModelName"], variant["InstanceType"]) == ("model-1", "ml.m5.large")
    assert made["EndpointConfigName"].startswith("sm-clarify-")


def test_a_large_dataset_is_asked_in_several_requests(trained: Job, cloud: Cloud) -> None:
    table = pd.concat([people()] * 1000)
    trained.put(table, header=False)
    trained.configure({**TRAINED, "methods": {"post_training_bias": {"methods": ["DPPL"]}}})
    assert main() == 0
    assert len(cloud.bodies) > 1
    assert "".join(cloud.bodies) == table.drop(columns="y").to_csv(header=False, index=False)


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (
            {"CreateEndpointConfig": 'Could not find model "model-1"'},
            "The endpoint for model model-1 cannot be created",
        ),
        ({"InvokeEndpoint": "out of memory"}, "The model answered an error to rows 1 to 200"),
        ({"DescribeEndpoint": "Denied"}, "SageMaker cannot be asked for predictions"),
    ],
)
def test_what_aws_refuses_ends_the_job_and_leaves_no_endpoint(
    trained: Job, cloud: Cloud, refused: dict[str, str], said: str
) -> None:
    cloud.refused = refused
    assert main() == 1
    assert said in trained.message
    assert next(iter(refused.values())) in trained.message
    assert cloud.names[-2:] == ["DeleteEndpoint", "DeleteEndpointConfig"]


def test_an_endpoint_that_fails_ends_the_job_and_is_deleted(trained: Job, cloud: Cloud) -> None:
    cloud.status = "Failed"
    assert main() == 1
    assert "is Failed and not in service: no capacity" in trained.message
    assert cloud.names[-2:] == ["DeleteEndpoint", "DeleteEndpointConfig"]


def test_a_deletion_that_is_refused_is_logged(trained: Job, cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.refused = {"DeleteEndpoint": "Denied"}
    assert main() == 0
    assert "could not be deleted, delete it by hand" in capsys.readouterr().out


def test_too_few_answers_are_noticed(trained: Job, cloud: Cloud) -> None:
    cloud.lost = 1
    assert main() == 1
    assert "The model answered 199 lines to 200 rows" in trained.message


def test_a_model_that_favors_nobody_leaves_nothing_to_compare(trained: Job) -> None:
    trained.configure({**TRAINED, "probability_threshold": 0.05})
    assert main() == 1
    assert "No prediction is favorable: none of the 200 predicted labels is 0" in trained.message


def test_no_region_is_said_without_a_traceback(trained: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    assert main() == 1
    assert "region" in trained.message


def test_a_stopped_job_deletes_its_endpoint(trained: Job, cloud: Cloud) -> None:
    cloud.status = "Creating"
    command = [sys.executable, "-m", "specimen_jobs.clarify"]
    with subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE, text=True) as process:
        assert cloud.described.wait(60)
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert any("Stopped by SIGTERM" in line for line in process.stdout)
        cloud.status = "InService"
        assert process.wait() == 143
    assert cloud.names[-2:] == ["DeleteEndpoint", "DeleteEndpointConfig"]


def test_a_killed_job_has_its_endpoint_deleted_all_the_same(trained: Job, cloud: Cloud) -> None:
    cloud.status = "Creating"
    command = [sys.executable, "-m", "specimen_jobs.clarify"]
    with subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.DEVNULL, start_new_session=True) as process:
        assert cloud.described.wait(60)
        os.killpg(process.pid, signal.SIGKILL)
        cloud.status = "InService"
    assert cloud.forgotten.wait(60)
    assert cloud.names[-2:] == ["DeleteEndpoint", "DeleteEndpointConfig"]


def test_endpoint_names_fit_and_differ() -> None:
    names = {endpoint_name("a" * 100), endpoint_name(""), endpoint_name("")}
    assert len(names) == 3
    assert all(len(name) <= 63 and name.startswith("sm-clarify-") for name in names)

"""A Clarify job that explains: the model behind its endpoint, the trees behind the model, and the files it leaves."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import xgboost
from specimen_jobs.clarify.job import main

NAMES = ["late", "sex", "age", "income"]
BASELINE = "1,30,2.5\n"
PREDICTOR = {"model_name": "model-1", "instance_type": "ml.m5.large", "initial_instance_count": 1}
SHAP: dict[str, Any] = {"baseline": "s3://bucket/baseline.csv", "num_samples": 6, "seed": 1}
CONFIG: dict[str, Any] = {
    "dataset_type": "text/csv",
    "headers": NAMES,
    "label": "late",
    "methods": {"shap": SHAP, "report": {"name": "report", "title": "Explanations"}},
    "predictor": PREDICTOR,
}


def people(rows: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"sex": rng.integers(1, 3, rows), "age": rng.integers(2, 6, rows) * 10})
    table["income"] = rng.normal(2.0, 1.0, rows).round(3)
    table.insert(0, "late", (table["income"] + rng.normal(0, 0.5, rows) < table["sex"]).astype("int64"))
    return table


def trained(**parameters: Any) -> xgboost.Booster:
    table = people()
    data = xgboost.DMatrix(table.drop(columns="late").to_numpy(float), table["late"])
    return xgboost.train({"objective": "binary:logistic", "max_depth": 3, **parameters}, data, 10)


def packed(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("xgboost-model")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@dataclass
class Cloud:
    """A SageMaker with one model, which an endpoint serves, and an S3."""

    booster: xgboost.Booster = field(default_factory=trained)
    image: str = "111.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
    objects: dict[str, bytes] = field(default_factory=dict)
    asked: int = 0

    def operate(self, name: str) -> tuple[int, Any]:
        if name == "DescribeModel":
            container = {"Image": self.image, "ModelDataUrl": "s3://bucket/model.tar.gz"}
            return 200, {"ModelName": "model-1", "ModelArn": "arn", "PrimaryContainer": container}
        if name == "DescribeEndpoint":
            return 200, {"EndpointStatus": "InService"}
        return 200, {"EndpointArn": "arn", "EndpointConfigArn": "arn"}

    def answers(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        found: npt.NDArray[np.float32] = self.booster.predict(xgboost.DMatrix(rows))
        return found

    def invoke(self, body: bytes) -> str:
        rows = np.loadtxt(io.BytesIO(body), delimiter=",", ndmin=2)
        self.asked += len(rows)
        found = self.answers(rows).tolist()
        return "".join(f"{','.join(map(str, one)) if isinstance(one, list) else one}\n" for one in found)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Serve a Cloud where boto3 looks for AWS."""
    state = Cloud()
    state.objects = {
        "/bucket/baseline.csv": BASELINE.encode(),
        "/bucket/model.tar.gz": packed(bytes(state.booster.save_raw("ubj"))),
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            target = self.headers.get("X-Amz-Target")
            if target:
                status, answer = state.operate(target.partition(".")[2])
                self.reply(status, json.dumps(answer).encode())
            else:
                self.reply(200, state.invoke(body).encode())

        def do_GET(self) -> None:
            content = state.objects.get(self.path)
            self.reply(200 if content is not None else 404, content or b"")

        def reply(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
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


@dataclass(frozen=True)
class Job:
    """A processing container's folder."""

    base: Path

    def run(self, table: pd.DataFrame | None = None, **changes: Any) -> int:
        for name in ("config", "data"):
            (self.base / "processing/input" / name).mkdir(parents=True, exist_ok=True)
        config = {**CONFIG, **changes}
        (self.base / "processing/input/config/analysis_config.json").write_text(json.dumps(config))
        data = people() if table is None else table
        data.to_csv(self.base / "processing/input/data/data.csv", header=False, index=False)
        return main()

    def asking(self, **shap: Any) -> int:
        return self.run(methods={"shap": {**SHAP, **shap}})

    @property
    def analysis(self) -> Any:
        return json.loads(self.file("analysis.json"))

    @property
    def message(self) -> str:
        return (self.base / "output/message").read_text()

    def file(self, name: str) -> str:
        return (self.base / "processing/output" / name).read_text()

    def values(self, label: str = "label0") -> dict[str, float]:
        found: dict[str, float] = self.analysis["explanations"]["kernel_shap"][label]["global_shap_values"]
        return found


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> Job:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    return Job(tmp_path)


def test_shap_values_are_laid_out_as_clarify_does(job: Job, cloud: Cloud) -> None:
    assert job.run() == 0
    assert list(job.analysis) == ["version", "explanations", "computation"]
    found = job.analysis["explanations"]["kernel_shap"]
    assert list(found) == ["label0"]
    assert list(found["label0"]) == ["global_shap_values", "expected_value"]
    assert list(job.values()) == NAMES[1:]
    expected = float(cloud.answers(np.array([[1.0, 30.0, 2.5]]))[0])
    assert found["label0"]["expected_value"] == pytest.approx(expected, abs=1e-6)
    local = pd.read_csv(io.StringIO(job.file("explanations_shap/out.csv")))
    assert list(local.columns) == ["sex_label0", "age_label0", "income_label0"]
    answers = cloud.answers(people().drop(columns="late").to_numpy(float))
    assert local.to_numpy().sum(axis=1) + expected == pytest.approx(answers, abs=1e-5)
    assert list(job.values().values()) == pytest.approx(local.abs().mean().tolist())
    assert job.file("explanations_shap/baseline.csv") == "sex,age,income\n1.0,30.0,2.5\n"
    for said in ("SHAP values", "income", "expected value"):
        assert said in job.file("report.html")


def test_the_trees_answer_for_the_endpoint_only_where_they_answer_alike(job: Job, cloud: Cloud) -> None:
    """The same values come of both; the endpoint is asked for each row once, and for all the rest where it must."""
    assert job.run() == 0
    assert job.analysis["computation"]["answers"] == "trees"
    assert cloud.asked == 120
    through_trees = job.values()
    for change in (
        {"image": "111.dkr.ecr/custom:1"},
        {"objects": {**cloud.objects, "/bucket/model.tar.gz": b"broken"}},
    ):
        before = {name: getattr(cloud, name) for name in change}
        vars(cloud).update(change)
        assert job.run() == 0
        assert job.analysis["computation"]["answers"] == "endpoint"
        assert job.values() == pytest.approx(through_trees, abs=1e-6)
        vars(cloud).update(before)
    cloud.objects["/bucket/model.tar.gz"] = packed(bytes(trained(max_depth=1).save_raw("ubj")))
    assert job.run() == 0
    assert job.analysis["computation"]["answers"] == "endpoint"
    assert job.values() == pytest.approx(through_trees, abs=1e-6)


def test_log_odds_come_from_the_trees_exactly(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    assert job.asking(use_logit=True, num_samples=1) == 0
    assert job.analysis["computation"]["shap"] == {"method": "exact, from the trees", "coalitions": 0}
    assert "SHAP values are exact, from the trees" in capsys.readouterr().out


@pytest.mark.parametrize("aggregate", ["mean_abs", "median", "mean_sq"])
def test_rows_are_aggregated_as_asked(job: Job, aggregate: str) -> None:
    assert job.asking(agg_method=aggregate) == 0
    local = pd.read_csv(io.StringIO(job.file("explanations_shap/out.csv")))
    expected = {"mean_abs": local.abs().mean(), "median": local.median(), "mean_sq": (local**2).mean()}[aggregate]
    assert list(job.values().values()) == pytest.approx(expected.tolist())


def test_local_values_are_kept_where_asked(job: Job) -> None:
    assert job.asking(save_local_shap_values=False) == 0
    assert not (job.base / "processing/output/explanations_shap/out.csv").exists()


def test_a_baseline_may_have_several_rows_and_a_header(job: Job, cloud: Cloud) -> None:
    cloud.objects["/bucket/baseline.csv"] = b"sex,age,income\n1,30,2.5\n2,20,1.5\n"
    assert job.run() == 0
    from_file = job.values()
    assert job.asking(baseline=[[1, 30, 2.5], [2, 20, 1.5]]) == 0
    assert job.values() == from_file


def test_partial_dependence_is_the_mean_of_answers_to_changed_rows(job: Job, cloud: Cloud) -> None:
    assert job.run(methods={"pdp": {"features": ["income", "sex"], "grid_resolution": 4}}) == 0
    income, sex = job.analysis["explanations"]["pdp"]
    assert (income["feature_name"], income["data_type"]) == ("income", "numerical")
    table = people()
    edges = np.linspace(table["income"].min(), table["income"].max(), 5)
    assert income["feature_values"] == pytest.approx(((edges[1:] + edges[:-1]) / 2).tolist())
    assert sum(income["data_distribution"]) == pytest.approx(1)
    assert (sex["data_type"], sex["feature_values"]) == ("categorical", [1, 2])
    assert sex["data_distribution"] == pytest.approx([(table["sex"] == value).mean() for value in (1, 2)])
    for found in (income, sex):
        for value, answer in zip(found["feature_values"], found["model_predictions"][0], strict=True):
            changed = table.drop(columns="late").assign(**{found["feature_name"]: value})
            assert answer == pytest.approx(cloud.answers(changed.to_numpy(float)).mean(), abs=1e-6)
    assert "Partial dependence" in job.file("report.html")


def test_without_names_the_strongest_features_are_taken(job: Job) -> None:
    assert job.run(methods={"shap": SHAP, "pdp": {"grid_resolution": 3, "top_k_features": 2}}) == 0
    named = [found["feature_name"] for found in job.analysis["explanations"]["pdp"]]
    values = job.values()
    assert named == sorted(values, key=lambda name: -values[name])[:2]


def test_each_class_has_values_of_its_own(job: Job, cloud: Cloud) -> None:
    table = people()
    data = xgboost.DMatrix(table.drop(columns="late").to_numpy(float), np.arange(len(table)) % 3)
    cloud.booster = xgboost.train({"objective": "multi:softprob", "num_class": 3}, data, 3)
    cloud.objects["/bucket/model.tar.gz"] = packed(bytes(cloud.booster.save_raw("ubj")))
    assert job.run() == 0
    assert list(job.analysis["explanations"]["kernel_shap"]) == ["label0", "label1", "label2"]
    assert job.analysis["computation"]["answers"] == "trees"
    assert job.run(predictor={**PREDICTOR, "label_headers": ["a", "b", "c"]}) == 0
    assert list(job.analysis["explanations"]["kernel_shap"]) == ["a", "b", "c"]
    header = job.file("explanations_shap/out.csv").partition("\n")[0].split(",")
    assert header[:4] == ["sex_a", "age_a", "income_a", "sex_b"]


def test_bias_and_explanations_share_one_endpoint(job: Job, cloud: Cloud) -> None:
    bias: dict[str, Any] = {
        "label_values_or_threshold": [0],
        "facet": [{"name_or_index": "sex", "value_or_threshold": [1]}],
        "methods": {"shap": SHAP, "post_training_bias": {"methods": ["DPPL"]}},
    }
    assert job.run(**bias) == 0
    assert list(job.analysis) == ["version", "explanations", "computation", "post_training_bias_metrics"]
    assert cloud.asked == 120


@pytest.mark.parametrize(
    ("shap", "said"),
    [
        ({"baseline": "s3://bucket/none.csv"}, "s3://bucket/none.csv cannot be read"),
        ({"baseline": "file.csv"}, "methods.shap.baseline: must be an S3 URI or a list of rows"),
        ({"baseline": [[1, 2]]}, "methods.shap.baseline: must have 3 values a row, one a feature, not 2"),
    ],
)
def test_a_baseline_that_does_not_fit_is_refused(job: Job, shap: dict[str, Any], said: str) -> None:
    assert job.asking(**shap) == 1
    assert said in job.message


def test_a_baseline_of_text_is_refused(job: Job, cloud: Cloud) -> None:
    cloud.objects["/bucket/baseline.csv"] = b"a,b,c\n"
    assert job.run() == 1
    assert "methods.shap.baseline: must hold numbers" in job.message


def test_what_cannot_be_explained_is_refused_before_a_model_is_asked(job: Job, cloud: Cloud) -> None:
    assert job.run(people().assign(sex="f")) == 1
    assert "Only columns of numbers can be explained, and there is text in sex" in job.message
    assert job.run(methods={"pdp": {"features": ["ages"], "grid_resolution": 3}}) == 1
    assert "ages is not present in the dataset" in job.message
    assert cloud.asked == 0

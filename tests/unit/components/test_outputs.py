"""Outputs land where Kubeflow looks for them, in its own form."""

import json
from pathlib import Path
from typing import Any

import pytest
from specimen_components import outputs
from specimen_components.interface import BIAS, EVALUATE, GATE
from specimen_components.jsondata import Json
from specimen_components.problems import Failure


def executor_input(folder: Path, parameters: list[str], artifacts: list[str]) -> dict[str, Any]:
    return {
        "outputs": {
            "parameters": {name: {"outputFile": str(folder / "parameters" / name)} for name in parameters},
            "artifacts": {
                name: {
                    "artifacts": [{"name": f"projects/{name}", "uri": str(folder / "artifacts" / name), "metadata": {}}]
                }
                for name in artifacts
            },
            "outputFile": str(folder / "deep" / "executor_output.json"),
        }
    }


def test_parameters_are_text_and_json(tmp_path: Path) -> None:
    given: dict[str, Json] = {
        "job": "a job",
        "metrics": {"SEX": {"1": {"DI": 0.5}}},
        "analysis": "s3://b/a",
        "report": "",
    }
    outputs.write(BIAS, executor_input(tmp_path, list(given), []), given, {})
    found = {path.name: path.read_text() for path in (tmp_path / "parameters").iterdir()}
    assert found == {**given, "metrics": '{"SEX": {"1": {"DI": 0.5}}}'}


def test_pages_are_files_and_metrics_are_metadata(tmp_path: Path) -> None:
    wanted = executor_input(tmp_path, [], ["report_view", "metrics_view"])
    outputs.write(BIAS, wanted, {}, {"report_view": "<p>é</p>", "metrics_view": {"SEX=1 DI": 0.5}})
    assert (tmp_path / "artifacts" / "report_view").read_text(encoding="utf-8") == "<p>é</p>"
    assert not (tmp_path / "artifacts" / "metrics_view").exists()
    written = json.loads((tmp_path / "deep" / "executor_output.json").read_text())
    assert written["artifacts"]["metrics_view"]["artifacts"] == [
        {
            "name": "projects/metrics_view",
            "uri": str(tmp_path / "artifacts" / "metrics_view"),
            "metadata": {"SEX=1 DI": 0.5},
        }
    ]
    assert written["artifacts"]["report_view"]["artifacts"][0]["metadata"] == {}


def test_classification_is_what_kfp_would_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_KFP_RUNTIME", "true")
    from kfp.dsl import ClassificationMetrics

    logged = ClassificationMetrics()
    logged.log_confusion_matrix(["0", "1"], [[5, 1], [2, 3]])
    logged.log_roc_curve([0.0, 1.0], [0.5, 1.0], [0.9, 0.1])
    assert outputs.classification(["0", "1"], [[5, 1], [2, 3]], [(0.0, 0.5, 0.9), (1.0, 1.0, 0.1)]) == logged.metadata


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("s3://b/k/x", "/s3/b/k/x"),
        ("gs://b/x", "/gcs/b/x"),
        ("minio://mlpipeline/x", "/minio/mlpipeline/x"),
        ("/tmp/x", "/tmp/x"),  # noqa: S108 - a path that is only compared
    ],
)
def test_uris_are_mounted_where_kubeflow_mounts_them(uri: str, path: str) -> None:
    assert outputs.local_path(uri) == Path(path)


def test_outputs_that_nobody_asked_for_are_left_out(tmp_path: Path) -> None:
    outputs.write(GATE, {}, {"verdict": "pass"}, {"verdict_view": "text"})
    outputs.write(EVALUATE, executor_input(tmp_path, ["job"], []), {"job": "j", "metrics": {}}, {"metrics_view": {}})
    assert [path.name for path in (tmp_path / "parameters").iterdir()] == ["job"]


def test_a_file_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "parameters").write_text("a file where a folder is needed")
    with pytest.raises(Failure, match="an output cannot be written"):
        outputs.write(GATE, executor_input(tmp_path, ["verdict"], []), {"verdict": "pass"}, {})


def test_only_numbers_are_metrics() -> None:
    assert outputs.metrics(
        {"b": 1, "a": 0.5, "none": None, "text": "Infinity", "nan": float("nan"), "inf": float("inf")}
    ) == {"a": 0.5, "b": 1}

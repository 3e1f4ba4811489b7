"""Code written for SageMaker runs unchanged against the embedded one: whole sessions with AWS's own SDKs."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from specimen.emulator.control import Server

ROOT = Path(__file__).resolve().parents[2]


def session(version: str, python: Path, server: Server, folder: Path) -> tuple[dict[str, Any], str]:
    """Run a session in its SDK's environment; give what it saw, and all that it printed."""
    script = ROOT / f"tests/oracles/sdk_{version}.py"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [python, "-W", "ignore", script, f"{version}-bucket", f"sdk-{version}"],
        env={**environment, **server.environment(), "HOME": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen, done.stdout + done.stderr


def held_to_be_probabilities(predictions: list[float]) -> None:
    """Twenty answers, and not all the same."""
    assert len(predictions) == 20
    assert all(0 < value < 1 for value in predictions)
    assert len(set(predictions)) > 1


def held_to_be_hosted(endpoint: dict[str, Any]) -> None:
    """The same model answers before and after the update, and what it was asked is captured."""
    first, second = endpoint["answers"]
    assert first == second
    assert float(first[0][0]) < 0.5 < float(first[1][0])
    assert endpoint["instances"] == 2
    assert all("/sdk-v2-endpoint/AllTraffic/" in key and key.endswith(".jsonl") for key in endpoint["captured"])


def held_to_be_tuned(tuning: dict[str, Any]) -> None:
    """Four jobs with their hyperparameters, the best of them named, and none of the next two forgets it."""
    assert len(tuning["jobs"]) == 4
    assert {"eta", "gamma", "max_depth", "FinalObjectiveValue", "TrainingElapsedTimeSeconds"} <= set(tuning["columns"])
    assert tuning["best"] == tuning["estimator"] == max(tuning["jobs"], key=tuning["jobs"].__getitem__)
    assert tuning["overall"] >= tuning["jobs"][tuning["best"]]


SMDEBUG = """
import json, logging, sys, time
from smdebug.profiler.system_metrics_reader import S3SystemMetricsReader
from smdebug.profiler.utils import TimeUnits
from smdebug.trials import create_trial
logging.disable(logging.CRITICAL)
tensors, profile, found = sys.argv[1:]
trial = create_trial(tensors)
events = S3SystemMetricsReader(profile).get_events(0, time.time() + 3600, TimeUnits.SECONDS)
names = trial.tensor_names(collection="metrics")
told = {
    "loss": {step: float(value) for step, value in trial.tensor("train-logloss").values().items()},
    "metrics": sorted(names),
    "dimensions": sorted({one.dimension for one in events if one.type == "cpu"}),
}
json.dump(told, open(found, "w"))
"""


def held_to_be_debugged(seen: dict[str, Any]) -> None:
    """The rules have come to an end, and what was stored lies where AWS's own jobs have it."""
    assert seen["rules"] == {"LossNotDecreasing": "NoIssuesFound", "ProfilerReport": "NoIssuesFound"}
    inside = {key.partition("/debug-output/")[2] for key in seen["tensors"]}
    assert {"training_job_end.ts", "collections/000000000/worker_0_collections.json"} <= inside
    steps = {name.rpartition("/")[2] for name in inside if name.startswith("events/")}
    assert steps == {f"{step:012}_worker_0.tfevents" for step in (0, 2, 4)}
    assert all(f"index/000000000/{step[:-9]}.json" in inside for step in steps)
    assert {"system/training_job_end.ts", "framework/training_job_end.ts"} <= {
        key.partition("/profiler-output/")[2] for key in seen["profile"]
    }
    report = "/rule-output/ProfilerReport/profiler-output/profiler-report.html"
    assert any(key.endswith(report) for key in seen["reports"])


def held_to_be_read_by_smdebug(seen: dict[str, Any], python: Path, server: Server, folder: Path) -> None:
    """AWS's own reader finds the tensors and the system metrics on S3."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    places, found = seen["places"], folder / "found.json"
    subprocess.run(
        [python, "-W", "ignore", "-c", SMDEBUG, places["tensors"], places["profile"], found],
        env={**environment, **server.environment(), "HOME": str(folder)},
        check=True,
        timeout=120,
    )
    told = json.loads(found.read_text())
    assert list(told["loss"]) == ["0", "2", "4"]
    assert told["loss"]["0"] > told["loss"]["4"] > 0
    assert told["metrics"] == ["train-logloss", "validation-logloss"]
    assert told["dimensions"] == ["CPUUtilization", "I/OWaitPercentage"]


def test_sdk_v2(oracle: Callable[[str], Path], emulator: Server, tmp_path: Path) -> None:
    """`Estimator.fit` shows the job's log, its rules end, its transformer answers, `Run` tracks, a tuner tunes."""
    seen, printed = session("v2", oracle("sagemaker2"), emulator, tmp_path)
    assert seen["image"].endswith("/sagemaker-xgboost:1.7-1")
    assert "[4]#011train-logloss:" in printed
    assert "Training seconds:" in printed
    assert seen["artifact"] == f"s3://{seen['bucket']}/sdk-v2/models/{seen['job']}/output/model.tar.gz"
    assert {"train:logloss", "validation:logloss"} <= set(seen["metrics"])
    held_to_be_probabilities(seen["predictions"])
    assert seen["components"] == sorted(["sdk-v2-experiment-first", f"{seen['job']}-aws-training-job"])
    held_to_be_hosted(seen["endpoint"])
    held_to_be_tuned(seen["tuning"])
    spread = seen["distributed"]
    assert (spread["status"], spread["instances"], spread["spot"]) == ("Completed", 2, True)
    assert spread["metrics"] == ["train:logloss"]
    assert spread["checkpoints"] == [f"xgboost-checkpoint.{number}" for number in range(5)]
    held_to_be_debugged(seen["debugger"])
    held_to_be_read_by_smdebug(seen["debugger"], oracle("smdebug"), emulator, tmp_path)


def test_sdk_v3(oracle: Callable[[str], Path], emulator: Server, tmp_path: Path) -> None:
    """The resources of SDK v3 create, wait, log, list and read training, transform and tuning jobs."""
    seen, printed = session("v3", oracle("sagemaker3"), emulator, tmp_path)
    assert seen["status"] == "Completed"
    assert "[4]#011train-rmse:" in printed
    assert seen["transitions"] == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert seen["found"] == [seen["job"]]
    assert seen["metrics"].keys() >= {"validation:rmse"}
    assert seen["artifact"].endswith(f"/models/{seen['job']}/output/model.tar.gz")
    assert len(set(seen["predictions"])) > 1
    first, second = seen["endpoint"]["answers"].values()
    assert first == second
    assert seen["endpoint"]["invoked"] == ["a", "b"]
    assert seen["endpoint"]["variants"] == ["b"]
    assert seen["tuning"]["status"] == "Completed"
    assert len(seen["tuning"]["listed"]) == 3
    assert seen["tuning"]["best"] == seen["tuning"]["listed"][0]
    assert seen["distributed"] == {"status": "Completed", "metrics": ["train:rmse"], "pool": "Available"}

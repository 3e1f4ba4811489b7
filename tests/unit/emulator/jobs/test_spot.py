"""Spot instances that are taken away, workers that are lost, and instances that are kept for the next job."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xgboost
from specimen.emulator.errors import EmulatorError
from specimen.emulator.interruption import interrupt
from specimen.emulator.jobs.containers import BUILT_IN

if TYPE_CHECKING:
    from .conftest import Cloud

Eventually = Callable[[Callable[[], Any]], Any]
SPOT: dict[str, Any] = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 120},
}
XGBOOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
COUNTING = """
    import json, os, pathlib, threading
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    runs = pathlib.Path(__file__).with_name("runs")
    with runs.open("a") as file:
        file.write(".")
    print("run", len(runs.read_text()), "of", sorted(os.environ.get(n, "-") for n in ("AWS_ENDPOINT_URL", "COLOUR")))
    while len(runs.read_text()) < WANTED:
        threading.Event().wait(0.01)
    (base / "model/model").write_text(runs.read_text())
"""
LIFE = ["Starting", "Downloading", "Training"]


@pytest.fixture
def data(cloud: "Cloud") -> None:
    """One object for the channel."""
    cloud.put("train/part.csv", b"1,2\n")


@pytest.fixture
def state(cloud: "Cloud", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder whose server's part is the cloud's folder."""
    folder: Path = tmp_path_factory.mktemp("state")
    folder.joinpath("aws").symlink_to(cloud.state)
    return folder


def counting(cloud: "Cloud", wanted: int) -> str:
    return cloud.image("counting", COUNTING.replace("WANTED", str(wanted)))


def steps(job: dict[str, Any]) -> list[str]:
    return [step["Status"] for step in job["SecondaryStatusTransitions"]]


def running(cloud: "Cloud", name: str, run: int) -> Callable[[], bool]:
    return lambda: f"run {run} of" in cloud.log(name)


@pytest.mark.usefixtures("data")
def test_instances_that_are_taken_away_are_replaced(cloud: "Cloud", state: Path, eventually: Eventually) -> None:
    cloud.train("job", counting(cloud, 3), **SPOT)
    for run in (1, 2):
        eventually(running(cloud, "job", run))
        interrupt(state, "job")
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingJobStatus"] == "Completed", job
    assert steps(job) == [*LIFE, "Interrupted", *LIFE, "Interrupted", *LIFE, "Uploading", "Completed"]
    assert all(step["StatusMessage"] for step in job["SecondaryStatusTransitions"])
    assert cloud.packed("output/job/output/model.tar.gz") == {"model": b"..."}


def table(rows: int) -> bytes:
    return "".join(f"{n % 2},{n * 7 % 11},{n * n % 13},{n % 2 * 3 + n % 5}\n" for n in range(rows)).encode()


def test_an_interrupted_training_comes_to_the_same_model(cloud: "Cloud", state: Path, eventually: Eventually) -> None:
    cloud.table["sagemaker-xgboost"] = BUILT_IN.table["sagemaker-xgboost"]
    for part in range(2):
        cloud.put(f"train/{part}.csv", table(200 + part * 50))
    asked = {
        **SPOT,
        "HyperParameters": {"num_round": "300", "max_depth": "2", "eta": "0.05", "objective": "binary:logistic"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 5},
    }
    kept = {"S3Uri": f"s3://{cloud.bucket}/kept"}
    cloud.train("cut", XGBOOST, CheckpointConfig=kept, **asked)
    eventually(lambda: "[10]#011" in cloud.log("cut"))
    interrupt(state, "cut")
    job = cloud.ended("TrainingJob", "cut")
    assert job["TrainingJobStatus"] == "Completed", job
    assert "Interrupted" in steps(job)
    resumed = [line for line in cloud.log("cut").splitlines() if "Resuming from iteration" in line]
    assert len(resumed) == 2, "both hosts go on from the same round"
    assert cloud.log("cut").count("[299]#011train-logloss:") == 1
    assert not [key for key in cloud.list("kept/") if "ignore" in key]
    cloud.train("whole", XGBOOST, **asked)
    assert cloud.ended("TrainingJob", "whole")["TrainingJobStatus"] == "Completed"
    assert trees(cloud, "cut") == trees(cloud, "whole")


def trees(cloud: "Cloud", name: str) -> Any:
    (model,) = cloud.packed(f"output/{name}/output/model.tar.gz").values()
    return json.loads(xgboost.Booster(model_file=bytearray(model)).save_raw("json"))["learner"]["gradient_booster"]


@pytest.mark.usefixtures("data")
def test_a_job_waits_no_longer_than_it_may(cloud: "Cloud", state: Path, eventually: Eventually) -> None:
    short = {**SPOT, "StoppingCondition": {"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 1}}
    cloud.train("job", counting(cloud, 2), **short)
    eventually(running(cloud, "job", 1))
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingJobStatus"] == "Stopped"
    assert job["SecondaryStatus"] in ("MaxRuntimeExceeded", "MaxWaitTimeExceeded")
    with pytest.raises(EmulatorError, match="has no instances to be taken away: it is Max"):
        interrupt(state, "job")


@pytest.mark.usefixtures("data")
def test_only_spot_instances_are_taken_away(cloud: "Cloud", state: Path, eventually: Eventually) -> None:
    cloud.train("job", counting(cloud, 2))
    eventually(running(cloud, "job", 1))
    with pytest.raises(EmulatorError, match="does not use spot instances"):
        interrupt(state, "job")
    with pytest.raises(EmulatorError, match="there is no training job other"):
        interrupt(state, "other")
    with pytest.raises(EmulatorError, match=r"there is no training job \.\./job"):
        interrupt(state, "../job")


@pytest.mark.usefixtures("data")
def test_a_stop_between_two_runs_stops(cloud: "Cloud", state: Path, eventually: Eventually) -> None:
    cloud.train("job", counting(cloud, 3), **SPOT)
    eventually(running(cloud, "job", 1))
    interrupt(state, "job")
    eventually(lambda: "Interrupted" in steps(cloud.describe("TrainingJob", "job")))
    cloud.call("StopTrainingJob", TrainingJobName="job")
    job = cloud.ended("TrainingJob", "job")
    assert (job["TrainingJobStatus"], steps(job)[-1]) == ("Stopped", "Stopped")


@pytest.mark.usefixtures("data")
def test_a_server_that_was_restarted_goes_on_with_several_interrupted_instances(
    cloud: "Cloud", state: Path, eventually: Eventually
) -> None:
    resources = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 5}
    cloud.train("job", counting(cloud, 4), ResourceConfig=resources, **SPOT)
    eventually(lambda: cloud.state.joinpath("runs").exists() and len(cloud.state.joinpath("runs").read_text()) == 2)
    cloud.restart()
    interrupt(state, "job")
    cloud.restart()
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingJobStatus"] == "Completed", job
    assert steps(job) == [*LIFE, "Interrupted", *LIFE, "Uploading", "Completed"]


@pytest.mark.usefixtures("data")
def test_spot_instances_cost_less(cloud: "Cloud", eventually: Eventually) -> None:
    cloud.train("job", counting(cloud, 2), **SPOT)
    eventually(running(cloud, "job", 1))
    began = cloud.describe("TrainingJob", "job")["TrainingStartTime"]
    folder = cloud.launcher.folder("TrainingJob", "job")
    text = folder.path.joinpath("status.jsonl").read_text()
    folder.path.joinpath("status.jsonl").write_text(text.replace(str(began), str(began - 100)))
    cloud.state.joinpath("runs").write_text("..")
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingTimeInSeconds"] >= 100
    assert 30 <= job["BillableTimeInSeconds"] <= 0.3 * job["TrainingTimeInSeconds"]


@pytest.mark.usefixtures("data")
def test_a_lost_worker_is_started_again_as_often_as_asked(cloud: "Cloud", eventually: Eventually) -> None:
    cloud.train("job", counting(cloud, 9), RetryStrategy={"MaximumRetryAttempts": 1})
    for run in (1, 2):
        eventually(running(cloud, "job", run))
        cloud.worker("TrainingJob", "job").signal(signal.SIGKILL)
        if run == 1:
            eventually(lambda: "Restarting" in steps(cloud.describe("TrainingJob", "job")))
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("InternalServerError")
    assert steps(job) == [*LIFE, "Restarting", "Downloading", "Training", "Failed"]
    assert job["RetryStrategy"] == {"MaximumRetryAttempts": 1}


@pytest.mark.usefixtures("data")
def test_a_job_that_was_started_again_can_complete(cloud: "Cloud", eventually: Eventually) -> None:
    cloud.train("job", counting(cloud, 2), RetryStrategy={"MaximumRetryAttempts": 3})
    eventually(running(cloud, "job", 1))
    cloud.worker("TrainingJob", "job").signal(signal.SIGKILL)
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Completed"


@pytest.mark.usefixtures("data")
def test_an_isolated_container_is_told_no_credentials_and_the_rest_is_described(cloud: "Cloud") -> None:
    more: dict[str, Any] = {
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
        "Environment": {"COLOUR": "green"},
        "OutputDataConfig": {"S3OutputPath": f"s3://{cloud.bucket}/output/", "KmsKeyId": "alias/key"},
    }
    cloud.train("job", counting(cloud, 1), **more)
    job = cloud.ended("TrainingJob", "job")
    assert "run 1 of ['-', 'green']" in cloud.log("job")
    assert {name: job[name] for name in more if name != "OutputDataConfig"} | {
        "OutputDataConfig": {name: job["OutputDataConfig"][name] for name in more["OutputDataConfig"]}
    } == more


def kept(seconds: int, **more: Any) -> dict[str, Any]:
    config = {
        "InstanceType": "ml.m5.xlarge",
        "InstanceCount": 1,
        "VolumeSizeInGB": 5,
        "KeepAlivePeriodInSeconds": seconds,
    }
    return {"ResourceConfig": {**config, **more}}


def pool(cloud: "Cloud", name: str) -> dict[str, Any]:
    found: dict[str, Any] = cloud.describe("TrainingJob", name)["WarmPoolStatus"]
    return found


@pytest.mark.usefixtures("data")
def test_a_matching_job_takes_over_the_instances_that_were_kept(cloud: "Cloud", eventually: Eventually) -> None:
    image = counting(cloud, 2)
    cloud.train("first", image, **kept(600))
    eventually(running(cloud, "first", 1))
    assert pool(cloud, "first") == {"Status": "InUse"}
    cloud.state.joinpath("runs").write_text("..")
    cloud.ended("TrainingJob", "first")
    assert pool(cloud, "first") == {"Status": "Available", "ResourceRetainedBillableTimeInSeconds": 0}
    cloud.train("other", image, **kept(600, InstanceType="ml.m5.large"))
    cloud.ended("TrainingJob", "other")
    assert pool(cloud, "first")["Status"] == "Available"
    cloud.train("second", image)
    assert pool(cloud, "first") == {
        "Status": "Reused",
        "ResourceRetainedBillableTimeInSeconds": 0,
        "ReusedByJob": "second",
    }
    assert "WarmPoolStatus" not in cloud.ended("TrainingJob", "second")
    listed = cloud.call("ListTrainingJobs", WarmPoolStatusEquals="Available")["TrainingJobSummaries"]
    assert [entry["TrainingJobName"] for entry in listed] == ["other"]


@pytest.mark.usefixtures("data")
def test_instances_are_kept_for_their_time_alone(cloud: "Cloud", eventually: Eventually) -> None:
    cloud.train("first", counting(cloud, 1), **kept(1))
    cloud.ended("TrainingJob", "first")
    eventually(lambda: pool(cloud, "first")["Status"] == "Terminated")
    assert pool(cloud, "first")["ResourceRetainedBillableTimeInSeconds"] == 1
    cloud.train("second", counting(cloud, 1), **kept(1))
    assert pool(cloud, "first")["Status"] == "Terminated"

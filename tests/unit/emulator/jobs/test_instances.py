"""Training jobs on several instances: each has its own disk and container, and they end together."""

import json
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
import xgboost
from specimen.emulator.jobs import cluster as ends
from specimen.emulator.jobs.containers import BUILT_IN
from specimen.emulator.jobs.instance import Container

if TYPE_CHECKING:
    from .conftest import Cloud

HEAD = """
    import json, os, pathlib, signal, sys, threading, time
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    told = json.loads((base / "input/config/resourceconfig.json").read_text())
    host = told["current_host"]
"""
MODEL = (
    HEAD
    + """
    files = sorted(path.name for path in (base / "input/data/train").iterdir())
    print(host, "of", ",".join(told["hosts"]), "has", ",".join(files), "on", os.environ.get("OMP_NUM_THREADS"))
    print(f"[0]\\ttrain-loss:{len(files)}")
    (base / "model" / host).write_text(",".join(files))
    if host == "algo-1":
        (base / "model" / "model").write_text("master")
"""
)
METRICS = {"train:loss": r"train-loss:(\S+)"}
WAITING = "while True: threading.Event().wait(0.05)\n"


def cluster(count: int) -> dict[str, Any]:
    return {"InstanceType": "ml.m5.xlarge", "InstanceCount": count, "VolumeSizeInGB": 5}


def sharded(cloud: "Cloud", name: str = "train") -> dict[str, Any]:
    channel = cloud.channel(name)
    channel["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    return channel


@pytest.fixture
def data(cloud: "Cloud") -> None:
    """Five objects for the channel."""
    for number in range(1, 6):
        cloud.put(f"train/part-{number}", b"1,2\n")


@pytest.mark.usefixtures("data")
def test_sharded_objects_are_dealt_out_and_the_models_files_come_together(cloud: "Cloud") -> None:
    image = cloud.image("trainer", MODEL, METRICS)
    cloud.train("job", image, ResourceConfig=cluster(2), InputDataConfig=[sharded(cloud)])
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingJobStatus"] == "Completed", job
    assert cloud.packed("output/job/output/model.tar.gz") == {
        "algo-1": b"part-1,part-3,part-5",
        "algo-2": b"part-2,part-4",
        "model": b"master",
    }
    streams = sorted(path.name for path in cloud.state.joinpath("logs").glob("*/job*"))
    assert [name.split("%2F")[1].rpartition("-")[0] for name in streams] == ["algo-1", "algo-2"]
    assert "algo-2 of algo-1,algo-2 has part-2,part-4 on " in cloud.log("job")
    left = cloud.launcher.folder("TrainingJob", "job").path
    assert not list(left.glob("ml*")), "the instances' disks go with them"


@pytest.mark.usefixtures("data")
def test_replicated_objects_are_everywhere(cloud: "Cloud") -> None:
    cloud.train("job", cloud.image("trainer", MODEL), ResourceConfig=cluster(2))
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Completed"
    files = cloud.packed("output/job/output/model.tar.gz")
    assert files["algo-1"] == files["algo-2"] == b"part-1,part-2,part-3,part-4,part-5"


def test_an_instance_without_an_object_has_an_empty_channel(cloud: "Cloud") -> None:
    cloud.put("train/part-1", b"1,2\n")
    image = cloud.image("trainer", MODEL)
    cloud.train("job", image, ResourceConfig=cluster(3), InputDataConfig=[sharded(cloud)])
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Completed"
    files = cloud.packed("output/job/output/model.tar.gz")
    assert (files["algo-1"], files["algo-2"], files["algo-3"]) == (b"part-1", b"", b"")


@pytest.mark.usefixtures("data")
def test_a_manifest_lists_what_a_channel_has(cloud: "Cloud") -> None:
    manifest = [{"prefix": f"s3://{cloud.bucket}/train/"}, "part-2", "part-5"]
    cloud.put("manifests/one", json.dumps(manifest).encode())
    source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{cloud.bucket}/manifests/one"}
    channel = {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
    cloud.train("job", cloud.image("trainer", MODEL), InputDataConfig=[channel])
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Completed"
    assert cloud.packed("output/job/output/model.tar.gz")["algo-1"] == b"part-2,part-5"


@pytest.mark.parametrize(
    ("manifest", "said"),
    [(b"[", "cannot be read"), (b'["a"]', "cannot be read"), (b'[{"prefix": "s3://a-bucket/"}, "x"]', "is not there")],
)
def test_a_manifest_that_leads_nowhere_fails_the_job(cloud: "Cloud", manifest: bytes, said: str) -> None:
    source = {"S3DataType": "ManifestFile", "S3Uri": cloud.put("manifest", manifest)}
    channel = {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
    cloud.train("job", cloud.image("trainer", MODEL), InputDataConfig=[channel])
    job = cloud.ended("TrainingJob", "job")
    assert said in job["FailureReason"]


FAILING = (
    HEAD
    + """
    if host == "algo-2":
        (base / "output").mkdir(exist_ok=True)
        (base / "output/failure").write_text("algo-2 has bad rows")
        sys.exit(3)
    try:
"""
    + "        "
    + WAITING
    + """
    finally:
        print("left")
"""
)


@pytest.mark.usefixtures("data")
def test_one_container_that_fails_ends_the_others_and_the_job_with_its_reason(cloud: "Cloud") -> None:
    cloud.train("job", cloud.image("failing", FAILING), ResourceConfig=cluster(2))
    job = cloud.ended("TrainingJob", "job")
    assert (job["TrainingJobStatus"], job["FailureReason"]) == (
        "Failed",
        "AlgorithmError: algo-2 has bad rows, exit code: 3",
    )
    folder = cloud.launcher.folder("TrainingJob", "job")
    processes = [folder.process(name) for name in folder.containers()]
    assert processes
    assert not any(process and process.alive() for process in processes)


TWO_REASONS = (
    HEAD
    + """
    if host == "algo-2":
        time.sleep(0.3)
    (base / "output").mkdir(exist_ok=True)
    (base / "output/failure").write_text(host)
    if host == "algo-1":
        time.sleep(0.6)
    sys.exit(1)
"""
)


@pytest.mark.usefixtures("data")
def test_of_two_reasons_the_earlier_counts(cloud: "Cloud") -> None:
    """The second host fails since it has lost the first, and ends before it."""
    cloud.train("job", cloud.image("two", TWO_REASONS), ResourceConfig=cluster(2))
    assert cloud.ended("TrainingJob", "job")["FailureReason"].startswith("AlgorithmError: algo-1, exit code")


KILLED = (
    HEAD
    + """
    def leave(*_):
        (base / "output").mkdir(exist_ok=True)
        (base / "output/failure").write_text("algo-2 is lost")
        os._exit(1)
    signal.signal(signal.SIGTERM, leave)
    ready = pathlib.Path(__file__).with_name("ready")
    if host == "algo-2":
        while not ready.exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGKILL)
    ready.touch()
"""
    + "    "
    + WAITING
)


@pytest.mark.usefixtures("data")
def test_that_a_container_was_killed_counts_for_more_than_what_the_others_say(cloud: "Cloud") -> None:
    cloud.train("job", cloud.image("killed", KILLED), ResourceConfig=cluster(2))
    assert cloud.ended("TrainingJob", "job")["FailureReason"] == "AlgorithmError: , exit code: 137"


@dataclass(frozen=True)
class Over:
    """A container that has ended."""

    code: int
    running = False

    def ask(self) -> None:
        """Tell it to end, which it has."""

    def end(self, grace: float) -> int:
        """Return its exit code."""
        return self.code


def test_of_containers_that_failed_together_the_one_that_was_killed_was_first() -> None:
    """The others lose it at once, and are seen to end no later."""
    containers = cast(Mapping[str, Container], {"algo-1": Over(1), "algo-2": Over(-9), "algo-3": Over(1)})
    assert ends.wait(containers, lambda: None, 0).failed == "algo-2"


STOPPABLE = (
    HEAD
    + """
    def leave(*_):
        (base / "model" / host).write_text("stopped")
        os._exit(0)
    signal.signal(signal.SIGTERM, leave)
    print(host, "waits")
"""
    + "    "
    + WAITING
)


@pytest.mark.usefixtures("data")
def test_a_stop_reaches_all_instances(cloud: "Cloud", eventually: Callable[[Callable[[], Any]], Any]) -> None:
    cloud.train("job", cloud.image("stoppable", STOPPABLE), ResourceConfig=cluster(2))
    eventually(lambda: cloud.log("job").count("waits") == 2)
    cloud.call("StopTrainingJob", TrainingJobName="job")
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Stopped"
    assert cloud.packed("output/job/output/model.tar.gz") == {"algo-1": b"stopped", "algo-2": b"stopped"}


SLOW_TO_LEAVE = (
    HEAD
    + """
    told = []
    signal.signal(signal.SIGTERM, lambda *_: told.append(1))
    print(host, "waits")
    while not told:
        time.sleep(0.02)
    limit = time.monotonic() + (0.2 if host == "algo-1" else 1)
    while time.monotonic() < limit:
        time.sleep(0.02)
    (base / "model" / host).write_text(str(len(told)))
"""
)


@pytest.mark.usefixtures("data")
def test_each_container_is_told_to_end_once(cloud: "Cloud", eventually: Callable[[Callable[[], Any]], Any]) -> None:
    cloud.train("job", cloud.image("slow", SLOW_TO_LEAVE), ResourceConfig=cluster(2))
    eventually(lambda: cloud.log("job").count("waits") == 2)
    cloud.call("StopTrainingJob", TrainingJobName="job")
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Stopped"
    assert cloud.packed("output/job/output/model.tar.gz") == {"algo-1": b"1", "algo-2": b"1"}


@pytest.mark.usefixtures("data")
def test_a_runtime_limit_holds_for_all_instances(cloud: "Cloud") -> None:
    image = cloud.image("stoppable", STOPPABLE)
    cloud.train("job", image, ResourceConfig=cluster(2), StoppingCondition={"MaxRuntimeInSeconds": 1})
    job = cloud.ended("TrainingJob", "job")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


@pytest.mark.usefixtures("data")
def test_of_a_lost_worker_every_container_is_killed(
    cloud: "Cloud", eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    cloud.train("job", cloud.image("stoppable", STOPPABLE), ResourceConfig=cluster(2))
    eventually(lambda: cloud.log("job").count("waits") == 2)
    folder = cloud.launcher.folder("TrainingJob", "job")
    processes = [process for name in folder.containers() if (process := folder.process(name)) is not None]
    assert [process.alive() for process in processes] == [True, True]
    cloud.worker("TrainingJob", "job").signal(signal.SIGKILL)
    assert cloud.ended("TrainingJob", "job")["FailureReason"].startswith("InternalServerError")
    assert [process.alive() for process in processes] == [False, False]


def rows(start: int) -> bytes:
    return "".join(
        f"{number % 2},{number * 7 % 11},{number % 2 * 3 + number % 3}\n" for number in range(start, start + 40)
    ).encode()


def test_two_instances_train_one_model_on_their_shards(cloud: "Cloud") -> None:
    cloud.table["sagemaker-xgboost"] = BUILT_IN.table["sagemaker-xgboost"]
    for number in range(1, 4):
        cloud.put(f"train/part-{number}.csv", rows(number * 40))
    cloud.train(
        "job",
        "111122223333.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5",
        ResourceConfig=cluster(2),
        InputDataConfig=[sharded(cloud)],
        HyperParameters={"num_round": "3", "objective": "binary:logistic", "eval_metric": "logloss"},
    )
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingJobStatus"] == "Completed", job
    (metric,) = [entry for entry in job["FinalMetricDataList"] if entry["MetricName"] == "train:logloss"]
    assert 0 < metric["Value"] < 0.6
    (model,) = cloud.packed("output/job/output/model.tar.gz").values()
    assert xgboost.Booster(model_file=bytearray(model)).num_boosted_rounds() == 3
    log = cloud.log("job")
    assert "Train matrix has 80 rows" in log
    assert "Train matrix has 40 rows" in log

"""Jobs are stopped, run out of time, lose their workers, and outlive their server."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.errors import AwsError
from specimen.emulator.jobs.processes import identify

if TYPE_CHECKING:
    from .conftest import Cloud

Eventually = Callable[[Callable[[], Any]], Any]

PATIENT = """
    import os, pathlib, signal, sys, threading
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    def end(*_):
        (base / "model/model.txt").write_text("half")
        sys.exit(0)
    signal.signal(signal.SIGTERM, end)
    print("ready", flush=True)
    while True:
        signal.pause()
"""
STUBBORN = """
    import signal, subprocess, sys
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    print("ready", child.pid, flush=True)
    while True:
        signal.pause()
"""


@pytest.fixture
def running(cloud: "Cloud", eventually: Eventually) -> Callable[..., None]:
    """Starts a training job and waits until its container says that it is ready."""

    def start(source: str, **more: Any) -> None:
        cloud.put("train/part.csv", b"1,2\n")
        cloud.train("job", cloud.image("patient", source), **more)
        eventually(lambda: "ready" in cloud.log("job"))

    return start


def statuses(job: dict[str, Any]) -> list[str]:
    """Return a job's secondary statuses in order."""
    return [step["Status"] for step in job["SecondaryStatusTransitions"]]


def test_a_stopped_job_keeps_the_model_it_saved(cloud: "Cloud", running: Callable[..., None]) -> None:
    running(PATIENT)
    assert cloud.describe("TrainingJob", "job")["SecondaryStatus"] == "Training"
    assert cloud.call("StopTrainingJob", TrainingJobName="job") == {}
    stopping = cloud.describe("TrainingJob", "job")
    assert stopping["TrainingJobStatus"] in ("Stopping", "Stopped")
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingJobStatus"] == "Stopped"
    assert statuses(job) == ["Starting", "Downloading", "Training", "Stopping", "Stopped"]
    assert "FailureReason" not in job
    assert cloud.packed("output/job/output/model.tar.gz") == {"model.txt": b"half"}


def test_only_a_running_job_can_be_stopped(cloud: "Cloud", running: Callable[..., None]) -> None:
    running(PATIENT)
    cloud.call("StopTrainingJob", TrainingJobName="job")
    cloud.call("StopTrainingJob", TrainingJobName="job")
    cloud.ended("TrainingJob", "job")
    with pytest.raises(AwsError, match=r"the training job is in status Stopped\."):
        cloud.call("StopTrainingJob", TrainingJobName="job")
    with pytest.raises(AwsError, match=r"Requested resource not found\."):
        cloud.call("StopTrainingJob", TrainingJobName="no-job")


def test_a_container_that_will_not_stop_is_killed_with_its_children(
    cloud: "Cloud", running: Callable[..., None], eventually: Eventually
) -> None:
    cloud.restart(grace=0.2)
    running(STUBBORN)
    child = identify(int(cloud.log("job").split()[-1]))
    assert child is not None
    container = cloud.container("TrainingJob", "job")
    cloud.call("StopTrainingJob", TrainingJobName="job")
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Stopped"
    assert not container.alive()
    eventually(lambda: not child.alive())


def test_a_job_that_takes_too_long_is_stopped_as_max_runtime_exceeded(
    cloud: "Cloud", running: Callable[..., None]
) -> None:
    running(PATIENT, StoppingCondition={"MaxRuntimeInSeconds": 1})
    job = cloud.ended("TrainingJob", "job")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert statuses(job)[-1] == "MaxRuntimeExceeded"
    assert cloud.packed("output/job/output/model.tar.gz") == {"model.txt": b"half"}


def test_a_killed_worker_fails_its_job_and_takes_its_container_along(
    cloud: "Cloud", running: Callable[..., None], eventually: Eventually
) -> None:
    running(PATIENT)
    container = cloud.container("TrainingJob", "job")
    cloud.worker("TrainingJob", "job").signal(signal.SIGKILL)
    job = cloud.ended("TrainingJob", "job")
    assert (job["TrainingJobStatus"], statuses(job)[-1]) == ("Failed", "Failed")
    assert job["FailureReason"].startswith("InternalServerError: We encountered an internal error.")
    eventually(lambda: not container.alive())
    assert cloud.describe("TrainingJob", "job") == job


def test_a_worker_killed_while_its_job_was_stopping_leaves_it_stopped(
    cloud: "Cloud", running: Callable[..., None]
) -> None:
    running(STUBBORN)
    cloud.call("StopTrainingJob", TrainingJobName="job")
    cloud.worker("TrainingJob", "job").signal(signal.SIGKILL)
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingJobStatus"] == "Stopped"
    assert statuses(job)[-2:] == ["Stopping", "Stopped"]


def test_workers_are_reaped(cloud: "Cloud", eventually: Eventually) -> None:
    cloud.put("train/part.csv", b"1,2\n")
    cloud.train("job", cloud.image("quick", ""))
    cloud.ended("TrainingJob", "job")
    pid = cloud.worker("TrainingJob", "job").pid

    def gone() -> bool:
        try:
            os.kill(pid, 0)  # a zombie would still take it
        except ProcessLookupError:
            return True
        return False

    eventually(gone)


def test_a_restarted_server_goes_on_with_a_job_whose_server_was_killed(
    cloud: "Cloud", running: Callable[..., None], eventually: Eventually
) -> None:
    """A first process launches the worker and is killed; a launcher in this one finds it again."""
    running(PATIENT)
    folder = cloud.launcher.folder("TrainingJob", "job")
    job = folder.read("job.json")
    code = (
        "import json, pathlib, signal, sys\n"
        "from specimen.emulator.jobs.launch import Launcher\n"
        "Launcher(pathlib.Path(sys.argv[1])).launch('TrainingJob', 'job', json.loads(sys.argv[2]))\n"
        "print('launched', flush=True)\n"
        "signal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(cloud.state), json.dumps(job)], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "launched\n"
        server.kill()
    eventually(lambda: cloud.log("job").count("ready") == 2)
    cloud.restart()
    assert cloud.describe("TrainingJob", "job")["TrainingJobStatus"] == "InProgress"
    cloud.call("StopTrainingJob", TrainingJobName="job")
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Stopped"
    assert cloud.packed("output/job/output/model.tar.gz") == {"model.txt": b"half"}


def test_a_pid_that_another_process_has_now_is_no_worker(cloud: "Cloud", running: Callable[..., None]) -> None:
    running(PATIENT)
    cloud.worker("TrainingJob", "job").signal(signal.SIGKILL)
    folder = cloud.launcher.folder("TrainingJob", "job")
    folder.write("worker.json", {"pid": os.getpid(), "started": "long ago"})
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Failed"


def test_a_worker_that_no_server_has_written_down_leaves_the_job_alone(
    cloud: "Cloud", running: Callable[..., None], eventually: Eventually
) -> None:
    """A server that starts a lost worker again may be killed before it knows the new one."""
    running(PATIENT)
    lost = cloud.worker("TrainingJob", "job")
    lost.signal(signal.SIGKILL)
    eventually(lambda: not lost.alive())
    folder = cloud.launcher.folder("TrainingJob", "job")
    code = (
        "import sys\n"
        "from specimen.emulator.jobs import worker\n"
        "worker.ACKNOWLEDGED_SECONDS = 0.1\n"
        "worker.main(sys.argv[1:])\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(folder.path)]) as unknown:
        eventually(lambda: unknown.poll() is not None or cloud.log("job").count("ready") == 2)
        unknown.kill()
    assert cloud.log("job").count("ready") == 1
    assert cloud.ended("TrainingJob", "job")["TrainingJobStatus"] == "Failed"


def test_a_container_that_was_not_written_down_yet_ends_with_its_job(
    cloud: "Cloud", running: Callable[..., None], eventually: Eventually
) -> None:
    running(PATIENT)
    container = cloud.container("TrainingJob", "job")
    cloud.launcher.folder("TrainingJob", "job").remove("container.json")
    cloud.launcher.discard("TrainingJob", "job")
    eventually(lambda: not container.alive())


def test_what_is_discarded_is_not_started_again(
    cloud: "Cloud", running: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has looked before may find that the worker was lost while its folder is being deleted."""
    running(PATIENT)
    delete, found = shutil.rmtree, []

    def late(path: Path, **more: Any) -> None:
        cloud.launcher.revive("TrainingJob", "job")
        found.append(cloud.worker("TrainingJob", "job").alive())
        delete(path, **more)

    monkeypatch.setattr(shutil, "rmtree", late)
    cloud.launcher.discard("TrainingJob", "job")
    assert found == [False]


def test_folders_of_jobs_that_were_never_acknowledged_are_swept(
    cloud: "Cloud", running: Callable[..., None], eventually: Eventually
) -> None:
    running(PATIENT)
    worker, container = cloud.worker("TrainingJob", "job"), cloud.container("TrainingJob", "job")
    cloud.launcher.sweep(lambda kind, name: True)
    assert worker.alive()
    cloud.launcher.sweep(lambda kind, name: (kind, name) != ("TrainingJob", "job"))
    eventually(lambda: not worker.alive() and not container.alive())
    assert cloud.launcher.names("TrainingJob") == ()


def test_a_request_that_fails_after_its_worker_was_started_leaves_no_worker(cloud: "Cloud") -> None:
    cloud.put("train/part.csv", b"1,2\n")
    image = cloud.image("patient", PATIENT)

    def fail() -> None:
        raise LookupError

    cloud.afterwards = fail
    with pytest.raises(LookupError):
        cloud.train("job", image)
    assert cloud.launcher.names("TrainingJob") == ()
    with pytest.raises(AwsError, match=r"Requested resource not found\."):
        cloud.describe("TrainingJob", "job")

"""Checkpoints are fetched before a container starts, and follow what it writes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import Cloud

TRAINER = """
    import json, os, pathlib, threading
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    told = json.loads((base / "input/config/checkpointconfig.json").read_text())
    folder = pathlib.Path(told["LocalPath"])
    print("found", sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))
    (folder / "round").write_text("1")
    while not (base / "go").exists():
        threading.Event().wait(0.01)
    (folder / "round").write_text("2")
    (folder / "deep").mkdir(exist_ok=True)
    (folder / "deep/last").write_text("end")
"""


@pytest.mark.parametrize("path", [None, "/opt/ml/input/kept"])
def test_checkpoints_come_down_first_and_go_up_as_they_are_written(
    cloud: "Cloud", eventually: Callable[[Callable[[], Any]], Any], path: str | None
) -> None:
    cloud.put("train/part.csv", b"1,2\n")
    cloud.put("kept/job/deep/earlier", b"0")
    config = {"S3Uri": f"s3://{cloud.bucket}/kept/job", **({"LocalPath": path} if path else {})}
    cloud.train("job", cloud.image("trainer", TRAINER), CheckpointConfig=config)
    eventually(lambda: "kept/job/round" in cloud.list("kept/") and cloud.get("kept/job/round") == b"1")
    (cloud.launcher.folder("TrainingJob", "job").path / "ml/go").touch()
    job = cloud.ended("TrainingJob", "job")
    assert job["TrainingJobStatus"] == "Completed", job
    assert job["CheckpointConfig"] == config
    assert "found ['deep/earlier']" in cloud.log("job")
    assert cloud.list("kept/") == ("kept/job/deep/earlier", "kept/job/deep/last", "kept/job/round")
    assert cloud.get("kept/job/round") == b"2"
    assert "kept" not in cloud.packed("output/job/output/model.tar.gz")

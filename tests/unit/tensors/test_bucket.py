"""The files of a prefix in S3 are read as those of a folder are."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from specimen_tensors.errors import LayoutError
from specimen_tensors.files import BLOCK, Bucket, Files, Folder
from specimen_tensors.trial import Trial
from specimen_tensors.writer import Writer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from specimen.emulator.control import Server


@pytest.fixture(scope="module")
def s3(emulator: Server) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=emulator.endpoint,
        region_name="us-east-1",
        aws_access_key_id=emulator.access_key,
        aws_secret_access_key=emulator.secret_key,
    )


@pytest.fixture
def bucket(s3: S3Client) -> str:
    name = f"tensors-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    return name


def upload(s3: S3Client, folder: Path, bucket: str, prefix: str) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            s3.upload_file(str(path), bucket, f"{prefix}/{path.relative_to(folder).as_posix()}")


def test_a_trial_is_the_same_in_a_bucket(s3: S3Client, bucket: str, tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    for step in (0, 1000):
        writer.write_step(step, {"train-rmse": 1.5 + step, "labels": [1.0, 0.0]})
    writer.write_collections({})
    writer.close()
    upload(s3, tmp_path, bucket, "jobs/one/debug-output")
    s3.put_object(Bucket=bucket, Key="jobs/one/debug-output/index/000000000/000000000005_worker_0.json.tmp", Body=b"{")
    files: list[Files] = [Folder(tmp_path), Bucket(s3, bucket, "jobs/one/debug-output/")]
    local, remote = (Trial(each) for each in files)
    assert files[0].names("") == files[1].names("")
    assert remote.ended
    assert remote.steps("labels") == local.steps("labels") == (0, 1000)
    assert remote.value("train-rmse", 1000) == local.value("train-rmse", 1000) == 1001.5


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_a_stretch_of_a_file(s3: S3Client, bucket: str, tmp_path: Path, kind: str) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    s3.put_object(Bucket=bucket, Key="file", Body=b"0123456789")
    files: Files = Folder(tmp_path) if kind == "folder" else Bucket(s3, bucket, "")
    assert files.read("file") == b"0123456789"
    assert files.read("file", 4) == b"456789"
    assert files.read("file", 4, 3) == b"456"
    assert files.read("file", 8, 9) == b"89"
    assert files.read("file", 30, 9) == b""
    assert files.read("file", 3, 0) == b""
    with pytest.raises(FileNotFoundError):
        files.read("nothing")


def test_a_missing_event_file_and_a_missing_bucket(s3: S3Client, bucket: str, tmp_path: Path) -> None:
    Writer(tmp_path).write_step(0, {"a": 1.0})
    next(tmp_path.rglob("*.tfevents")).unlink()
    upload(s3, tmp_path, bucket, "trial")
    with pytest.raises(LayoutError, match=r"000000000000_worker_0\.tfevents is missing"):
        Trial(Bucket(s3, bucket, "trial")).value("a", 0)
    with pytest.raises(ClientError, match="NoSuchBucket"):
        Trial(Bucket(s3, f"{bucket}-gone", "trial"))


def test_a_steps_tensors_are_fetched_together(s3: S3Client, bucket: str, tmp_path: Path) -> None:
    """Each value of its own is a request to S3 of its own, which takes a hundred times as long as its reading."""
    asked: list[str] = []
    s3.meta.events.register("before-call.s3.GetObject", lambda params, **_: asked.append(params["url_path"]))
    names = [f"feature_importance/gain/f{number}" for number in range(50)]
    for step in (0, 1):
        Writer(tmp_path).write_step(step, {name: float(index + step) for index, name in enumerate(names)})
    upload(s3, tmp_path, bucket, "trial")
    trial = Trial(Bucket(s3, bucket, "trial"))
    asked.clear()
    for step in (0, 1):
        assert [trial.value(name, step).item() for name in names] == [float(index + step) for index in range(50)]
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("start", "length"),
    [(0, BLOCK), (BLOCK - 3, 6), (BLOCK, 1), (2 * BLOCK - 1, BLOCK), (3, BLOCK + 7), (BLOCK + 5, 3 * BLOCK), (5, 0)],
)
def test_a_stretch_across_blocks(s3: S3Client, bucket: str, start: int, length: int) -> None:
    content = bytes(number * 7 % 251 for number in range(BLOCK)) * 2 + b"the end"
    s3.put_object(Bucket=bucket, Key="file", Body=content)
    files = Bucket(s3, bucket, "")
    for _ in range(2):
        assert files.read("file", start, length) == content[start : start + length]


def test_only_so_many_blocks_are_kept(s3: S3Client, bucket: str) -> None:
    """Those of the objects read last, so that memory does not grow with the trial."""
    asked: list[str] = []
    s3.meta.events.register("before-call.s3.GetObject", lambda params, **_: asked.append(params["url_path"]))
    files = Bucket(s3, bucket, "")
    for number in range(20):
        s3.put_object(Bucket=bucket, Key=f"file{number}", Body=f"{number}".encode())
    for number in (*range(20), 19, 18, 4, 0):
        assert files.read(f"file{number}", 0, 9) == f"{number}".encode()
    assert len(asked) == 21
    assert asked[-1].endswith("/file0")

"""The files of a prefix in S3 are read as those of a folder are."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from specimen_tensors.errors import LayoutError
from specimen_tensors.files import Bucket, Files, Folder
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

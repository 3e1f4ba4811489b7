"""Data reach an instance, and leave it, under the names that SageMaker gives them."""

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from specimen.emulator.jobs import channels
from specimen.emulator.jobs.job import JobFailed

if TYPE_CHECKING:
    from .conftest import Cloud

NO_BLOCK = b"\x1f\x8b\x08" + bytes(7) + b"\x07"  # a gzip header, and a block of a kind that there is not


def files(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("data/train/", {"a.csv": b"a", "deep/b.csv": b"b"}),
        ("data/train", {"a.csv": b"a", "deep/b.csv": b"b", "train-2.csv": b"2"}),
        ("data/train/a.csv", {"a.csv": b"a"}),
        ("data/tr", {"train/a.csv": b"a", "train/deep/b.csv": b"b", "train-2.csv": b"2"}),
        ("", {"data/train/a.csv": b"a", "data/train/deep/b.csv": b"b", "data/train-2.csv": b"2"}),
        ("nothing", {}),
    ],
)
def test_a_prefix_becomes_files_below_the_channel(
    cloud: "Cloud", tmp_path: Path, prefix: str, expected: dict[str, bytes]
) -> None:
    for key, content in (("a.csv", b"a"), ("deep/b.csv", b"b"), ("deep/", b"")):
        cloud.put(f"data/train/{key}", content)
    cloud.put("data/train-2.csv", b"2")
    count = channels.download(cloud.objects, f"s3://{cloud.bucket}/{prefix}", tmp_path / "channel")
    assert files(tmp_path / "channel") == expected
    assert count == len(expected)


def test_an_absent_bucket_has_no_objects(cloud: "Cloud", tmp_path: Path) -> None:
    assert channels.download(cloud.objects, "s3://no-such-bucket/x", tmp_path) == 0


@pytest.mark.parametrize("key", ["data/../../outside", "data//../..", "data/.."])
def test_no_key_leads_out_of_the_channel(cloud: "Cloud", tmp_path: Path, key: str) -> None:
    cloud.put(key, b"x")
    with pytest.raises(JobFailed, match="is no path of a file"):
        channels.download(cloud.objects, f"s3://{cloud.bucket}/data/", tmp_path / "channel")
    assert not (tmp_path / "outside").exists()


def test_a_key_that_is_file_and_folder_is_said(cloud: "Cloud", tmp_path: Path) -> None:
    cloud.put("data/a", b"x")
    cloud.put("data/a/b", b"y")
    with pytest.raises(JobFailed, match="both a file and a folder"):
        channels.download(cloud.objects, f"s3://{cloud.bucket}/data/", tmp_path / "channel")


def test_a_folder_is_uploaded_under_a_prefix_with_or_without_a_slash(cloud: "Cloud", tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.joinpath("deep").mkdir(parents=True)
    folder.joinpath("a.txt").write_bytes(b"a")
    folder.joinpath("deep/b.txt").write_bytes(b"b")
    for prefix in ("one", "two/"):
        channels.upload_folder(cloud.objects, folder, f"s3://{cloud.bucket}/{prefix}")
    assert cloud.list() == ("one/a.txt", "one/deep/b.txt", "two/a.txt", "two/deep/b.txt")
    assert cloud.get("two/deep/b.txt") == b"b"


def test_an_upload_to_an_absent_bucket_is_a_reason(cloud: "Cloud", tmp_path: Path) -> None:
    source = tmp_path / "a"
    source.write_bytes(b"a")
    with pytest.raises(JobFailed, match=r"ClientError: Data upload failed: .*no-such-bucket/a"):
        channels.upload(cloud.objects, source, "s3://no-such-bucket/a")


def test_equal_contents_are_packed_into_equal_bytes_and_unpacked_again(cloud: "Cloud", tmp_path: Path) -> None:
    archives = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.joinpath("deep").mkdir(parents=True)
        folder.joinpath("deep/model.json").write_text("{}")
        archive = tmp_path / f"{name}-archives" / "model.tar.gz"
        archive.parent.mkdir()
        channels.pack([folder], archive)
        archives.append(archive.read_bytes())
    assert archives[0] == archives[1]
    channels.unpack(cloud.objects, cloud.put("model.tar.gz", archives[0]), tmp_path / "again")
    assert files(tmp_path / "again") == {"deep/model.json": b"{}"}


def test_model_data_that_are_gone_or_broken_are_a_reason(cloud: "Cloud", tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match=r"Could not find model data at s3://a-bucket/model\.tar\.gz"):
        channels.unpack(cloud.objects, "s3://a-bucket/model.tar.gz", tmp_path)
    with pytest.raises(JobFailed, match="Could not untar the model data"):
        channels.unpack(cloud.objects, cloud.put("model.tar.gz", b"no archive"), tmp_path)


def test_model_data_damaged_in_the_middle_are_a_reason(cloud: "Cloud", tmp_path: Path) -> None:
    folder, archive = tmp_path / "model", tmp_path / "model.tar.gz"
    folder.mkdir()
    folder.joinpath("xgboost-model").write_bytes(bytes(200_000))
    channels.pack([folder], archive)
    damaged = gzip.compress(gzip.decompress(archive.read_bytes())[:100_000]) + NO_BLOCK
    with pytest.raises(JobFailed, match=r"Could not untar the model data at .*: Error -3"):
        channels.unpack(cloud.objects, cloud.put("model.tar.gz", damaged), tmp_path / "out")

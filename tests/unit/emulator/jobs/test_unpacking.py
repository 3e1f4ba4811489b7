"""Archives and keys that would lead out of a folder, and what else a job may be given that no file can be called."""

import io
import os
import stat
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimen.emulator.jobs import channels
from specimen.emulator.jobs.instance import local
from specimen.emulator.jobs.job import JobFailed
from specimen.emulator.objects import Objects

if TYPE_CHECKING:
    from .conftest import Cloud

PARTS = st.sampled_from(["..", ".", "", "a", "b", "\0", "é", "e\u0301", "x" * 256, "~", "C:", "\n", "\u202e"])
PATHS = st.builds("".join, st.tuples(st.sampled_from(["", "/"]), st.lists(PARTS, min_size=1, max_size=3).map("/".join)))


def packed(*members: tuple[str, Any]) -> bytes:
    """Form an archive of names with a content each, or with a type and the target of a link."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.pax_headers = {"path": name}  # else a name ends with its first NUL
            if isinstance(content, bytes):
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
            else:
                member.type, member.linkname = content
                tar.addfile(member)
    return stream.getvalue()


def unpacked(archive: bytes, outer: Path) -> Path:
    """Unpack an archive below ``outer/inner/model``."""
    objects = Objects(outer / "objects")
    objects.create_bucket("models")
    objects.put("models", "model.tar.gz", archive)
    try:
        channels.unpack(objects, "s3://models/model.tar.gz", outer / "inner" / "model")
    finally:
        objects.close()
    return outer / "inner" / "model"


@pytest.mark.parametrize(
    "members",
    [
        [("../outside", b"x")],
        [("a/../../outside", b"x")],
        [("link", (tarfile.SYMTYPE, "/etc")), ("link/outside", b"x")],
        [("link", (tarfile.SYMTYPE, "..")), ("link/outside", b"x")],
        [("link", (tarfile.SYMTYPE, "a"))],
        [("passwd", (tarfile.LNKTYPE, "/etc/passwd"))],
        [("a", b"x"), ("link", (tarfile.LNKTYPE, "a"))],
        [("null", (tarfile.CHRTYPE, ""))],
        [("pipe", (tarfile.FIFOTYPE, ""))],
        [("x" * 300, b"x")],
        [("a\0b", b"x")],
    ],
)
def test_an_archive_that_leads_elsewhere_fails_the_job(tmp_path: Path, members: list[tuple[str, Any]]) -> None:
    """By a path, a link or a device; the reason names the archive."""
    with pytest.raises(JobFailed, match=r"Could not untar the model data at s3://models/model\.tar\.gz"):
        unpacked(packed(*members), tmp_path)
    assert not list(tmp_path.rglob("outside"))
    assert [path.name for path in (tmp_path / "inner").iterdir()] == ["model"]


def test_a_models_files_are_their_owners(tmp_path: Path) -> None:
    """Whatever the archive says of its members, beyond that its owner may run them."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name, mode in (("plain", 0o666), ("run", 0o4777), ("none", 0o000)):
            member = tarfile.TarInfo(f"deep/{name}")
            member.mode, member.uid = mode, 12345
            tar.addfile(member)
    model = unpacked(stream.getvalue(), tmp_path)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in model.rglob("*") if path.is_file()}
    assert modes == {"plain": 0o600, "run": 0o700, "none": 0o600}
    assert {path.stat().st_uid for path in model.rglob("*")} == {os.getuid()}


@settings(max_examples=50, deadline=None)
@given(st.lists(PATHS, min_size=1, max_size=4))
def test_no_members_name_leads_out(names: list[str]) -> None:
    """It ends below the folder, or the job fails."""
    with TemporaryDirectory() as folder:
        outer = Path(folder)
        archive = packed(*((name, b"x") for name in names))
        try:
            unpacked(archive, outer)
        except JobFailed as failed:
            assert "Could not untar" in str(failed)
        assert sorted(path.name for path in outer.iterdir()) == ["inner", "objects"]
        assert [path.name for path in (outer / "inner").iterdir()] == ["model"]


@settings(max_examples=50, deadline=None)
@given(st.lists(PATHS, min_size=1, max_size=4))
def test_no_key_leads_out(keys: list[str]) -> None:
    """Of the objects of a channel; a key that no file can be called fails the job."""
    with TemporaryDirectory() as folder:
        outer = Path(folder)
        objects = Objects(outer / "objects")
        objects.create_bucket("data")
        for key in keys:
            objects.put("data", f"in/{key}", b"x")
        try:
            channels.download(objects, "s3://data/in/", outer / "inner" / "channel")
        except JobFailed as failed:
            assert "Data download failed" in str(failed)
        finally:
            objects.close()
        assert {path.name for path in outer.iterdir()} <= {"inner", "objects"}
        assert {path.name for path in outer.glob("inner/*")} <= {"channel"}


@given(PATHS)
def test_no_local_path_leads_out(path: str) -> None:
    """Of a processing job's inputs and outputs."""
    base = Path("/state/ml")
    try:
        assert local(base, f"/opt/ml/{path}").is_relative_to(base)
    except JobFailed as failed:
        assert "does not lie under /opt/ml" in str(failed)


def test_a_variable_that_no_process_can_have_fails_the_job(cloud: "Cloud") -> None:
    """AWS's pattern lets a NUL through; the reason is told."""
    cloud.put("train/a.csv", b"1")
    cloud.train("nul", cloud.image("any", "pass"), Environment={"COLOUR": "gr\0en"})
    described = cloud.ended("TrainingJob", "nul")
    assert described["TrainingJobStatus"] == "Failed"
    assert "cannot start the container" in described["FailureReason"]

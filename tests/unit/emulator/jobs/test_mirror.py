"""A folder's files are copied when they are whole, so that a reader of the copy never misses what an index leads to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from specimen.emulator.jobs.job import JobFailed
from specimen.emulator.jobs.mirror import BATCH, Mirror
from specimen.emulator.objects import Objects


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[Objects]:
    """A store with one bucket."""
    opened = Objects(tmp_path / "objects")
    opened.create_bucket("bucket")
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder."""
    made = tmp_path / "folder"
    made.mkdir()
    return made


def copied(objects: Objects) -> dict[str, bytes]:
    """Return what has been copied."""
    found = {}
    for meta in objects.list("bucket"):
        with objects.open("bucket", meta.key) as stream:
            found[meta.key] = stream.read()
    return found


def test_a_file_is_copied_once_it_has_its_name_and_again_when_it_changes(objects: Objects, folder: Path) -> None:
    mirror = Mirror(objects, folder, "s3://bucket/a/")
    (folder / "one.tmp").write_text("1")
    mirror.look()
    assert copied(objects) == {}
    (folder / "one.tmp").rename(folder / "one")
    mirror.look()
    first = objects.need("bucket", "a/one")
    mirror.look()
    assert objects.need("bucket", "a/one") == first
    (folder / "one").write_text("changed")
    mirror.look()
    assert copied(objects) == {"a/one": b"changed"}


def test_a_file_that_has_to_settle_is_copied_when_it_is_found_the_same_again(objects: Objects, folder: Path) -> None:
    mirror = Mirror(objects, folder, "s3://bucket/a", settle=True)
    (folder / "one").write_text("1")
    mirror.look()
    (folder / "one").write_text("12")
    mirror.look()
    assert copied(objects) == {}
    mirror.look()
    assert copied(objects) == {"a/one": b"12"}
    (folder / "two.tmp").write_text("2")
    mirror.look(last=True)
    assert copied(objects) == {"a/one": b"12", "a/two.tmp": b"2"}


def test_an_index_comes_after_all_it_can_lead_to_and_the_end_after_both(folder: Path, tmp_path: Path) -> None:
    """In batches: what is stored at once, in the order in which it is stored."""
    stored: list[list[str]] = []

    class Noting(Objects):
        """Notes what is stored."""

        def put_all(self, bucket: str, files: object) -> None:
            stored.append(list(files))  # type: ignore[call-overload] # a mapping, by its keys

    for name in ("training_job_end.ts", "claim.smd"):
        (folder / name).touch()
    for step in range(BATCH):
        for path in (folder / f"index/000/{step:06}.json", folder / f"events/{step:06}/{step:06}.tfevents"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    Mirror(Noting(tmp_path / "objects"), folder, "s3://bucket").look()
    names = [name for batch in stored for name in batch]
    assert [len(batch) for batch in stored] == [BATCH, BATCH, 2]
    assert names[0] == "claim.smd"
    assert all(name.startswith("events/") for name in names[1 : BATCH + 1])
    assert names[BATCH + 1 : -1] == [f"index/000/{step:06}.json" for step in range(BATCH)]
    assert names[-1] == "training_job_end.ts"


def test_what_s3_refuses_fails_the_job(objects: Objects, folder: Path) -> None:
    (folder / "one").write_text("1")
    with pytest.raises(JobFailed, match=r"Data upload failed: .* does not exist \(s3://no-bucket/a\)"):
        Mirror(objects, folder, "s3://no-bucket/a").look()


def test_a_folder_that_is_not_there_has_no_files(objects: Objects, folder: Path) -> None:
    Mirror(objects, folder / "none", "s3://bucket").look(last=True)
    assert copied(objects) == {}

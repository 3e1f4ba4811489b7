"""The object store: durable, in order, and never outside its folder."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from specimen.emulator.blobs import ORPHAN_SECONDS, chunks
from specimen.emulator.errors import AwsError
from specimen.emulator.objects import PAGE, Objects

WRITER = """
import sys
from pathlib import Path
from specimen.emulator.objects import Objects

objects = Objects(Path(sys.argv[1]))
for number in range(1_000_000):
    objects.put("bucket", f"{number:06d}", str(number).encode() * 1000)
    print(number, flush=True)
"""


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[Objects]:
    store = Objects(tmp_path / "objects")
    store.create_bucket("bucket")
    yield store
    store.close()


def files(root: Path) -> list[Path]:
    return [path for path in (root / "blobs").rglob("*") if path.is_file()]


def test_an_object_comes_back_with_all_that_is_known_of_it(objects: Objects) -> None:
    """Content, size, MD5 as ETag, and the headers that were sent with it."""
    put = objects.put("bucket", "a/b.csv", io.BytesIO(b"1,2\n"), headers={"content-type": "text/csv"})
    meta, file = objects.read("bucket", "a/b.csv")
    with file:
        assert file.read() == b"1,2\n"
    assert meta == put == objects.get("bucket", "a/b.csv")
    assert (meta.size, meta.etag) == (4, "3ecfad755fa825f7a17c5526ec44e651")
    assert meta.headers == {"content-type": "text/csv"}
    assert objects.path("bucket", "a/b.csv").read_bytes() == b"1,2\n"


@pytest.mark.parametrize(
    "key", ["../../../outside", "/etc/passwd", "a/../../b", ".", "..", "a\x00b", "a" * 1024, "ü/💾"]
)
def test_no_key_leads_out_of_the_folder(tmp_path: Path, objects: Objects, key: str) -> None:
    """A key is looked up, never used as a path."""
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    objects.put("bucket", key, b"x")
    with objects.open("bucket", key) as file:
        assert file.read() == b"x"
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert all(path.is_relative_to(tmp_path / "objects" / "blobs") for path in new if "sqlite" not in path.name)
    assert [meta.key for meta in objects.list("bucket")] == [key]


@pytest.mark.parametrize("name", ["..", "a", "A-b", "a/b", "-ab", "ab-", "a..b", "1.2.3.4", "a" * 64, "a_b", ""])
def test_a_bucket_name_that_s3_refuses_is_refused(objects: Objects, name: str) -> None:
    """Three to 63 characters: lower case, digits, hyphens, single dots; no IP address."""
    with pytest.raises(AwsError) as raised:
        objects.create_bucket(name)
    assert raised.value.code == "InvalidBucketName"


def test_a_key_of_more_than_1024_bytes_is_refused(objects: Objects) -> None:
    """Bytes, not characters, are counted."""
    with pytest.raises(AwsError, match="too long"):
        objects.put("bucket", "ü" * 513, b"")


def test_what_is_absent_is_said_to_be(objects: Objects) -> None:
    """A bucket that does not exist is another error than a key that does not."""
    for call in (objects.get, objects.open, objects.path, objects.delete):
        with pytest.raises(AwsError) as raised:
            call("no-such-bucket", "key")
        assert raised.value.code == "NoSuchBucket"
    assert objects.get("bucket", "key") is None
    assert not objects.delete("bucket", "key")
    with pytest.raises(AwsError) as raised:
        objects.open("bucket", "key")
    assert (raised.value.code, raised.value.status) == ("NoSuchKey", 404)


def test_replacing_and_deleting_leave_no_file_behind(tmp_path: Path, objects: Objects) -> None:
    """Disk use is what the bucket holds."""
    objects.put("bucket", "a", b"one")
    objects.put("bucket", "a", b"two")
    assert [path.read_bytes() for path in files(tmp_path / "objects")] == [b"two"]
    assert objects.delete("bucket", "a")
    assert files(tmp_path / "objects") == []


def test_a_reader_goes_on_with_the_object_it_opened(objects: Objects) -> None:
    """A replacement, and a deletion, do not change what is being read."""
    objects.put("bucket", "a", b"old")
    with objects.open("bucket", "a") as file:
        objects.put("bucket", "a", b"new")
        objects.delete("bucket", "a")
        assert file.read() == b"old"


def test_an_upload_that_fails_leaves_nothing(tmp_path: Path, objects: Objects) -> None:
    """Neither an object nor a file."""

    def breaks() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        objects.put("bucket", "a", breaks())
    assert objects.get("bucket", "a") is None
    assert files(tmp_path / "objects") == []


def test_an_object_that_must_be_absent_is_kept(tmp_path: Path, objects: Objects) -> None:
    """The first writer wins, and the second one's file goes."""
    objects.put("bucket", "a", b"first", if_absent=True)
    with pytest.raises(AwsError) as raised:
        objects.put("bucket", "a", b"second", if_absent=True)
    assert (raised.value.code, raised.value.status) == ("PreconditionFailed", 412)
    assert [path.read_bytes() for path in files(tmp_path / "objects")] == [b"first"]


def test_keys_are_listed_in_the_order_of_their_bytes(objects: Objects) -> None:
    """As S3 does: a hyphen before a slash, capitals before small letters, UTF-8 last."""
    keys = ["a/b", "a-b", "a", "B", "ü", "a/", "💾", "a/b/c"]
    for key in keys:
        objects.put("bucket", key, b"")
    assert [meta.key for meta in objects.list("bucket")] == sorted(keys, key=str.encode)
    assert [meta.key for meta in objects.list("bucket", "a/")] == ["a/", "a/b", "a/b/c"]
    assert [meta.key for meta in objects.list("bucket", "a/", after="a/b")] == ["a/b/c"]
    assert list(objects.list("bucket", "z")) == []


def test_a_listing_is_read_page_by_page(objects: Objects) -> None:
    """More keys than a page holds are all found, once each, also while others are written."""
    blob = objects.put("bucket", "0", b"")
    with objects.index() as index:
        rows = [("bucket", f"k{number:05d}".encode(), blob.blob, 0, "", 0.0, "{}") for number in range(2 * PAGE + 5)]
        index.executemany("INSERT INTO object VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    listing = objects.list("bucket", "k")
    first = next(listing)
    objects.put("bucket", "k", b"before what was read")
    assert [first.key, *(meta.key for meta in listing)] == [f"k{number:05d}" for number in range(2 * PAGE + 5)]


def test_a_copy_shares_the_content_until_one_is_deleted(objects: Objects) -> None:
    """It costs no bytes, and outlives its source."""
    source = objects.put("bucket", "a", b"content", headers={"content-type": "text/csv"})
    copy = objects.copy(source, "bucket", "b", {"content-type": "text/plain"})
    assert objects.path("bucket", "a").samefile(objects.path("bucket", "b"))
    objects.delete("bucket", "a")
    with objects.open("bucket", "b") as file:
        assert file.read() == b"content"
    assert (copy.etag, copy.headers) == (source.etag, {"content-type": "text/plain"})


def test_a_bucket_is_deleted_when_it_is_empty(objects: Objects) -> None:
    """Not before."""
    assert not objects.create_bucket("bucket")
    objects.put("bucket", "a", b"")
    with pytest.raises(AwsError) as raised:
        objects.delete_bucket("bucket")
    assert raised.value.code == "BucketNotEmpty"
    objects.delete("bucket", "a")
    objects.delete_bucket("bucket")
    assert objects.buckets() == ()


def test_a_sweep_removes_what_dead_processes_left(tmp_path: Path, objects: Objects) -> None:
    """Old files that no index names go; new ones may be an upload that goes on."""
    objects.put("bucket", "a", b"kept")
    old, new = objects.blobs.write([b"old"]), objects.blobs.write([b"new"])
    long_ago = objects.blobs.path(old.name).stat().st_mtime - 2 * ORPHAN_SECONDS
    for name in (old.name, objects.need("bucket", "a").blob):
        os.utime(objects.blobs.path(name), (long_ago, long_ago))
    assert objects.sweep() == 1
    assert {path.read_bytes() for path in files(tmp_path / "objects")} == {b"kept", b"new"}
    assert objects.blobs.path(new.name).exists()


def test_a_content_that_is_gone_from_disk_is_an_error_of_ours(objects: Objects) -> None:
    """It does not look like an object that was never there."""
    objects.put("bucket", "a", b"x")
    objects.path("bucket", "a").unlink()
    with pytest.raises(AwsError) as raised:
        objects.open("bucket", "a")
    assert (raised.value.code, raised.value.status) == ("InternalError", 500)


def test_another_process_sees_the_same_objects(tmp_path: Path, objects: Objects) -> None:
    """A job's worker opens the store by its folder alone."""
    objects.put("bucket", "a", b"mine")
    code = "import sys; from pathlib import Path; from specimen.emulator.objects import Objects\n"
    code += (
        "store = Objects(Path(sys.argv[1])); print(store.open('bucket', 'a').read()); store.put('bucket', 'b', b'its')"
    )
    run = [sys.executable, "-c", code, str(tmp_path / "objects")]
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip() == "b'mine'"
    with objects.open("bucket", "b") as file:
        assert file.read() == b"its"


def test_acknowledged_objects_survive_a_kill(tmp_path: Path, objects: Objects) -> None:
    """A writer is killed in the middle: every object it told of is there, and every object there is whole."""
    root = tmp_path / "objects"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(root)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(15)]
        os.kill(writer.pid, signal.SIGKILL)
    keys = [meta.key for meta in objects.list("bucket")]
    assert keys[: len(told)] == [f"{number:06d}" for number in told]
    for key in keys:
        with objects.open("bucket", key) as file:
            assert file.read() == str(int(key)).encode() * 1000


def test_content_is_taken_in_pieces() -> None:
    """Bytes, a stream and an iterator are all the same."""
    assert b"".join(chunks(b"abc")) == b"abc"
    assert b"".join(chunks(io.BytesIO(b"abc"))) == b"abc"
    assert b"".join(chunks(iter([b"a", b"bc"]))) == b"abc"


def test_several_files_are_stored_at_once(tmp_path: Path, objects: Objects) -> None:
    objects.put("bucket", "a/1", b"old")
    for name in ("1", "2"):
        (tmp_path / name).write_text(f"new {name}")
    objects.put_all("bucket", {f"a/{name}": tmp_path / name for name in ("1", "2")})
    assert [meta.key for meta in objects.list("bucket")] == ["a/1", "a/2"]
    with objects.open("bucket", "a/1") as stream:
        assert stream.read() == b"new 1"
    assert len(files(tmp_path / "objects")) == 2


def test_of_several_files_none_is_stored_if_one_is_missing(tmp_path: Path, objects: Objects) -> None:
    (tmp_path / "1").write_text("1")
    with pytest.raises(FileNotFoundError):
        objects.put_all("bucket", {"a/1": tmp_path / "1", "a/2": tmp_path / "2"})
    with pytest.raises(AwsError, match="does not exist"):
        objects.put_all("no-bucket", {"a/1": tmp_path / "1"})
    with pytest.raises(AwsError, match="too long"):
        objects.put_all("bucket", {"a" * 1025: tmp_path / "1"})
    assert list(objects.list("bucket")) == []
    assert files(tmp_path / "objects") == []

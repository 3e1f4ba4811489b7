"""Data between the object store and an instance's disk."""

import gzip
import lzma
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, BinaryIO, cast
from urllib.parse import urlsplit

from specimen.emulator.errors import AwsError
from specimen.emulator.jobs.job import JobFailed
from specimen.emulator.objects import Meta, Objects

NO_OBJECTS = (
    'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket exists in the '
    "selected region ({region}), that objects exist under that S3 prefix, and that the role "
    '"{role}" has "s3:ListBucket" permissions on bucket "{bucket}".'
)

NAME_BYTES = 255  # of a file's name


def split(uri: str) -> tuple[str, str]:
    """Take an S3 URI apart: bucket and key, or prefix."""
    parts = urlsplit(uri, allow_fragments=False)
    query = f"?{parts.query}" if parts.query else ""
    return parts.netloc, (parts.path + query).removeprefix("/")


def join(uri: str, *segments: str) -> str:
    """Append segments to an S3 URI that may or may not end with a slash."""
    return "/".join((uri.rstrip("/"), *segments))


def matches(objects: Objects, uri: str) -> Iterator[tuple[Meta, str]]:
    """Find the objects whose keys begin with a prefix, each with its path relative to it, as SageMaker forms it.

    A prefix is no folder: ``s3://b/train`` matches ``train/a.csv`` (path ``a.csv``) and ``train-2.csv`` as well.
    """
    bucket, prefix = split(uri)
    folder = len(prefix.rpartition("/")[0]) + 1 if "/" in prefix else 0
    try:
        for meta in objects.list(bucket, prefix):
            inside = meta.key[len(prefix) :].startswith("/")
            path = meta.key[len(prefix) + 1 :] if inside else meta.key[folder:]
            if path and not path.endswith("/"):  # a key with a slash at its end is a console's "folder"
                yield meta, path
    except AwsError as problem:
        if problem.code != "NoSuchBucket":
            raise


def missing(uri: str, region: str, role: str) -> str:
    """Form SageMaker's complaint about an S3 URI under which there is nothing."""
    return NO_OBJECTS.format(uri=uri, region=region, role=role, bucket=split(uri)[0])


def download(objects: Objects, uri: str, target: Path) -> int:
    """Copy all objects of a prefix below a folder and return how many there were."""
    return copy(objects, matches(objects, uri), target)


def copy(objects: Objects, found: Iterable[tuple[Meta, str]], target: Path) -> int:
    """Copy objects to their paths below a folder and return how many there were."""
    placed = [(meta, _inside(target, path)) for meta, path in found]
    for meta, path in placed:
        _copy(objects, meta, path)
    return len(placed)


def _inside(folder: Path, path: str) -> Path:
    target = Path(os.path.normpath(folder / path.lstrip("/")))
    named = "\0" not in path and all(len(os.fsencode(part)) <= NAME_BYTES for part in path.split("/"))
    if not named or not target.is_relative_to(folder) or target == folder:
        raise JobFailed(f"ClientError: Data download failed: the key {path!r} is no path of a file.")
    return target


def _copy(objects: Objects, meta: Meta, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with objects.open(meta.bucket, meta.key) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
    except AwsError as problem:
        uri = f"s3://{meta.bucket}/{meta.key}"
        raise JobFailed(f"ClientError: Data download failed: {problem.message} ({uri})") from problem
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as problem:
        raise JobFailed(f"ClientError: Data download failed: {meta.key} is both a file and a folder.") from problem


def upload(objects: Objects, source: Path, uri: str) -> None:
    """Store a file; `JobFailed` where S3 would refuse it."""
    with source.open("rb") as stream:
        upload_stream(objects, stream, uri)


def upload_stream(objects: Objects, stream: IO[bytes], uri: str) -> None:
    """Store what a stream holds; `JobFailed` where S3 would refuse it."""
    bucket, key = split(uri)
    try:
        objects.put(bucket, key, cast(BinaryIO, stream))
    except AwsError as problem:
        raise JobFailed(f"ClientError: Data upload failed: {problem.message} ({uri})") from problem


def upload_folder(objects: Objects, folder: Path, uri: str) -> None:
    """Store every file below a folder under a prefix."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            upload(objects, path, join(uri, path.relative_to(folder).as_posix()))


def pack(folders: Sequence[Path], archive: Path) -> None:
    """Write what folders hold as one .tar.gz, of equal paths the first folder's; equal contents give equal bytes."""
    found = {path.relative_to(folder): path for folder in reversed(folders) for path in folder.rglob("*")}
    with (
        gzip.GzipFile(archive, "wb", compresslevel=6, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as tar,
    ):
        for name in sorted(found):
            tar.add(found[name], name.as_posix(), recursive=False, filter=_anonymous)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = 0
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def unpack(objects: Objects, uri: str, folder: Path) -> None:
    """Unpack a model's .tar.gz from the object store into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with objects.open(*split(uri)) as stream, tarfile.open(fileobj=stream, mode="r:*") as tar:
            tar.extractall(folder, filter=_inside_only)  # noqa: S202 - the filter refuses all that could lead out
    except AwsError as problem:
        raise JobFailed(f"ClientError: Could not find model data at {uri}.") from problem
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error, lzma.LZMAError) as problem:
        raise JobFailed(f"ClientError: Could not untar the model data at {uri}: {problem}") from problem


def _inside_only(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo:
    """Let in files and folders below a folder, for their owner alone; a link could lead anywhere and is refused."""
    if not (member.isfile() or member.isdir()):
        raise tarfile.FilterError(f"{member.name!r} is neither a file nor a folder")
    checked = tarfile.data_filter(member, folder)
    owner = 0o700 if member.isdir() else 0o600 | (member.mode & 0o100)
    return checked.replace(mode=owner, deep=False)

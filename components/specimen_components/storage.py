"""S3 objects by URI: read, write, list, copy to and from files."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from specimen_components.clients import Aws, translated
from specimen_components.problems import Failure


@dataclass(frozen=True)
class Object:
    """One object: its URI, size in bytes, and ETag without quotes."""

    uri: str
    size: int
    etag: str


def parsed(uri: str) -> tuple[str, str]:
    """Split ``s3://bucket/key`` into bucket and key; raise `Failure` when it is no such URI."""
    parts = urlsplit(uri, allow_fragments=False)
    if parts.scheme != "s3" or not parts.netloc:
        raise Failure(f"not an S3 URI: {uri}", hint="Write it as s3://bucket/key.")
    return parts.netloc, uri.removeprefix(f"s3://{parts.netloc}").removeprefix("/")


def joined(prefix: str, *names: str) -> str:
    """Put names below a prefix, with one slash between."""
    return "/".join([prefix.rstrip("/"), *names])


def read(aws: Aws, uri: str) -> bytes:
    """Give an object's whole content."""
    bucket, key = parsed(uri)
    response = aws.call("s3", "GetObject", {"Bucket": bucket, "Key": key})
    with translated("GetObject"):
        content: bytes = response["Body"].read()
    return content


def find(aws: Aws, uri: str) -> Object | None:
    """Describe an object; None when there is none."""
    bucket, key = parsed(uri)
    head = aws.find("s3", "HeadObject", {"Bucket": bucket, "Key": key})
    return None if head is None else Object(uri, head["ContentLength"], head["ETag"].strip('"'))


def write(aws: Aws, uri: str, content: bytes, content_type: str = "application/octet-stream") -> None:
    """Write an object whole; it is there when this returns."""
    bucket, key = parsed(uri)
    aws.call("s3", "PutObject", {"Bucket": bucket, "Key": key, "Body": content, "ContentType": content_type})


def listing(aws: Aws, prefix: str) -> Iterator[Object]:
    """Give every object whose URI starts with `prefix`, in the order of their keys."""
    bucket, key = parsed(prefix)
    asked = {"Bucket": bucket, "Prefix": key}
    while True:
        page = aws.call("s3", "ListObjectsV2", asked)
        for item in page.get("Contents", []):
            yield Object(f"s3://{bucket}/{item['Key']}", item["Size"], item["ETag"].strip('"'))
        if not page.get("IsTruncated"):
            return
        asked = {**asked, "ContinuationToken": page["NextContinuationToken"]}


def download(aws: Aws, uri: str, path: Path) -> None:
    """Copy an object into a file, in parts and in parallel when it is large; raise `Failure` when the disk is full."""
    bucket, key = parsed(uri)
    client = aws.client("s3")
    with writing(str(path)), translated("GetObject"):
        client.download_file(bucket, key, str(path))


def upload(aws: Aws, path: Path, uri: str, content_type: str = "application/octet-stream") -> None:
    """Copy a file into an object, in parts and in parallel when it is large."""
    bucket, key = parsed(uri)
    client = aws.client("s3")
    with translated("PutObject"):
        client.upload_file(str(path), bucket, key, ExtraArgs={"ContentType": content_type})


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Turn the file system's refusal to write, such as for want of space, into a `Failure` that says what."""
    try:
        yield
    except OSError as error:
        raise Failure(
            f"{what} cannot be written: {error.strerror or error}",
            hint="Free space on this volume, or set TMPDIR to a folder on one that has more and may be written.",
        ) from error

"""Stand-ins that work: real objects with the behaviour that a test needs of AWS."""

import hashlib
import io
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError


class Buckets:
    """S3 in memory, as boto3's client has it: what was written is there, and what was not is refused as AWS does."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.writes: list[str] = []  # the URI of each write, in order
        self.reads: list[str] = []

    def put(self, uri: str, content: bytes | str) -> None:
        """Have an object there from the start."""
        self.objects[uri] = content.encode() if isinstance(content, str) else content

    def text(self, uri: str) -> str:
        """Give an object's content as text."""
        return self.objects[uri].decode()

    def head_object(self, **asked: Any) -> dict[str, Any]:
        content = self._content("HeadObject", asked["Bucket"], asked["Key"])
        return {"ContentLength": len(content), "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'}

    def get_object(self, **asked: Any) -> dict[str, Any]:
        content = self._content("GetObject", asked["Bucket"], asked["Key"])
        self.reads.append(_uri(asked["Bucket"], asked["Key"]))
        start, _, end = asked.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        stretch = content[int(start) : int(end) + 1 if end else None]
        return {**self.head_object(**asked), "Body": io.BytesIO(stretch)}

    def put_object(self, **asked: Any) -> dict[str, Any]:
        self.writes.append(_uri(asked["Bucket"], asked["Key"]))
        self.objects[self.writes[-1]] = asked["Body"]
        return {}

    def list_objects_v2(self, **asked: Any) -> dict[str, Any]:
        bucket, found = asked["Bucket"], []
        for uri, content in sorted(self.objects.items()):
            key = urlsplit(uri).path.removeprefix("/")
            if uri.startswith(_uri(bucket, asked["Prefix"])):
                found.append({"Key": key, "Size": len(content), "ETag": '"0"'})
        return {"Contents": found, "IsTruncated": False}

    def get_paginator(self, operation: str) -> "Buckets":
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        return [self.list_objects_v2(**asked)]

    def download_file(self, bucket: str, key: str, path: str) -> None:
        Path(path).write_bytes(self.get_object(Bucket=bucket, Key=key)["Body"].read())

    def upload_file(self, path: str, bucket: str, key: str, ExtraArgs: dict[str, str]) -> None:  # noqa: N803 - boto3's
        self.put_object(Bucket=bucket, Key=key, Body=Path(path).read_bytes(), **ExtraArgs)

    def _content(self, operation: str, bucket: str, key: str) -> bytes:
        try:
            return self.objects[_uri(bucket, key)]
        except KeyError:
            code = "404" if operation == "HeadObject" else "NoSuchKey"
            refused: Any = {
                "Error": {"Code": code, "Message": "Not Found"},
                "ResponseMetadata": {"HTTPStatusCode": 404},
            }
            raise ClientError(refused, operation) from None


def _uri(bucket: str, key: str) -> str:
    return f"s3://{bucket}/{key}"

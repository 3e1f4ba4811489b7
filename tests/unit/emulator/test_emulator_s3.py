"""S3 as boto3 sees it: buckets, objects, listings, copies and uploads in parts."""

import io
import os
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import urllib3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from specimen.emulator.control import Server

PART = 5 << 20


def client(server: "Server", **options: Any) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name=server.region,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        config=Config(retries={"max_attempts": 1}, **options),
    )


@pytest.fixture(scope="module")
def s3(emulator: "Server") -> "S3Client":
    return client(emulator)


@pytest.fixture
def bucket(s3: "S3Client") -> str:
    name = f"test-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    return name


def code(call: Callable[..., Any], **arguments: Any) -> tuple[str, int]:
    """Return the error's code and HTTP status of a call that is refused."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    response = raised.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_buckets(s3: "S3Client", bucket: str) -> None:
    """Creating one twice is no error in us-east-1; an absent one is a 404."""
    s3.create_bucket(Bucket=bucket)
    s3.head_bucket(Bucket=bucket)
    assert bucket in [found["Name"] for found in s3.list_buckets()["Buckets"]]
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    s3.delete_bucket(Bucket=bucket)
    assert code(s3.head_bucket, Bucket=bucket) == ("404", 404)
    assert code(s3.delete_bucket, Bucket=bucket) == ("NoSuchBucket", 404)
    wrong = {"LocationConstraint": "eu-west-1"}
    answer = code(s3.create_bucket, Bucket=bucket, CreateBucketConfiguration=wrong)
    assert answer == ("IllegalLocationConstraintException", 400)


KEYS = [
    "plain",
    "a/b/c.csv",
    "with space + plus",
    "ü/💾",
    "per%2Fcent%41",
    "a//b",
    "tab\tand&<xml>",
    "trailing/",
    "?x=1#y",
]


@pytest.mark.parametrize("key", KEYS)
def test_an_object_of_any_key(s3: "S3Client", bucket: str, key: str) -> None:
    """What is put is got, listed under its own name, and deleted."""
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), ContentType="text/csv", Metadata={"one": "1"})
    got = s3.get_object(Bucket=bucket, Key=key)
    assert got["Body"].read() == key.encode()
    assert (got["ContentType"], got["Metadata"], got["ContentLength"]) == ("text/csv", {"one": "1"}, len(key.encode()))
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=bucket, Key=key)
    assert code(s3.get_object, Bucket=bucket, Key=key) == ("NoSuchKey", 404)


def test_head_describes_without_a_body(s3: "S3Client", bucket: str) -> None:
    """Length, ETag and time; an absent key is a bare 404."""
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"12345")
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ContentLength"], head["ETag"], head["ContentType"]) == (5, put["ETag"], "binary/octet-stream")
    assert abs(head["LastModified"] - datetime.now(UTC)) < timedelta(minutes=1)
    assert code(s3.head_object, Bucket=bucket, Key="absent") == ("404", 404)
    assert code(s3.head_object, Bucket="no-such-bucket", Key="k") == ("404", 404)


@pytest.mark.parametrize(
    ("asked", "sent", "shown"),
    [
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=5-99", b"56789", "bytes 5-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
    ],
)
def test_a_range(s3: "S3Client", bucket: str, asked: str, sent: bytes, shown: str) -> None:
    """Part of an object, and where it stands in the whole."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    got = s3.get_object(Bucket=bucket, Key="k", Range=asked)
    assert (got["Body"].read(), got["ContentRange"]) == (sent, shown)
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206


def test_a_range_outside_and_one_that_is_none(s3: "S3Client", bucket: str) -> None:
    """The first is 416, the second is ignored, as RFC 9110 wants it."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    assert code(s3.get_object, Bucket=bucket, Key="k", Range="bytes=10-") == ("InvalidRange", 416)
    for header in ("bytes=5-2", "lines=1-2", "bytes=-"):
        assert s3.get_object(Bucket=bucket, Key="k", Range=header)["Body"].read() == b"0123456789"


def test_conditions_on_reading(s3: "S3Client", bucket: str) -> None:
    """An object that the client has is a 304, one that has changed a 412."""
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    get = s3.get_object
    assert code(get, Bucket=bucket, Key="k", IfNoneMatch=etag)[1] == 304
    assert code(s3.head_object, Bucket=bucket, Key="k", IfNoneMatch=etag)[1] == 304
    assert code(get, Bucket=bucket, Key="k", IfMatch='"other"') == ("PreconditionFailed", 412)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert code(get, Bucket=bucket, Key="k", IfModifiedSince=tomorrow)[1] == 304
    yesterday = tomorrow - timedelta(days=2)
    assert code(get, Bucket=bucket, Key="k", IfUnmodifiedSince=yesterday) == ("PreconditionFailed", 412)
    assert get(Bucket=bucket, Key="k", IfMatch=etag, IfModifiedSince=yesterday)["Body"].read() == b"x"


def test_conditions_on_writing(s3: "S3Client", bucket: str) -> None:
    """Only if the key is free; only if the object is the one we know."""
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    assert code(s3.put_object, Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*") == ("PreconditionFailed", 412)
    assert code(s3.put_object, Bucket=bucket, Key="k", Body=b"2", IfMatch='"x"') == ("PreconditionFailed", 412)
    s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"3"


def test_listing_with_prefix_and_delimiter(s3: "S3Client", bucket: str) -> None:
    """Keys below a delimiter are rolled up, once."""
    for key in ("a", "a/1", "a/2", "a-1", "b/1", "b/c/1", "c"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    page = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [item["Key"] for item in page["Contents"]] == ["a", "a-1", "c"]
    assert [item["Prefix"] for item in page["CommonPrefixes"]] == ["a/", "b/"]
    assert page["KeyCount"] == 5
    page = s3.list_objects_v2(Bucket=bucket, Prefix="b/", Delimiter="/")
    assert [item["Key"] for item in page["Contents"]] == ["b/1"]
    assert [item["Prefix"] for item in page["CommonPrefixes"]] == ["b/c/"]
    assert s3.list_objects_v2(Bucket=bucket, StartAfter="a/2")["Contents"][0]["Key"] == "b/1"
    assert s3.list_objects_v2(Bucket=bucket, Prefix="x")["KeyCount"] == 0


@pytest.mark.parametrize("operation", ["list_objects_v2", "list_objects"])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_give_everything_once(s3: "S3Client", bucket: str, operation: str, size: int) -> None:
    """Keys and common prefixes, in order, whatever the size of a page."""
    for key in ("a", "b/1", "b/2", "c", "d/1", "d/2", "e"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    pages = s3.get_paginator(operation).paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": size})  # type: ignore[call-overload] # an operation's name that is not a literal
    keys, prefixes = [], []
    for page in pages:
        keys += [item["Key"] for item in page.get("Contents", [])]
        prefixes += [item["Prefix"] for item in page.get("CommonPrefixes", [])]
        assert len(page.get("Contents", [])) + len(page.get("CommonPrefixes", [])) <= size
    assert (keys, prefixes) == (["a", "c", "e"], ["b/", "d/"])


def test_bad_listings(s3: "S3Client", bucket: str) -> None:
    """A token that is not ours, an absent bucket, and nothing asked for at all."""
    assert code(s3.list_objects_v2, Bucket=bucket, ContinuationToken="@")[0] == "InvalidArgument"
    assert code(s3.list_objects_v2, Bucket="no-such-bucket") == ("NoSuchBucket", 404)
    assert code(s3.list_objects_v2, Bucket="no-such-bucket", MaxKeys=0) == ("NoSuchBucket", 404)
    assert s3.list_objects_v2(Bucket=bucket, MaxKeys=0)["IsTruncated"] is False


def test_deleting_many(s3: "S3Client", bucket: str) -> None:
    """Absent ones count as deleted, as on AWS."""
    s3.put_object(Bucket=bucket, Key="a&b", Body=b"")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a&b"}, {"Key": "absent"}]})
    assert [item["Key"] for item in answer["Deleted"]] == ["a&b", "absent"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "x"}], "Quiet": True})
    assert "Deleted" not in quiet


def test_copies(s3: "S3Client", bucket: str) -> None:
    """With the source's metadata, or with others; onto itself only to change them."""
    s3.put_object(Bucket=bucket, Key="a b+ü", Body=b"x", ContentType="text/csv", Metadata={"k": "1"})
    source: Any = {"Bucket": bucket, "Key": "a b+ü"}
    s3.copy_object(Bucket=bucket, Key="b", CopySource=source)
    assert s3.get_object(Bucket=bucket, Key="b")["Metadata"] == {"k": "1"}
    s3.copy_object(Bucket=bucket, Key="c", CopySource=source, MetadataDirective="REPLACE", Metadata={"k": "2"})
    assert s3.head_object(Bucket=bucket, Key="c")["Metadata"] == {"k": "2"}
    copy = {"Bucket": bucket, "Key": "a b+ü", "CopySource": source}
    assert code(s3.copy_object, **copy) == ("InvalidRequest", 400)
    s3.copy_object(**copy, MetadataDirective="REPLACE", Metadata={"k": "3"})
    got = s3.get_object(Bucket=bucket, Key="a b+ü")
    assert (got["Metadata"], got["Body"].read()) == ({"k": "3"}, b"x")
    absent = {"Bucket": bucket, "Key": "absent"}
    assert code(s3.copy_object, Bucket=bucket, Key="d", CopySource=absent) == ("NoSuchKey", 404)


def test_a_large_file_goes_up_and_down_in_parts(s3: "S3Client", bucket: str) -> None:
    """As upload_file and download_file do it by themselves above 8 MB."""
    content = os.urandom(PART * 2 + 12345)
    config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=3)
    s3.upload_fileobj(io.BytesIO(content), bucket, "large", ExtraArgs={"ContentType": "text/x"}, Config=config)
    head = s3.head_object(Bucket=bucket, Key="large")
    assert head["ETag"].endswith('-3"')
    assert (head["ContentLength"], head["ContentType"]) == (len(content), "text/x")
    down = io.BytesIO()
    s3.download_fileobj(bucket, "large", down, Config=config)
    assert down.getvalue() == content
    s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "copy", Config=config)
    assert (
        s3.get_object(Bucket=bucket, Key="copy", Range=f"bytes={PART - 2}-{PART + 1}")["Body"].read()
        == (content[PART - 2 : PART + 2])
    )


def test_an_upload_in_parts_is_checked(s3: "S3Client", bucket: str) -> None:
    """Its parts exist, are in order and large enough; nothing shows before it is completed."""
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    whole = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    tags = [
        s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=body)["ETag"]
        for number, body in ((1, b"x" * PART), (2, b"small"), (3, b"last"))
    ]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    assert [item["UploadId"] for item in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    assert [item["Size"] for item in s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)["Parts"]] == [PART, 5, 4]

    def complete(*numbers: int) -> str:
        parts = [{"PartNumber": number, "ETag": tags[number - 1]} for number in numbers]
        return code(s3.complete_multipart_upload, **whole, MultipartUpload={"Parts": parts})[0]

    assert complete(2, 1) == "InvalidPartOrder"
    assert complete(1, 2, 3) == "EntityTooSmall"
    tags[2] = tags[0]
    assert complete(1, 3) == "InvalidPart"
    s3.complete_multipart_upload(
        Bucket=bucket,
        Key="k",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tags[0]}, {"PartNumber": 2, "ETag": tags[1]}]},
    )
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == PART + 5
    assert code(s3.list_parts, **whole) == ("NoSuchUpload", 404)


def test_an_upload_that_is_aborted_leaves_nothing(s3: "S3Client", bucket: str) -> None:
    """No object, no upload."""
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x")
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    part = {"Bucket": bucket, "Key": "k", "UploadId": upload, "PartNumber": 1, "Body": b"x"}
    assert code(s3.upload_part, **part) == ("NoSuchUpload", 404)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksums_are_checked(s3: "S3Client", bucket: str, algorithm: Any) -> None:
    """A right one is given back, a wrong one keeps the object out."""
    answer = s3.put_object(Bucket=bucket, Key="k", Body=b"content", ChecksumAlgorithm=algorithm)
    assert answer[f"Checksum{algorithm}"]  # type: ignore[literal-required]
    wrong: dict[str, Any] = {f"Checksum{algorithm}": "AAAAAA=="}
    assert code(s3.put_object, Bucket=bucket, Key="other", Body=b"content", **wrong) == ("BadDigest", 400)
    wrong = {"ContentMD5": "AAAAAAAAAAAAAAAAAAAAAA=="}
    assert code(s3.put_object, Bucket=bucket, Key="other", Body=b"content", **wrong) == ("BadDigest", 400)
    assert code(s3.head_object, Bucket=bucket, Key="other") == ("404", 404)


def test_what_is_not_implemented_is_named(s3: "S3Client", bucket: str) -> None:
    """Nothing is quietly left out."""
    with pytest.raises(ClientError, match=r"GET of a bucket with \?policy"):
        s3.get_bucket_policy(Bucket=bucket)
    with pytest.raises(ClientError, match="x-amz-tagging"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"", Tagging="a=b")


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_url(emulator: "Server", s3: "S3Client", bucket: str, version: str) -> None:
    """Any HTTP client can use one; the answer's headers can be chosen in it."""
    s3.put_object(Bucket=bucket, Key="a b", Body=b"x")
    arguments = {"Bucket": bucket, "Key": "a b", "ResponseContentType": "text/plain"}
    url = client(emulator, signature_version=version).generate_presigned_url("get_object", arguments)
    answer = urllib3.request("GET", url)
    assert (answer.data, answer.headers["Content-Type"]) == (b"x", "text/plain")

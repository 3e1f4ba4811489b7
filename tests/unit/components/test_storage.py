"""S3 objects by URI, and AWS's refusals as messages."""

import io
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody
from specimen_components import storage
from specimen_components.interface import GATE
from specimen_components.problems import Failure, Refused, Unreachable


def test_uris_split_into_bucket_and_key() -> None:
    assert storage.parsed("s3://bucket/a key/with#hash?and=mark") == ("bucket", "a key/with#hash?and=mark")
    assert storage.parsed("s3://bucket") == ("bucket", "")
    assert storage.joined("s3://bucket/prefix/", "a", "b") == "s3://bucket/prefix/a/b"


@pytest.mark.parametrize("uri", ["bucket/key", "s3:///key", "https://bucket/key", ""])
def test_what_is_no_uri_is_refused(uri: str) -> None:
    with pytest.raises(Failure, match="not an S3 URI"):
        storage.parsed(uri)


def test_an_object_is_read_whole(script: Any, make_call: Any) -> None:
    body = StreamingBody(io.BytesIO(b"content"), 7)
    script.answers("s3:get_object", {"Body": body}, {"Bucket": "b", "Key": "k/x"})
    assert storage.read(make_call(GATE, {}).aws, "s3://b/k/x") == b"content"


def test_a_short_answer_is_an_answer_that_did_not_come(script: Any, make_call: Any) -> None:
    script.answers("s3:get_object", {"Body": StreamingBody(io.BytesIO(b"con"), 7)})
    with pytest.raises(Unreachable, match="GetObject"):
        storage.read(make_call(GATE, {}).aws, "s3://b/k")


def test_an_absent_object_is_none_and_a_refusal_is_not(script: Any, make_call: Any) -> None:
    script.refuses("s3:head_object", "404", "Not Found", 404)
    script.refuses("s3:head_object", "403", "Forbidden", 403)
    script.answers("s3:head_object", {"ContentLength": 3, "ETag": '"abc"'})
    aws = make_call(GATE, {}).aws
    assert storage.find(aws, "s3://b/k") is None
    with pytest.raises(Refused, match="HeadObject: 403") as caught:
        storage.find(aws, "s3://b/k")
    assert "Allow this action" in str(caught.value.hint)
    assert storage.find(aws, "s3://b/k") == storage.Object("s3://b/k", 3, "abc")


def test_a_listing_goes_on_to_its_last_page(script: Any, make_call: Any) -> None:
    first = {"Contents": [{"Key": "p/a", "Size": 1, "ETag": '"1"'}], "IsTruncated": True, "NextContinuationToken": "t"}
    script.answers("s3:list_objects_v2", first, {"Bucket": "b", "Prefix": "p/"})
    asked = {"Bucket": "b", "Prefix": "p/", "ContinuationToken": "t"}
    script.answers("s3:list_objects_v2", {"Contents": [{"Key": "p/b", "Size": 2, "ETag": '"2"'}]}, asked)
    listed = storage.listing(make_call(GATE, {}).aws, "s3://b/p/")
    assert [item.uri for item in listed] == ["s3://b/p/a", "s3://b/p/b"]


def test_a_download_of_what_is_not_there_is_one_message(script: Any, make_call: Any, tmp_path: Path) -> None:
    script.refuses("s3:head_object", "404", "Not Found", 404)
    with pytest.raises(Refused, match="GetObject: 404: Not Found") as caught:
        storage.download(make_call(GATE, {}).aws, "s3://b/k", tmp_path / "file")
    assert "gone" in str(caught.value.hint)


def test_a_download_that_cannot_be_written_is_one_message(script: Any, make_call: Any, tmp_path: Path) -> None:
    script.answers("s3:head_object", {"ContentLength": 7, "ETag": '"abc"'})
    script.answers("s3:get_object", {"Body": StreamingBody(io.BytesIO(b"content"), 7), "ContentLength": 7})
    path = tmp_path / "absent/file"
    with pytest.raises(Failure, match=f"{path} cannot be written: No such file") as caught:
        storage.download(make_call(GATE, {}).aws, "s3://b/k", path)
    assert "TMPDIR" in str(caught.value.hint)


def test_an_upload_into_no_bucket_is_awss_own_answer(script: Any, make_call: Any, tmp_path: Path) -> None:
    """boto3's transfers wrap AWS's answer in an error of their own."""
    (tmp_path / "file").write_bytes(b"x")
    script.refuses("s3:put_object", "NoSuchBucket", "The specified bucket does not exist", 404)
    with pytest.raises(Refused, match="PutObject: NoSuchBucket"):
        storage.upload(make_call(GATE, {}).aws, tmp_path / "file", "s3://b/k")

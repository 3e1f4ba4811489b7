"""S3's parts without a server: chunked bodies, conditions, XML."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from specimen.emulator.errors import AwsError
from specimen.emulator.objects import Meta, Objects
from specimen.emulator.protocol.http import HttpRequest, HttpResponse
from specimen.emulator.s3 import answer, error, xml
from specimen.emulator.s3.bodies import Upload
from specimen.emulator.s3.call import Call, decoded
from specimen.emulator.s3.conditions import fresh, http_date

UPLOADED = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>"
META = Meta("bucket", "key", "blob", 10, "tag", 1_700_000_000.5)


class Drip(io.BytesIO):
    """A stream that gives a few bytes at a time, as a network does."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(3, size) if size is not None and size >= 0 else 3)


def call(objects: Objects, body: bytes = b"", method: str = "PUT", path: str = "/bucket/key", **headers: str) -> Call:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = HttpRequest(method, path, {}, named, Drip(body), len(body))
    return Call(objects, "us-east-1", request, "bucket", "key")


class Meanwhile(io.BytesIO):
    """A stream of a byte, before which something else happens."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__(b"x")
        self._happens = happens

    def read(self, size: int | None = -1) -> bytes:
        self._happens()
        return super().read(size)


def chunked(objects: Objects, body: bytes, **headers: str) -> Upload:
    return Upload(call(objects, body, content_encoding="aws-chunked", **headers))


def test_chunks_are_put_together(objects: Objects) -> None:
    """With and without signatures, however the pieces fall; trailers are read."""
    body = b"4;chunk-signature=abc\r\nWiki\r\n6\r\npedia.\r\n0\r\nx-amz-checksum-crc32:abcd==\r\n\r\n"
    upload = chunked(objects, body, x_amz_decoded_content_length="10")
    assert b"".join(upload.pieces()) == b"Wikipedia."
    assert upload.checksums == {"x-amz-checksum-crc32": "abcd=="}


def test_a_trailing_checksum_is_checked(objects: Objects) -> None:
    """It is announced in a header, and stands after the content."""
    right = b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n"
    announced = {"x_amz_trailer": "x-amz-checksum-crc32"}
    assert b"".join(chunked(objects, right, **announced).pieces()) == b"abc"
    for wrong in (right.replace(b"NSRBwg", b"AAAAAA"), b"3\r\nabc\r\n0\r\n\r\n"):
        with pytest.raises(AwsError) as raised:
            list(chunked(objects, wrong, **announced).pieces())
        assert raised.value.code == "BadDigest"


@pytest.mark.parametrize(
    "body",
    [
        b"4\r\nWi",
        b"4\r\nWiki",
        b"4\r\nWiki\r\n",
        b"zz\r\n",
        b"-1\r\n",
        b"2\r\nWiki\r\n0\r\n\r\n",
        b"",
        b"A" * 20000,
    ],
    ids=["cut in data", "no end of chunk", "no last chunk", "no number", "negative", "too long", "empty", "no line"],
)
def test_a_body_that_is_cut_short_is_refused(objects: Objects, body: bytes) -> None:
    """So that half an object is never stored."""
    with pytest.raises(AwsError) as raised:
        list(chunked(objects, body).pieces())
    assert raised.value.code == "IncompleteBody"


def test_a_body_of_another_length_is_refused(objects: Objects) -> None:
    """Shorter than Content-Length, or than what was announced before chunking."""
    request = HttpRequest("PUT", "/", {}, {}, io.BytesIO(b"abc"), 5)
    with pytest.raises(AwsError, match="Content-Length"):
        list(request.pieces())
    with pytest.raises(AwsError) as raised:
        list(chunked(objects, b"3\r\nabc\r\n0\r\n\r\n", x_amz_decoded_content_length="4").pieces())
    assert raised.value.code == "IncompleteBody"


@pytest.mark.parametrize(
    ("headers", "known"),
    [
        ({}, False),
        ({"if_none_match": '"tag"'}, True),
        ({"if_none_match": 'W/"tag", "x"'}, True),
        ({"if_none_match": '"x"'}, False),
        ({"if_none_match": "*"}, True),
        ({"if_modified_since": http_date(META.modified)}, True),
        ({"if_modified_since": http_date(META.modified - 1)}, False),
        ({"if_modified_since": "no date"}, False),
        ({"if_match": "tag"}, False),
        ({"if_match": "tag", "if_unmodified_since": http_date(0)}, False),
        ({"if_none_match": '"x"', "if_modified_since": http_date(META.modified)}, False),
    ],
)
def test_what_a_client_has_already(objects: Objects, headers: dict[str, str], known: bool) -> None:
    """ETags go before times (RFC 9110, section 13.2.2)."""
    assert fresh(call(objects, b"", "GET", "/bucket/key", **headers), META) is known


def test_xml_escapes_what_xml_cannot_hold() -> None:
    """Also control characters, which keys may have."""
    body = xml.document("Root", {"A": "<&>\x01", "B": [1, 2], "C": {"D": True}, "E": []}).body
    assert isinstance(body, bytes)
    assert b"<A>&#60;&#38;&#62;&#1;</A><B>1</B><B>2</B><C><D>true</D></C></Root>" in body


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa">]><Delete>&a;</Delete>'


@pytest.mark.parametrize(
    "body",
    [b"", b"<", b"<Other/>", ENTITIES.encode(), ENTITIES.encode("utf-16"), b"\xff\xfe"],
    ids=["empty", "broken", "another root", "entities", "entities in UTF-16", "no text"],
)
def test_xml_that_is_not_what_it_should_be(body: bytes) -> None:
    """One error for all, and no entity is ever expanded."""
    with pytest.raises(AwsError) as raised:
        xml.parsed(body, "Delete")
    assert raised.value.code == "MalformedXML"


def test_times_are_written_as_s3_writes_them() -> None:
    """ISO with milliseconds in XML, and HTTP's own form in headers."""
    assert xml.iso(1_700_000_000.25) == "2023-11-14T22:13:20.250Z"
    assert http_date(1_700_000_000.25) == "Tue, 14 Nov 2023 22:13:20 GMT"


def test_a_path_that_is_no_text_is_refused() -> None:
    """A key is UTF-8."""
    assert decoded("a%20b%2Fc") == "a b/c"
    with pytest.raises(AwsError) as raised:
        decoded("%ff")
    assert raised.value.code == "InvalidURI"


@pytest.mark.parametrize("path", ["/", "/bucket", "/bucket/key"])
def test_a_method_that_there_is_not(objects: Objects, path: str) -> None:
    """The error says what was asked for."""
    request = HttpRequest("PATCH", path, {}, {}, io.BytesIO(), 0)
    with pytest.raises(AwsError) as raised:
        answer(objects, "us-east-1", request)
    assert raised.value.status in (405, 501)
    body = error(request, raised.value).body
    assert isinstance(body, bytes)
    assert f"<Code>{raised.value.code}</Code>".encode() in body
    assert f"<Resource>{path}</Resource>".encode() in body


@pytest.mark.parametrize("end", ["DELETE", "POST"])
def test_a_part_of_an_upload_that_ends_meanwhile_leaves_no_file(tmp_path: Path, objects: Objects, end: str) -> None:
    """Aborted or completed while a part was sent: the part is refused, and belongs to nothing."""
    objects.create_bucket("bucket")

    def ask(method: str, stream: io.BytesIO, **query: str) -> HttpResponse:
        length = len(stream.getvalue())
        request = HttpRequest(method, "/bucket/key", query, {}, stream, length)
        return answer(objects, "us-east-1", request)

    begun = ask("POST", io.BytesIO(), uploads="").body
    assert isinstance(begun, bytes)
    upload = begun.decode().partition("<UploadId>")[2].partition("<")[0]
    part = ask("PUT", io.BytesIO(b"first"), uploadId=upload, partNumber="1")
    body = UPLOADED.format(part.headers["ETag"]).encode() if end == "POST" else b""
    late = Meanwhile(lambda: ask(end, io.BytesIO(body), uploadId=upload))
    with pytest.raises(AwsError) as raised:
        ask("PUT", late, uploadId=upload, partNumber="2")
    assert raised.value.code == "NoSuchUpload"
    kept = [objects.path("bucket", "key")] if end == "POST" else []
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == kept

"""Operations on single objects, and DeleteObjects."""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from specimen.emulator.errors import AwsError
from specimen.emulator.objects import Meta
from specimen.emulator.protocol.http import PIECE, HttpResponse
from specimen.emulator.s3 import xml
from specimen.emulator.s3.bodies import Upload
from specimen.emulator.s3.call import Call, Handler, decoded
from specimen.emulator.s3.conditions import failed, fresh, http_date, span

KEPT = frozenset(
    {
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "expires",
        "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id",
    }
)
_OVERRIDES = ("cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires")
METADATA_BYTES = 2048
DELETED_AT_ONCE = 1000


def kept_headers(call: Call) -> dict[str, str]:
    """Return the headers that stay with an object; the transfer's own encoding does not."""
    kept = {name: value for name, value in call.request.headers.items() if name in KEPT}
    kept |= {name: value for name, value in call.request.headers.items() if name.startswith("x-amz-meta-")}
    encodings = [part.strip() for part in kept.pop("content-encoding", "").split(",")]
    encoding = ",".join(part for part in encodings if part and part != "aws-chunked")
    if sum(len(name) + len(value) for name, value in kept.items() if name.startswith("x-amz-meta-")) > METADATA_BYTES:
        raise AwsError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400)
    for refused in ("x-amz-tagging", "x-amz-server-side-encryption-customer-key", "x-amz-object-lock-mode"):
        if call.header(refused):
            raise AwsError("NotImplemented", f"The embedded S3 does not implement the header {refused}.", 501)
    return {"content-type": "binary/octet-stream", **kept, **({"content-encoding": encoding} if encoding else {})}


def put_object(call: Call) -> HttpResponse:
    """Store an object; it is acknowledged when it is on the disk."""
    absent = need_condition(call)
    upload = Upload(call)
    meta = call.objects.put(call.bucket, call.key, upload.pieces(), headers=kept_headers(call), if_absent=absent)
    checksums = {name: value for name, value in upload.checksums.items() if name.startswith("x-amz-checksum-")}
    return HttpResponse(200, {"ETag": f'"{meta.etag}"', **_encryption(meta), **checksums})


def need_condition(call: Call) -> bool:
    """Check a conditional write; return whether the key must be absent when the object takes its place."""
    match, none_match = call.header("if-match"), call.header("if-none-match")
    if none_match not in ("", "*"):
        raise AwsError("NotImplemented", "A conditional write takes If-None-Match with the value * only.", 501)
    if match and call.objects.need(call.bucket, call.key).etag != match.strip('"'):
        raise failed("If-Match")
    return none_match == "*"


def _encryption(meta: Meta) -> dict[str, str]:
    return {name: value for name, value in meta.headers.items() if name.startswith("x-amz-server-side-encryption")}


def get_object(call: Call) -> HttpResponse:
    """Send an object or a range of it."""
    meta, file = call.objects.read(call.bucket, call.key)
    try:
        response = head(call, meta)
    except AwsError:
        file.close()
        raise
    if response.status == 304:
        file.close()
        return response
    start, length = _place(response, meta)
    return HttpResponse(response.status, response.headers, _read(file, start, length), length)


def _place(response: HttpResponse, meta: Meta) -> tuple[int, int]:
    shown = response.headers.get("Content-Range")
    if shown is None:
        return 0, meta.size
    first, _, last = shown.removeprefix("bytes ").partition("/")[0].partition("-")
    return int(first), int(last) - int(first) + 1


def _read(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0 and (piece := file.read(min(PIECE, length))):
            length -= len(piece)
            yield piece


def head_object(call: Call) -> HttpResponse:
    """Describe an object."""
    return head(call, call.objects.need(call.bucket, call.key))


def head(call: Call, meta: Meta) -> HttpResponse:
    """Form an answer about an object, without its content."""
    headers = {"ETag": f'"{meta.etag}"', "Last-Modified": http_date(meta.modified), "Accept-Ranges": "bytes"}
    if fresh(call, meta):
        return HttpResponse(304, headers)
    headers |= meta.headers
    for name in _OVERRIDES:
        if override := call.query(f"response-{name}"):
            headers[name] = override
    part = span(call.header("range"), meta.size)
    if part is None:
        return HttpResponse(200, headers, length=meta.size, body=())
    start, end = part
    return HttpResponse(206, headers | {"Content-Range": f"bytes {start}-{end}/{meta.size}"}, (), end - start + 1)


def delete_object(call: Call) -> HttpResponse:
    """Delete an object; one that is not there is no error."""
    call.objects.delete(call.bucket, call.key)
    return HttpResponse(204)


def delete_objects(call: Call) -> HttpResponse:
    """Delete up to a thousand objects."""
    call.objects.need_bucket(call.bucket)
    request = xml.parsed(call.request.body(xml.BODY_BYTES), "Delete")
    keys = [xml.text(element, "Key") for element in request.iterfind("Object")]
    if not 0 < len(keys) <= DELETED_AT_ONCE:
        raise AwsError("MalformedXML", f"The XML you provided must name 1 to {DELETED_AT_ONCE} objects.", 400)
    for key in keys:
        call.objects.delete(call.bucket, key)
    quiet = request.findtext("Quiet") == "true"
    return xml.document("DeleteResult", {} if quiet else {"Deleted": [{"Key": key} for key in keys]})


def copy_object(call: Call) -> HttpResponse:
    """Store an object with the content of another one."""
    source = copy_source(call)
    replace = call.header("x-amz-metadata-directive") == "REPLACE"
    if (source.bucket, source.key) == (call.bucket, call.key) and not replace:
        text = "This copy request is illegal because it is trying to copy an object to itself without changing it."
        raise AwsError("InvalidRequest", text, 400)
    meta = call.objects.copy(source, call.bucket, call.key, kept_headers(call) if replace else source.headers)
    return xml.document("CopyObjectResult", {"LastModified": xml.iso(meta.modified), "ETag": f'"{meta.etag}"'})


def copy_source(call: Call) -> Meta:
    """Return the source of a copy, if its conditions hold."""
    bucket, _, key = decoded(call.header("x-amz-copy-source").partition("?versionId=")[0]).lstrip("/").partition("/")
    if not bucket or not key:
        raise AwsError("InvalidArgument", "Copy Source must mention the source bucket and key: bucket/key", 400)
    source = call.objects.need(bucket, key)
    if fresh(call, source, "x-amz-copy-source-"):
        raise failed("x-amz-copy-source-If-None-Match")
    return source


def put(call: Call) -> HttpResponse:
    """Store an object, sent or copied."""
    return copy_object(call) if call.header("x-amz-copy-source") else put_object(call)


HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("PUT", ""): put,
    ("GET", ""): get_object,
    ("HEAD", ""): head_object,
    ("DELETE", ""): delete_object,
}
BUCKET_HANDLERS: Mapping[tuple[str, str], Handler] = {("POST", "delete"): delete_objects}

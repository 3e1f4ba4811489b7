"""Multipart uploads: an object sent in parts, which appears when it is completed."""

import hashlib
import json
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from specimen.emulator.blobs import CHUNK, Blob
from specimen.emulator.errors import AwsError
from specimen.emulator.objects import Meta, check_key
from specimen.emulator.protocol.http import HttpResponse
from specimen.emulator.s3 import xml
from specimen.emulator.s3.bodies import Upload
from specimen.emulator.s3.buckets import OWNER
from specimen.emulator.s3.call import Call, Handler
from specimen.emulator.s3.conditions import span
from specimen.emulator.s3.objects import copy_source, kept_headers, need_condition

PARTS = 10_000
LEAST_BYTES = 5 << 20  # of every part but the last


@dataclass(frozen=True)
class Part:
    """A stored part of an upload."""

    number: int
    blob: str
    size: int
    md5: str
    modified: float


def create_upload(call: Call) -> HttpResponse:
    """Begin an upload."""
    call.objects.need_bucket(call.bucket)
    check_key(call.key)
    name = uuid.uuid4().hex
    row = (name, call.bucket, call.key.encode(), json.dumps(kept_headers(call)), time.time())
    with call.objects.index() as index:
        index.execute("INSERT INTO upload VALUES (?, ?, ?, ?, ?)", row)
    content = {"Bucket": call.bucket, "Key": call.key, "UploadId": name}
    return xml.document("InitiateMultipartUploadResult", content)


def upload_part(call: Call) -> HttpResponse:
    """Store a part, sent or copied."""
    number = call.number("partNumber", 0, PARTS + 1)
    if not 0 < number <= PARTS:
        raise AwsError("InvalidArgument", f"Part number must be an integer between 1 and {PARTS}, inclusive", 400)
    _headers(call)
    if call.header("x-amz-copy-source"):
        part = _keep(call, number, call.objects.blobs.write(_copied(call)))
        return xml.document("CopyPartResult", {"LastModified": xml.iso(part.modified), "ETag": f'"{part.md5}"'})
    upload = Upload(call)
    part = _keep(call, number, call.objects.blobs.write(upload.pieces()))
    checksums = {name: value for name, value in upload.checksums.items() if name.startswith("x-amz-checksum-")}
    return HttpResponse(200, {"ETag": f'"{part.md5}"', **checksums})


def _copied(call: Call) -> Iterator[bytes]:
    source = copy_source(call)
    start, end = span(call.header("x-amz-copy-source-range"), source.size) or (0, source.size - 1)
    left = end - start + 1
    with call.objects.blobs.read(source.blob) as file:
        file.seek(start)
        while left > 0 and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece


def _keep(call: Call, number: int, blob: Blob) -> Part:
    """Make a written file the part of a number; if that is refused, the file is deleted."""
    part = Part(number, blob.name, blob.size, blob.md5, time.time())
    place = (call.query("uploadId"), number)
    try:
        with call.objects.index() as index:
            _need_upload(call, index)  # which may have ended while the part was sent
            old = index.execute("SELECT blob FROM part WHERE upload = ? AND number = ?", place).fetchone()
            row = (*place, part.blob, part.size, part.md5, part.modified)
            index.execute("INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?)", row)
    except BaseException:
        call.objects.blobs.remove(part.blob)
        raise
    if old:
        call.objects.blobs.remove(old[0])
    return part


def complete_upload(call: Call) -> HttpResponse:
    """Put the parts named in the request together and make them the object of the upload's key."""
    headers = _headers(call)
    absent = need_condition(call)
    parts = _chosen(call)
    blob, size = call.objects.blobs.join(part.blob for part in parts), sum(part.size for part in parts)
    digest = hashlib.md5(b"".join(bytes.fromhex(part.md5) for part in parts), usedforsecurity=False).hexdigest()
    etag = f"{digest}-{len(parts)}"
    meta = Meta(call.bucket, call.key, blob, size, etag, time.time(), headers)
    call.objects.record(meta, if_absent=absent)
    _forget(call)
    content = {"Location": f"/{call.bucket}/{call.key}", "Bucket": call.bucket, "Key": call.key, "ETag": f'"{etag}"'}
    return xml.document("CompleteMultipartUploadResult", content)


def _chosen(call: Call) -> list[Part]:
    """Return the parts that the request names, if they are there, in order, and large enough."""
    request = xml.parsed(call.request.body(xml.BODY_BYTES), "CompleteMultipartUpload")
    named = [(xml.text(part, "PartNumber"), xml.text(part, "ETag").strip('"')) for part in request.iterfind("Part")]
    stored = {str(part.number): part for part in _parts(call)}
    if not named:
        raise AwsError("MalformedXML", "The XML you provided names no part.", 400)
    if any(number not in stored or stored[number].md5 != etag for number, etag in named):
        text = "One or more of the specified parts could not be found, or its entity tag did not match."
        raise AwsError("InvalidPart", text, 400)
    chosen = [stored[number] for number, _ in named]
    if any(one.number >= other.number for one, other in pairwise(chosen)):
        raise AwsError("InvalidPartOrder", "The list of parts was not in ascending order.", 400)
    if any(part.size < LEAST_BYTES for part in chosen[:-1]):
        raise AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400)
    return chosen


def abort_upload(call: Call) -> HttpResponse:
    """Forget an upload and its parts."""
    _headers(call)
    _forget(call)
    return HttpResponse(204)


def _forget(call: Call) -> None:
    upload = (call.query("uploadId"),)
    with call.objects.index() as index:
        blobs = index.execute("SELECT blob FROM part WHERE upload = ?", upload).fetchall()
        index.execute("DELETE FROM part WHERE upload = ?", upload)
        index.execute("DELETE FROM upload WHERE id = ?", upload)
    for (blob,) in blobs:
        call.objects.blobs.remove(blob)


def list_parts(call: Call) -> HttpResponse:
    """List the parts of an upload."""
    _headers(call)
    most = call.number("max-parts", 1000, 1000)
    marker = call.number("part-number-marker", 0, PARTS)
    parts = [part for part in _parts(call) if part.number > marker]
    shown = [
        {"PartNumber": part.number, "LastModified": xml.iso(part.modified), "ETag": f'"{part.md5}"', "Size": part.size}
        for part in parts[:most]
    ]
    content: dict[str, xml.Value] = {"Bucket": call.bucket, "Key": call.key, "UploadId": call.query("uploadId")}
    content |= {"Owner": OWNER, "StorageClass": "STANDARD", "PartNumberMarker": marker, "MaxParts": most}
    if len(parts) > most > 0:
        content["NextPartNumberMarker"] = parts[most - 1].number
    return xml.document("ListPartsResult", content | {"IsTruncated": len(parts) > most, "Part": shown})


def list_uploads(call: Call) -> HttpResponse:
    """List the uploads of a bucket that were begun and not ended."""
    call.objects.need_bucket(call.bucket)
    with call.objects.index() as index:
        query = "SELECT key, id, started FROM upload WHERE bucket = ? ORDER BY key, started"
        rows = index.execute(query, (call.bucket,)).fetchall()
    uploads = [
        {"Key": key.decode(), "UploadId": name, "Initiated": xml.iso(started), "StorageClass": "STANDARD"}
        for key, name, started in rows
        if key.decode().startswith(call.query("prefix"))
    ]
    content: dict[str, xml.Value] = {"Bucket": call.bucket, "MaxUploads": 1000, "IsTruncated": False, "Upload": uploads}
    return xml.document("ListMultipartUploadsResult", content)


def _headers(call: Call) -> dict[str, str]:
    """Return the headers that an upload was begun with; `NoSuchUpload` if there is none of this key."""
    with call.objects.index() as index:
        return _need_upload(call, index)


def _need_upload(call: Call, index: sqlite3.Connection) -> dict[str, str]:
    query = "SELECT headers FROM upload WHERE id = ? AND bucket = ? AND key = ?"
    row = index.execute(query, (call.query("uploadId"), call.bucket, call.key.encode())).fetchone()
    if row is None:
        text = "The specified upload does not exist. It may have been aborted or completed."
        raise AwsError("NoSuchUpload", text, 404)
    headers: dict[str, str] = json.loads(row[0])
    return headers


def _parts(call: Call) -> list[Part]:
    with call.objects.index() as index:
        query = "SELECT number, blob, size, md5, modified FROM part WHERE upload = ? ORDER BY number"
        return [Part(*row) for row in index.execute(query, (call.query("uploadId"),))]


HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("POST", "uploads"): create_upload,
    ("PUT", "uploadId"): upload_part,
    ("POST", "uploadId"): complete_upload,
    ("DELETE", "uploadId"): abort_upload,
    ("GET", "uploadId"): list_parts,
}
BUCKET_HANDLERS: Mapping[tuple[str, str], Handler] = {("GET", "uploads"): list_uploads}

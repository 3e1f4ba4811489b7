"""Listing a bucket's objects, in both versions."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from specimen.emulator.errors import AwsError
from specimen.emulator.objects import Meta
from specimen.emulator.protocol.http import HttpResponse
from specimen.emulator.s3 import xml
from specimen.emulator.s3.buckets import OWNER
from specimen.emulator.s3.call import Call, Handler

MOST = 1000
_BEYOND = chr(0x10FFFF)  # after every key that begins like this one


@dataclass(frozen=True)
class Page:
    """One page: objects, common prefixes, and after what the next one goes on (None if this is the last)."""

    objects: tuple[Meta, ...]
    prefixes: tuple[str, ...]
    last: str | None

    @property
    def count(self) -> int:
        """Return how many keys and prefixes there are."""
        return len(self.objects) + len(self.prefixes)


def page(call: Call, after: str, most: int) -> Page:
    """Read one page of the keys that come after `after`, rolled up at the delimiter."""
    items: list[Meta | str] = []
    last = None
    if most:
        for item in _rolled(call, after):
            if len(items) == most:
                last = items[-1]
                break
            items.append(item)
    else:
        call.objects.need_bucket(call.bucket)
    objects = tuple(item for item in items if isinstance(item, Meta))
    prefixes = tuple(item for item in items if isinstance(item, str))
    return Page(objects, prefixes, last.key if isinstance(last, Meta) else last)


def _rolled(call: Call, after: str) -> Iterator[Meta | str]:
    """Go through keys and, once each, common prefixes; the keys under a prefix are jumped over, and never read."""
    prefix, delimiter = call.query("prefix"), call.query("delimiter")
    start = after
    while True:
        for meta in call.objects.list(call.bucket, prefix, start):
            cut = meta.key.find(delimiter, len(prefix)) if delimiter else -1
            if cut < 0:
                yield meta
                continue
            common = meta.key[: cut + len(delimiter)]
            if common > after:
                yield common
            start = common + _BEYOND
            break
        else:
            return


def list_v2(call: Call) -> HttpResponse:
    """List objects, with a continuation token."""
    token = call.query("continuation-token")
    most = call.number("max-keys", MOST, MOST)
    found = page(call, _after(token) if token else call.query("start-after"), most)
    content = _common(call, found, most) | {"KeyCount": found.count}
    if token:
        content["ContinuationToken"] = token
    if call.query("start-after"):
        content["StartAfter"] = _shown(call, call.query("start-after"))
    if found.last is not None:
        content["NextContinuationToken"] = base64.urlsafe_b64encode(found.last.encode()).decode()
    return xml.document("ListBucketResult", content | _contents(call, found, call.query("fetch-owner") == "true"))


def list_v1(call: Call) -> HttpResponse:
    """List objects, with a marker."""
    most = call.number("max-keys", MOST, MOST)
    found = page(call, call.query("marker"), most)
    content = _common(call, found, most) | {"Marker": _shown(call, call.query("marker"))}
    if found.last is not None and call.query("delimiter"):
        content["NextMarker"] = _shown(call, found.last)
    return xml.document("ListBucketResult", content | _contents(call, found, owner=True))


def _common(call: Call, found: Page, most: int) -> dict[str, xml.Value]:
    content: dict[str, xml.Value] = {
        "Name": call.bucket,
        "Prefix": _shown(call, call.query("prefix")),
        "MaxKeys": most,
        "IsTruncated": found.last is not None,
    }
    if call.query("delimiter"):
        content["Delimiter"] = _shown(call, call.query("delimiter"))
    if call.query("encoding-type") == "url":
        content["EncodingType"] = "url"
    return content


def _contents(call: Call, found: Page, owner: bool) -> dict[str, xml.Value]:
    return {
        "Contents": [_entry(call, meta, owner) for meta in found.objects],
        "CommonPrefixes": [{"Prefix": _shown(call, prefix)} for prefix in found.prefixes],
    }


def _entry(call: Call, meta: Meta, owner: bool) -> Mapping[str, xml.Value]:
    entry: dict[str, xml.Value] = {
        "Key": _shown(call, meta.key),
        "LastModified": xml.iso(meta.modified),
        "ETag": f'"{meta.etag}"',
        "Size": meta.size,
        "StorageClass": "STANDARD",
    }
    return entry | {"Owner": OWNER} if owner else entry


def _shown(call: Call, text: str) -> str:
    return quote(text, safe="/") if call.query("encoding-type") == "url" else text


def _after(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as problem:
        raise AwsError("InvalidArgument", "The continuation token provided is incorrect", 400) from problem


def list_objects(call: Call) -> HttpResponse:
    """List objects in the version asked for."""
    return list_v2(call) if call.query("list-type") == "2" else list_v1(call)


HANDLERS: Mapping[tuple[str, str], Handler] = {("GET", ""): list_objects, ("GET", "list-type"): list_objects}

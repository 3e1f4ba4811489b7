"""Which operation a request means: by method, by whether it has a key, and by its subresource."""

from collections.abc import Mapping

from specimen.emulator.errors import AwsError
from specimen.emulator.objects import Objects
from specimen.emulator.protocol.http import HttpRequest, HttpResponse
from specimen.emulator.s3 import buckets, listing, objects, uploads, xml
from specimen.emulator.s3.call import Call, Handler, decoded

_BUCKET: Mapping[tuple[str, str], Handler] = {
    **buckets.HANDLERS,
    **listing.HANDLERS,
    **objects.BUCKET_HANDLERS,
    **uploads.BUCKET_HANDLERS,
}
_OBJECT: Mapping[tuple[str, str], Handler] = {**objects.HANDLERS, **uploads.HANDLERS}

SUBRESOURCES = frozenset(
    [
        "accelerate",
        "acl",
        "analytics",
        "attributes",
        "cors",
        "delete",
        "encryption",
        "intelligent-tiering",
        "inventory",
        "legal-hold",
        "lifecycle",
        "list-type",
        "location",
        "logging",
        "metadataTable",
        "metrics",
        "notification",
        "object-lock",
        "ownershipControls",
        "partNumber",
        "policy",
        "policyStatus",
        "publicAccessBlock",
        "replication",
        "requestPayment",
        "restore",
        "retention",
        "select",
        "session",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versionId",
        "versioning",
        "versions",
        "website",
    ]
)


def answer(store: Objects, region: str, request: HttpRequest) -> HttpResponse:
    """Answer one request; raise `AwsError` as S3 does."""
    bucket, _, key = request.path.lstrip("/").partition("/")
    call = Call(store, region, request, decoded(bucket), decoded(key))
    return _handler(call)(call)


def _handler(call: Call) -> Handler:
    method = call.request.method
    if not call.bucket:
        if method == "GET":
            return buckets.list_buckets
        raise AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    named = sorted(SUBRESOURCES & call.request.query.keys())
    if "uploadId" in named and "partNumber" in named:
        named.remove("partNumber")
    table = _OBJECT if call.key else _BUCKET
    handler = table.get((method, "".join(named)))
    if handler is None:
        what = f"{method} of {'an object' if call.key else 'a bucket'}" + (f" with ?{'&'.join(named)}" if named else "")
        raise AwsError("NotImplemented", f"The embedded S3 does not implement {what}.", 501)
    return handler


def error(request: HttpRequest, problem: AwsError) -> HttpResponse:
    """Form an error as S3 spells it; an answer to HEAD has no body."""
    if request.method == "HEAD":
        return HttpResponse(problem.status, {"Content-Type": "application/xml"}, (), 0)
    content: dict[str, xml.Value] = {"Code": problem.code, "Message": problem.message, **problem.members}
    return xml.error_document(content | {"Resource": request.path, "RequestId": "embedded"}, problem.status)

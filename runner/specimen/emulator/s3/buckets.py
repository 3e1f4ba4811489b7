"""Operations on buckets."""

from collections.abc import Mapping

from specimen.emulator.errors import AwsError
from specimen.emulator.protocol.http import HttpResponse
from specimen.emulator.s3 import xml
from specimen.emulator.s3.call import Call, Handler

OWNER = {"ID": "embedded", "DisplayName": "embedded"}


def list_buckets(call: Call) -> HttpResponse:
    """List all buckets."""
    buckets = [{"Name": bucket.name, "CreationDate": xml.iso(bucket.created)} for bucket in call.objects.buckets()]
    return xml.document("ListAllMyBucketsResult", {"Owner": OWNER, "Buckets": {"Bucket": buckets}})


def create_bucket(call: Call) -> HttpResponse:
    """Create a bucket; one's own that exists is no error in us-east-1, as on AWS."""
    _check_location(call)
    if not call.objects.create_bucket(call.bucket) and call.region != "us-east-1":
        text = "Your previous request to create the named bucket succeeded and you already own it."
        raise AwsError("BucketAlreadyOwnedByYou", text, 409)
    return HttpResponse(200, {"Location": f"/{call.bucket}"})


def _check_location(call: Call) -> None:
    body = call.request.body(xml.BODY_BYTES)
    location = xml.parsed(body, "CreateBucketConfiguration").findtext("LocationConstraint") if body else None
    if (location or "us-east-1") != call.region:
        text = f"The {location or 'unspecified'} location constraint is incompatible for the region specific endpoint."
        raise AwsError("IllegalLocationConstraintException", text, 400)


def head_bucket(call: Call) -> HttpResponse:
    """Tell that a bucket exists."""
    call.objects.need_bucket(call.bucket)
    return HttpResponse(200, {"x-amz-bucket-region": call.region})


def delete_bucket(call: Call) -> HttpResponse:
    """Delete an empty bucket."""
    call.objects.delete_bucket(call.bucket)
    return HttpResponse(204)


def get_location(call: Call) -> HttpResponse:
    """Tell a bucket's region; us-east-1 is told by an empty element."""
    call.objects.need_bucket(call.bucket)
    place = "" if call.region == "us-east-1" else call.region
    return xml.document("LocationConstraint", place)


def get_versioning(call: Call) -> HttpResponse:
    """Tell that a bucket was never versioned."""
    call.objects.need_bucket(call.bucket)
    return xml.document("VersioningConfiguration", {})


HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("PUT", ""): create_bucket,
    ("HEAD", ""): head_bucket,
    ("DELETE", ""): delete_bucket,
    ("GET", "location"): get_location,
    ("GET", "versioning"): get_versioning,
}

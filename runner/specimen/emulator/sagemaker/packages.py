"""The model registry's packages: versions of a group, or packages with a name of their own."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import AwsError, conflict, validation
from specimen.emulator.sagemaker import answers, tags
from specimen.emulator.sagemaker.entities import GROUP, given, need, shown
from specimen.emulator.sagemaker.jobs import unsupported
from specimen.emulator.sagemaker.paging import Body, created, ordered, page

KIND = "ModelPackage"
TOKEN = "ModelPackageToken"  # noqa: S105 - a kind in the store, and no secret
PENDING_SECONDS, CHECKING_SECONDS = 0.1, 0.4  # after which a package is InProgress, and Completed
_CHANGED = (
    "AdditionalInferenceSpecifications",
    "ApprovalDescription",
    "InferenceSpecification",
    "ModelApprovalStatus",
    "ModelCard",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
    "SourceUri",
)


def create_package(context: Context, request: Request) -> Response:
    """Register a model package whose model data and reports exist; the same ClientToken gives the same package."""
    digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    token = request.get("ClientToken")
    known = context.tx.get(TOKEN, token) if token else None
    if known is not None:
        if known["Digest"] != digest:
            raise conflict(f"The ClientToken {token} was used with another request: {known['ModelPackageArn']}")
        return {"ModelPackageArn": known["ModelPackageArn"]}
    _check(context, request)
    place = _version(context, request) if "ModelPackageGroupName" in request else _single(context, request)
    arn = _insert(context, request, place)
    if token:
        context.tx.put(TOKEN, token, {"Digest": digest, "ModelPackageArn": arn})
    return {"ModelPackageArn": arn}


def _check(context: Context, request: Request) -> None:
    if ("ModelPackageGroupName" in request) == ("ModelPackageName" in request):
        raise validation("Exactly one of ModelPackageName and ModelPackageGroupName must be given.")
    if "ModelPackageName" in request and "InferenceSpecification" not in request:
        raise validation("A model package without a group needs an InferenceSpecification.")
    for member in ("SourceAlgorithmSpecification", "ValidationSpecification"):
        if member in request:
            raise unsupported(member)
    for uri in [*_data(request), *_reports(request.get("ModelMetrics", {}))]:
        _need_object(context, uri)


def _data(request: Request) -> Iterator[str]:
    for container in request.get("InferenceSpecification", {}).get("Containers", []):
        if "ModelDataUrl" in container:
            yield container["ModelDataUrl"]


def _reports(metrics: Mapping[str, Any]) -> Iterator[str]:
    for group in metrics.values():
        for source in group.values():
            yield source["S3Uri"]


def _need_object(context: Context, uri: str) -> None:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        found = context.objects.get(bucket, key)
    except AwsError:  # not even the bucket is there
        found = None
    if not uri.startswith("s3://") or found is None:
        raise validation(f"Could not find an object at {uri}. Please ensure that it exists and can be read.")


def _version(context: Context, request: Request) -> Body:
    """Take the next version of a group; a deleted version's number is not used again."""
    group = need(context, GROUP, request["ModelPackageGroupName"])
    number = group["Versions"] + 1
    context.tx.put(GROUP.name, group["ModelPackageGroupName"].lower(), {**group, "Versions": number})
    name = group["ModelPackageGroupName"]
    return {
        "ModelPackageGroupName": name,
        "ModelPackageVersion": number,
        "ModelPackageArn": context.arn(f"model-package/{name.lower()}/{number}"),
    }


def _single(context: Context, request: Request) -> Body:
    name = request["ModelPackageName"]
    arn = context.arn(f"model-package/{name.lower()}")
    if context.tx.get(KIND, arn) is not None:
        raise answers.exists(KIND, name, arn)
    return {"ModelPackageName": name, "ModelPackageArn": arn}


def _insert(context: Context, request: Request, place: Body) -> str:
    kept = {name: value for name, value in request.items() if name not in ("Tags", "ClientToken")}
    approval = {"ModelApprovalStatus": "PendingManualApproval"} if "ModelPackageVersion" in place else {}
    body = {
        "CertifyForMarketplace": False,
        **approval,
        **kept,
        **place,
        "CreationTime": context.now(),
        "CreatedBy": {},
    }
    arn: str = place["ModelPackageArn"]
    context.tx.insert(KIND, arn, body)
    tags.give(context, arn, request.get("Tags", []))
    return arn


def current(context: Context, body: Body) -> Body:
    """Return a package with its status as it is now; nothing of it is left to fail once it was accepted."""
    age = context.now() - body["CreationTime"]
    status = "Pending" if age < PENDING_SECONDS else "InProgress" if age < CHECKING_SECONDS else "Completed"
    item = {"Name": "model-package", "Status": "NotStarted" if status == "Pending" else status}
    details = {"ValidationStatuses": [], "ImageScanStatuses": [item]}
    return {**body, "ModelPackageStatus": status, "ModelPackageStatusDetails": details}


def describe_package(context: Context, request: Request) -> Response:
    """Describe a model package by ARN, by ``group/version``, or by a name of its own."""
    body = current(context, _need(context, request["ModelPackageName"]))
    body.setdefault("ModelPackageName", body.get("ModelPackageGroupName"))
    return shown("DescribeModelPackageOutput", body)


def update_package(context: Context, request: Request) -> Response:
    """Change a model package: its approval, its metadata, its specifications."""
    body = _need(context, request["ModelPackageArn"])
    properties = {**body.get("CustomerMetadataProperties", {}), **request.get("CustomerMetadataProperties", {})}
    for key in request.get("CustomerMetadataPropertiesToRemove", ()):
        properties.pop(key, None)
    more = request.get("AdditionalInferenceSpecificationsToAdd", [])
    changes: Body = given(request, *_CHANGED)
    if properties or "CustomerMetadataProperties" in body:
        changes["CustomerMetadataProperties"] = properties
    if more:
        changes["AdditionalInferenceSpecifications"] = [*body.get("AdditionalInferenceSpecifications", []), *more]
    times = {"LastModifiedTime": context.now(), "LastModifiedBy": {}}
    context.tx.put(KIND, body["ModelPackageArn"], {**body, **changes, **times})
    return {"ModelPackageArn": body["ModelPackageArn"]}


def delete_package(context: Context, request: Request) -> Response:
    """Delete a model package."""
    body = _need(context, request["ModelPackageName"])
    context.tx.delete(KIND, body["ModelPackageArn"])
    tags.forget(context, body["ModelPackageArn"])
    return {}


def list_packages(context: Context, request: Request) -> Response:
    """List model packages: a group's versions, packages with names of their own, or both."""
    found = _chosen(context, request)
    if "ModelApprovalStatus" in request:
        found = [body for body in found if body.get("ModelApprovalStatus") == request["ModelApprovalStatus"]]
    part = request.get("NameContains", "").lower()
    found = [body for body in found if part in body["ModelPackageArn"].rpartition("model-package/")[2]]
    found = [
        current(context, body) for body in found if created(request, body, "CreationTimeBefore", "CreationTimeAfter")
    ]
    found = ordered(request, found, {"Name": "ModelPackageArn"})
    return page(request, found, "ModelPackageSummaryList", lambda body: shown("ModelPackageSummary", body))


def _chosen(context: Context, request: Request) -> list[Body]:
    if "ModelPackageGroupName" in request:
        group = need(context, GROUP, request["ModelPackageGroupName"])
        return of_group(context, group["ModelPackageGroupName"])
    kind = request.get("ModelPackageType", "Unversioned")
    return [
        body
        for body in context.tx.list(KIND)
        if kind in ("Both", "Versioned" if "ModelPackageVersion" in body else "Unversioned")
    ]


def of_group(context: Context, group: str) -> list[Body]:
    """Return a group's packages, oldest first."""
    return [body for body in context.tx.list(KIND) if body.get("ModelPackageGroupName") == group]


def batch_describe(context: Context, request: Request) -> Response:
    """Describe several model packages; those that are not there are told by ARN."""
    summaries, errors = {}, {}
    for arn in request["ModelPackageArnList"]:
        body = context.tx.get(KIND, arn)
        if body is None:
            absent = answers.absent(KIND, arn, arn)
            errors[arn] = {"ErrorCode": absent.code, "ErrorResponse": absent.message}
        else:
            summaries[arn] = shown("BatchDescribeModelPackageSummary", current(context, body))
    return {"ModelPackageSummaries": summaries, "BatchDescribeModelPackageErrorMap": errors}


def _need(context: Context, name: str) -> Body:
    arn = name if name.startswith("arn:") else context.arn(f"model-package/{name.lower()}")
    body = context.tx.get(KIND, arn)
    if body is None:
        raise answers.absent(KIND, name, arn)
    return body


OPERATIONS: Mapping[str, Operation] = {
    "BatchDescribeModelPackage": batch_describe,
    "CreateModelPackage": create_package,
    "DeleteModelPackage": delete_package,
    "DescribeModelPackage": describe_package,
    "ListModelPackages": list_packages,
    "UpdateModelPackage": update_package,
}

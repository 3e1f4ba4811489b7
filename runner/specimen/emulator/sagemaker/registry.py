"""The model registry's groups."""

from collections.abc import Mapping

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import conflict
from specimen.emulator.sagemaker import packages
from specimen.emulator.sagemaker.entities import GROUP, add, need, remove, shown
from specimen.emulator.sagemaker.paging import created, ordered, page

_TIMES = ("CreationTimeBefore", "CreationTimeAfter")


def create_group(context: Context, request: Request) -> Response:
    """Create a model package group."""
    name = request["ModelPackageGroupName"]
    body = {**request, "ModelPackageGroupStatus": "Completed", "Versions": 0}
    return {"ModelPackageGroupArn": add(context, GROUP, name, body, request.get("Tags", ()))}


def describe_group(context: Context, request: Request) -> Response:
    """Describe a model package group."""
    return shown("DescribeModelPackageGroupOutput", need(context, GROUP, request["ModelPackageGroupName"]))


def delete_group(context: Context, request: Request) -> Response:
    """Delete a model package group without packages."""
    body = need(context, GROUP, request["ModelPackageGroupName"])
    if packages.of_group(context, body["ModelPackageGroupName"]):
        raise conflict(
            f"Model Package Group cannot be deleted as it still has model packages: {body['ModelPackageGroupArn']}"
        )
    remove(context, GROUP, body)
    return {}


def list_groups(context: Context, request: Request) -> Response:
    """List model package groups."""
    part = request.get("NameContains", "").lower()
    found = [body for body in context.tx.list(GROUP.name) if part in body["ModelPackageGroupName"].lower()]
    found = [body for body in found if created(request, body, *_TIMES)]
    found = ordered(request, found, {"Name": "ModelPackageGroupName"}, "Ascending")
    return page(request, found, "ModelPackageGroupSummaryList", lambda body: shown("ModelPackageGroupSummary", body))


OPERATIONS: Mapping[str, Operation] = {
    "CreateModelPackageGroup": create_group,
    "DeleteModelPackageGroup": delete_group,
    "DescribeModelPackageGroup": describe_group,
    "ListModelPackageGroups": list_groups,
}

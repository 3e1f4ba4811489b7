"""Tags, on any resource by its ARN; a resource is known here from its creation to its deletion."""

from collections.abc import Mapping
from typing import Any

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import validation
from specimen.emulator.sagemaker.paging import page

KIND = "Tags"
MOST = 50
PAGE = 50
_NAMED = {"DeleteModel": "model", "DeleteEndpoint": "endpoint", "DeleteEndpointConfig": "endpoint-config"}


def follow(context: Context, operation: str, request: Request, response: Response) -> None:
    """Note the tags that an operation gave to what it created, and forget those of what it deleted."""
    if operation.startswith("Create"):
        for member, arn in response.items():
            if member.endswith("Arn") and context.tx.get(KIND, arn) is None:
                _put(context, arn, _merged({}, request.get("Tags", ())))
    elif operation in _NAMED:
        name = request[f"{operation.removeprefix('Delete')}Name"]
        forget(context, context.arn(f"{_NAMED[operation]}/{name.lower()}"))


def of(context: Context, arn: str) -> list[dict[str, str]]:
    """Return a resource's tags, as AWS lists them."""
    body = context.tx.get(KIND, arn) or {"Tags": {}}
    return [{"Key": key, "Value": value} for key, value in body["Tags"].items()]


def give(context: Context, arn: str, tags: list[dict[str, str]]) -> None:
    """Make a resource known, with its first tags."""
    _put(context, arn, _merged({}, tags))


def forget(context: Context, arn: str) -> None:
    """Forget a resource that was deleted."""
    context.tx.delete(KIND, arn)


def add_tags(context: Context, request: Request) -> Response:
    """Add tags to a resource, or change their values."""
    arn = request["ResourceArn"]
    _put(context, arn, _merged(_need(context, arn), request["Tags"]))
    return {"Tags": of(context, arn)}


def list_tags(context: Context, request: Request) -> Response:
    """List the tags of a resource."""
    _need(context, request["ResourceArn"])
    return page(request, [dict(tag) for tag in of(context, request["ResourceArn"])], "Tags", dict, PAGE)


def delete_tags(context: Context, request: Request) -> Response:
    """Take tags from a resource; keys that it does not have are no error."""
    tags = _need(context, request["ResourceArn"])
    _put(context, request["ResourceArn"], {key: tags[key] for key in tags if key not in request["TagKeys"]})
    return {}


def _need(context: Context, arn: str) -> dict[str, str]:
    body = context.tx.get(KIND, arn)
    if body is None:
        raise validation(f"The given resource does not exist: {arn}")
    tags: dict[str, str] = body["Tags"]
    return tags


def _merged(tags: Mapping[str, str], more: Any) -> dict[str, str]:
    keys = [tag["Key"] for tag in more]
    if len(set(keys)) < len(keys):
        raise validation("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.lower().startswith("aws:") for key in keys):
        raise validation("Tag keys cannot start with 'aws:'.")
    merged = {**tags, **{tag["Key"]: tag["Value"] for tag in more}}
    if len(merged) > MOST:
        raise validation(f"The number of tags exceeds the limit of {MOST}.")
    return merged


def _put(context: Context, arn: str, tags: Mapping[str, str]) -> None:
    context.tx.put(KIND, arn, {"Tags": dict(tags)})


OPERATIONS: Mapping[str, Operation] = {"AddTags": add_tags, "DeleteTags": delete_tags, "ListTags": list_tags}

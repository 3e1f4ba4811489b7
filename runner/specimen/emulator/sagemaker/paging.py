"""What List operations have in common: times of creation, order, and pages."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from specimen.emulator.context import Request, Response
from specimen.emulator.errors import validation

PAGE = 10  # MaxResults of a request that does not say
_FOREVER = float("inf")

Body = dict[str, Any]


def created(request: Request, body: Body, before: str = "CreatedBefore", after: str = "CreatedAfter") -> bool:
    """Tell whether a body was created within the times that a request names."""
    return bool(request.get(after, -_FOREVER) <= body["CreationTime"] <= request.get(before, _FOREVER))


def ordered(
    request: Request, bodies: Iterable[Body], members: Mapping[str, str], default: str = "Descending"
) -> list[Body]:
    """Sort bodies as a request asks; `members` says which member each value of SortBy means."""
    member = members.get(request.get("SortBy", ""), "CreationTime")
    backwards = request.get("SortOrder", default) == "Descending"
    return sorted(bodies, key=lambda body: (body.get(member, ""), body["CreationTime"]), reverse=backwards)


def page(
    request: Request,
    found: list[Body],
    member: str,
    show: Callable[[Body], Body],
    size: int = PAGE,
) -> Response:
    """Answer one page of what was found, under `member`; a NextToken that is not ours is refused."""
    start = _start(request)
    end = start + request.get("MaxResults", size)
    token = {"NextToken": _token(end)} if end < len(found) else {}
    return {member: [show(body) for body in found[start:end]], **token}


def _token(start: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"start": start}).encode()).decode()


def _start(request: Request) -> int:
    token = request.get("NextToken")
    if token is None:
        return 0
    try:
        start = json.loads(base64.urlsafe_b64decode(token))["start"]
    except (ValueError, KeyError, TypeError):
        start = None
    if type(start) is not int or start < 0:
        raise validation("Invalid NextToken.")
    return start

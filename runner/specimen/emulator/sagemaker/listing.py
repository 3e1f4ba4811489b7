"""The List operations of jobs, models and endpoints: filters, order and pages, as they all have them."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from specimen.emulator.context import Request, Response
from specimen.emulator.errors import validation

PAGE = 10  # MaxResults of a request that does not say; it is 100 at most


def page(request: Request, bodies: Iterable[Mapping[str, Any]], prefix: str, list_name: str, *members: str) -> Response:
    """Answer one page of the bodies that a request asks for.

    `prefix` begins the members that every kind has (``TrainingJobName``, ``TrainingJobArn``, ``TrainingJobStatus``),
    `members` are the others that AWS lists, where a body has them.
    """
    shown = (f"{prefix}Name", f"{prefix}Arn", f"{prefix}Status", "CreationTime", *members)
    found = [body for body in bodies if _wanted(request, body, prefix)]
    backwards = request.get("SortOrder", "Descending") == "Descending"
    found.sort(key=_order(request, prefix), reverse=backwards)
    start = _start(request)
    end = start + request.get("MaxResults", PAGE)
    summaries = [{name: body[name] for name in shown if name in body} for body in found[start:end]]
    return {list_name: summaries, **({"NextToken": _token(end)} if end < len(found) else {})}


def _wanted(request: Request, body: Mapping[str, Any], prefix: str) -> bool:
    if request.get("NameContains", "").lower() not in body[f"{prefix}Name"].lower():
        return False
    if request.get("StatusEquals", body.get(f"{prefix}Status")) != body.get(f"{prefix}Status"):
        return False
    return all(
        request.get(f"{time}After", float("-inf")) <= body.get(time, 0) <= request.get(f"{time}Before", float("inf"))
        for time in ("CreationTime", "LastModifiedTime")
    )


def _order(request: Request, prefix: str) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    first = {"Name": f"{prefix}Name", "Status": f"{prefix}Status"}.get(request.get("SortBy", ""), "CreationTime")
    return lambda body: (body[first], body["CreationTime"], body[f"{prefix}Name"])


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
    if not isinstance(start, int) or start < 0:
        raise validation("Invalid NextToken.")
    return start

"""The List operations of jobs, models and endpoints: filters, order and pages, as they all have them."""

from collections.abc import Iterable, Mapping
from typing import Any

from specimen.emulator.context import Request, Response
from specimen.emulator.sagemaker import paging
from specimen.emulator.sagemaker.paging import Body

_FOREVER = float("inf")


def page(request: Request, bodies: Iterable[Body], prefix: str, list_name: str, *members: str) -> Response:
    """Answer one page of the bodies that a request asks for.

    `prefix` begins the members that every kind has (``TrainingJobName``, ``TrainingJobArn``, ``TrainingJobStatus``),
    `members` are the others that AWS lists, where a body has them.
    """
    shown = (f"{prefix}Name", f"{prefix}Arn", f"{prefix}Status", "CreationTime", *members)
    chosen = (body for body in bodies if wanted(request, body, prefix))
    found = paging.ordered(request, chosen, {"Name": f"{prefix}Name", "Status": f"{prefix}Status"})
    return paging.page(request, found, list_name, lambda body: {name: body[name] for name in shown if name in body})


def wanted(request: Request, body: Mapping[str, Any], prefix: str) -> bool:
    """Tell whether a request asks for a body, by its name, status and times."""
    if request.get("NameContains", "").lower() not in body[f"{prefix}Name"].lower():
        return False
    if request.get("StatusEquals", body.get(f"{prefix}Status")) != body.get(f"{prefix}Status"):
        return False
    return all(
        request.get(f"{time}After", -_FOREVER) <= body.get(time, 0) <= request.get(f"{time}Before", _FOREVER)
        for time in ("CreationTime", "LastModifiedTime")
    )

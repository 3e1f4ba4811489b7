"""AWS's JSON 1.1 protocol, and what SageMaker Runtime's REST-JSON needs of HTTP."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from specimen.emulator.errors import AwsError
from specimen.emulator.protocol.http import HttpRequest, HttpResponse
from specimen.emulator.shapes import ServiceModel

BODY_BYTES = 16 << 20
INVOCATION_BYTES = 6 << 20  # the largest payload that InvokeEndpoint takes
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
CONTENT_TYPE = "application/x-amz-json-1.1"
_WRITE = json.JSONEncoder(check_circular=False).encode  # an answer was checked, hence it is a tree


def read_json(request: HttpRequest) -> dict[str, Any]:
    """Read a JSON body, an object; anything else is `SerializationException`."""
    try:
        body = request.body(BODY_BYTES)
        value = json.loads(body or b"{}")
        if _SURROGATE.search(body):
            json.dumps(value, ensure_ascii=False).encode()  # half a character is a ValueError here, not in the store
    except (ValueError, RecursionError) as problem:
        raise AwsError("SerializationException", f"The body is not JSON: {problem}") from problem
    if not isinstance(value, dict):
        raise AwsError("SerializationException", "The body is not a JSON object.")
    return value


def json_answer(value: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Form a JSON answer."""
    return HttpResponse(status, {"Content-Type": CONTENT_TYPE, **(headers or {})}, _WRITE(value).encode())


def json_error(error: AwsError) -> HttpResponse:
    """Form an error as the JSON protocols spell it."""
    members = {"__type": error.code, "message": error.message, **error.members}
    return json_answer(members, error.status, {"x-amzn-ErrorType": error.code})


def rest_operation(model: ServiceModel, request: HttpRequest) -> tuple[str, dict[str, str]] | None:
    """Find the operation of a REST service by method and path, with the members that stand in the path."""
    for name, operation in model.operations.items():
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(operation["http"]["requestUri"]))
        match = re.fullmatch(pattern, request.path)
        if match and operation["http"]["method"] == request.method:
            return name, {member: unquote(text) for member, text in match.groupdict().items()}
    return None


def read_rest(model: ServiceModel, operation: str, request: HttpRequest, path: Mapping[str, str]) -> dict[str, Any]:
    """Read a REST request whose payload is a blob: members from path, headers and body."""
    shape = model.shapes[model.input_shape(operation) or ""]
    members: dict[str, Any] = {**path, shape["payload"]: request.body(INVOCATION_BYTES)}
    for name, member in shape["members"].items():
        value = request.headers.get(member.get("locationName", "").lower())
        if member.get("location") == "header" and value is not None:
            members[name] = value
    return members


def rest_answer(model: ServiceModel, operation: str, response: Mapping[str, Any]) -> HttpResponse:
    """Form a REST answer: members to headers, the payload to the body."""
    shape = model.shapes[model.output_shape(operation) or ""]
    headers = {
        member["locationName"]: quote(str(response[name]), safe="".join(map(chr, range(32, 127))))
        for name, member in shape["members"].items()
        if member.get("location") == "header" and name in response
    }
    return HttpResponse(200, headers, response[shape["payload"]])

"""What a request asks of AWS: the operation, and of an object what it is for."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

CREATING = ("Create", "Put", "Add", "Register", "Upload", "Complete")  # how operations that make something begin
_S3 = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_INVOCATION = re.compile(r"/endpoints/[^/]+/invocations")
_PURPOSES = {  # by a part of the key; an object's content is of no interest
    "source": r"sources/",
    "report": r"runs/[^/]+/report\.html$",
    "record": r"runs/",
    "config": r"[^/]+/analysis/",
    "statistics": r"[^/]+/evaluation/.*/statistics/",
    "data": r"[^/]+/data/",
}


@dataclass(frozen=True)
class Call:
    """One request: AWS's name for it, the purpose of an object, and from which local port it came."""

    operation: str
    purpose: str
    port: int
    bucket: str = ""
    key: str = ""
    body: bytes = b""

    @property
    def creates(self) -> bool:
        """Tell whether it makes something."""
        return creating(self.operation)


def creating(operation: str) -> bool:
    """Tell whether an operation makes something, by AWS's way of naming them."""
    return operation.startswith(CREATING)


def read(method: str, target: str, headers: Mapping[str, str], body: bytes, port: int) -> Call:
    """Name what a request asks; `headers` in lower case."""
    if "x-amz-target" in headers:
        return Call(headers["x-amz-target"].rpartition(".")[2], "", port, body=body)
    parts = urlsplit(target)
    if _INVOCATION.fullmatch(parts.path):
        return Call("InvokeEndpoint", "", port)
    bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Call(_operation(method, key, query), _purpose(key), port, bucket, key, body)


def _operation(method: str, key: str, query: Mapping[str, str]) -> str:
    match method:
        case "POST" if "uploads" in query:
            return "CreateMultipartUpload"
        case "POST" if "uploadId" in query:
            return "CompleteMultipartUpload"
        case "PUT" if "partNumber" in query:
            return "UploadPart"
        case "PUT" if not key:
            return "CreateBucket"
        case "GET" if not key:
            return "ListObjectsV2"
        case _:
            return _S3.get(method, method)


def _purpose(key: str) -> str:
    return next((name for name, pattern in _PURPOSES.items() if re.match(pattern, key)), "")


def purposes() -> Iterable[str]:
    """Give what objects are written for by a run itself."""
    return _PURPOSES

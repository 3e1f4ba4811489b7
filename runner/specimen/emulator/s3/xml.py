"""S3's XML: what is written, and the little that is read."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from xml.etree import ElementTree

from specimen.emulator.errors import AwsError
from specimen.emulator.protocol.http import HttpResponse

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
BODY_BYTES = 4 << 20
_SPECIAL = re.compile(r"[&<>\"\x00-\x1f\x7f]")

Value = str | int | bool | Mapping[str, "Value"] | Iterable["Value"]


def document(root: str, content: Mapping[str, Value] | str, status: int = 200) -> HttpResponse:
    """Form an answer: a text is escaped, a mapping becomes elements, a list an element an item, by the same name."""
    inner = escaped(content) if isinstance(content, str) else _members(content)
    return _answer(f'<{root} xmlns="{NAMESPACE}">{inner}</{root}>', status)


def error_document(content: Mapping[str, Value], status: int) -> HttpResponse:
    """Form an error, which has no namespace."""
    return _answer(f"<Error>{_members(content)}</Error>", status)


def _answer(text: str, status: int) -> HttpResponse:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
    return HttpResponse(status, {"Content-Type": "application/xml"}, body)


def _members(content: Mapping[str, Value]) -> str:
    return "".join(_element(name, value) for name, value in content.items())


def _element(name: str, value: Value) -> str:
    match value:
        case bool():
            return f"<{name}>{str(value).lower()}</{name}>"
        case str() | int():
            return f"<{name}>{escaped(str(value))}</{name}>"
        case Mapping():
            return f"<{name}>{_members(value)}</{name}>"
        case _:
            return "".join(_element(name, item) for item in value)


def escaped(text: str) -> str:
    """Escape a text, control characters included, as S3 does."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", text)


def iso(seconds: float) -> str:
    """Write epoch seconds as S3's XML does."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(seconds * 1000) % 1000:03d}Z"


def parsed(body: bytes, root: str) -> ElementTree.Element:
    """Parse a request's document, names without their namespace; anything but `root` is `MalformedXML`."""
    malformed = AwsError("MalformedXML", "The XML you provided was not well-formed or did not validate.", 400)
    if b"<!" in body or b"\0" in body:  # NUL bytes: UTF-16, which would hide a DOCTYPE
        raise malformed
    try:
        tree = ElementTree.fromstring(body)  # noqa: S314 - without a DOCTYPE there are no entities to expand
    except (ElementTree.ParseError, ValueError, LookupError) as problem:
        raise malformed from problem
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    if tree.tag != root:
        raise malformed
    return tree


def text(element: ElementTree.Element, name: str) -> str:
    """Return the text of a child that must be there."""
    value = element.findtext(name)
    if value is None:
        raise AwsError("MalformedXML", f"The XML you provided lacks {name}.", 400)
    return value

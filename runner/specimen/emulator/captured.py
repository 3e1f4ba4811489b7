"""One invocation as SageMaker's data capture writes it down.

Source: "Capture data from real-time endpoint".
"""

import base64
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SIDES = {"Input": ("INPUT",), "Output": ("OUTPUT",), "InputAndOutput": ("INPUT", "OUTPUT")}


@dataclass(frozen=True)
class Message:
    """A request's or an answer's body, and of which content type it says to be."""

    kind: str | None
    body: bytes


@dataclass(frozen=True)
class Captured:
    """An invocation that is captured; `time` in epoch seconds, `metadata` what its headers add to the event's."""

    config: Mapping[str, Any]
    endpoint: str
    variant: str
    request: Message
    answer: Message
    time: float
    metadata: Mapping[str, Any]

    @property
    def size(self) -> int:
        """Return how many bytes it keeps in memory."""
        return len(self.request.body) + len(self.answer.body)

    def folder(self) -> tuple[str, str]:
        """Return the bucket and the prefix of its hour."""
        bucket, _, prefix = self.config["DestinationS3Uri"].removeprefix("s3://").partition("/")
        hour = time.strftime("%Y/%m/%d/%H", time.gmtime(self.time))
        return bucket, "/".join(filter(None, (prefix.strip("/"), self.endpoint, self.variant, hour)))

    def record(self) -> dict[str, Any]:
        """Return its line."""
        sides = {side for option in self.config["CaptureOptions"] for side in _SIDES[option["CaptureMode"]]}
        messages = (("endpointInput", "INPUT", self.request), ("endpointOutput", "OUTPUT", self.answer))
        data = {name: self._side(mode, message) for name, mode, message in messages if mode in sides}
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.time))
        event = {"eventId": str(uuid.uuid4()), "inferenceTime": moment, **self.metadata}
        return {"captureData": data, "eventMetadata": event, "eventVersion": "0"}

    def _side(self, mode: str, message: Message) -> dict[str, Any]:
        encoding = self._encoding(message)
        data = base64.b64encode(message.body).decode() if encoding == "BASE64" else message.body.decode()
        return {"observedContentType": message.kind, "mode": mode, "data": data, "encoding": encoding}

    def _encoding(self, message: Message) -> str:
        """Tell how a body is written down: as text where its type is listed as text, and it is text."""
        kinds = self.config.get("CaptureContentTypeHeader", {})
        kind = (message.kind or "").partition(";")[0].strip()
        for encoding, member in (("CSV", "CsvContentTypes"), ("JSON", "JsonContentTypes")):
            if kind in kinds.get(member, ()) and _is_text(message.body):
                return encoding
        return "BASE64"


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def object_name(moment: float) -> str:
    """Name an object of lines by the minute, second and millisecond of its first one."""
    return f"{time.strftime('%M-%S', time.gmtime(moment))}-{int(moment * 1000) % 1000:03d}-{uuid.uuid4()}.jsonl"

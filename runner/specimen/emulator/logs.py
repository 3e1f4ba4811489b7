"""CloudWatch Logs, read from the files that jobs write: a folder a group, a file a stream, a line an event.

A token is a place in a file, so that reading on costs what is read, however long the log is.
"""

import base64
import binascii
import heapq
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import AwsError
from specimen.emulator.log_files import Event, after, before, end, first_and_last, size, starts_line
from specimen.emulator.log_filter import matcher

PAGE = 50  # groups or streams of a request that sets no limit
EVENTS = 10_000  # at most in an answer
ANSWER_BYTES = 1 << 20
_NAME_BYTES = 255  # of a file's name
_PLACE = re.compile(r"[0-9]{1,64}")


@dataclass(frozen=True)
class Stream:
    """A log stream: its name and its file."""

    name: str
    path: Path


def describe_log_groups(context: Context, request: Request) -> Response:
    """List log groups by name."""
    prefix, part = request.get("logGroupNamePrefix", ""), request.get("logGroupNamePattern", "")
    names = sorted(unquote(folder.name) for folder in _root(context).glob("*"))
    chosen = [name for name in names if name.startswith(prefix) and part in name]
    page, token = _page(chosen, request)
    return {"logGroups": [_group(context, name) for name in page], **token}


def _group(context: Context, name: str) -> dict[str, Any]:
    arn = context.arn(f"log-group:{name}", service="logs")
    streams = _streams(context, name)
    return {
        "logGroupName": name,
        "creationTime": int(_folder(context, name).stat().st_ctime * 1000),
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "storedBytes": sum(size(stream.path) for stream in streams),
        "logGroupClass": "STANDARD",
        "logGroupArn": arn,
    }


def describe_log_streams(context: Context, request: Request) -> Response:
    """List the streams of a group, by name or by the time of their last event."""
    group = _group_name(request)
    by_time = request.get("orderBy", "LogStreamName") == "LastEventTime"
    prefix = request.get("logStreamNamePrefix", "")
    if by_time and prefix:
        raise _invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    described = [_stream(context, group, stream) for stream in _streams(context, group, prefix)]
    if by_time:
        described.sort(key=lambda stream: stream.get("lastEventTimestamp", 0))
    if request.get("descending"):
        described.reverse()
    page, token = _page(described, request)
    return {"logStreams": page, **token}


def _stream(context: Context, group: str, stream: Stream) -> dict[str, Any]:
    described = {
        "logStreamName": stream.name,
        "creationTime": int(stream.path.stat().st_ctime * 1000),
        "arn": context.arn(f"log-group:{group}:log-stream:{stream.name}", service="logs"),
        "storedBytes": 0,
    }
    ends = first_and_last(stream.path)
    if ends is not None:
        first, last = ends
        described |= {"creationTime": first.time, "firstEventTimestamp": first.time}
        described |= {"lastEventTimestamp": last.time, "lastIngestionTime": last.time}
    return described


def get_log_events(context: Context, request: Request) -> Response:
    """Return events of one stream: on from a token, or from its head, or up to its tail."""
    path = _path(context, _group_name(request), request["logStreamName"])
    limit = request.get("limit", EVENTS)
    direction, offset = _place(request, path)
    if direction == "f":
        events = _fitting(_within(request, after(path, offset)), limit)
    else:
        events = _fitting(_within(request, before(path, offset)), limit)[::-1]
    first, last = (events[0].start, events[-1].end) if events else (offset, offset)
    return {
        "events": [{"timestamp": e.time, "message": e.message, "ingestionTime": e.time} for e in events],
        "nextForwardToken": f"f/{last:056d}/s",
        "nextBackwardToken": f"b/{first:056d}/s",
    }


def _place(request: Request, path: Path) -> tuple[str, int]:
    token = request.get("nextToken")
    if token is None:
        return ("f", 0) if request.get("startFromHead") else ("b", end(path))
    direction, _, rest = token.partition("/")
    digits = rest.removesuffix("/s")
    if direction not in ("f", "b") or not _PLACE.fullmatch(digits) or not starts_line(path, int(digits)):
        raise _invalid("The specified nextToken is invalid.")
    return direction, int(digits)


def filter_log_events(context: Context, request: Request) -> Response:
    """Return the events of a group's streams that match a pattern, by time."""
    group = _group_name(request)
    wanted = matcher(request.get("filterPattern", ""))
    names = request.get("logStreamNames")
    streams = _streams(context, group, request.get("logStreamNamePrefix", ""))
    streams = [stream for stream in streams if names is None or stream.name in names]
    read = _offsets(request)
    events: list[dict[str, Any]] = []
    room = ANSWER_BYTES
    merged = heapq.merge(*(_numbered(stream, read.get(stream.name, 0)) for stream in streams), key=_when)
    for stream, event in merged:
        if len(events) >= request.get("limit", EVENTS) or room <= 0:
            return {"events": events, "searchedLogStreams": [], "nextToken": _token(read)}
        read[stream.name] = event.end
        if _in_time(request, event) and wanted(event.message):
            events.append(_filtered(stream, event))
            room -= len(event.message) + 26
    return {"events": events, "searchedLogStreams": []}


def _numbered(stream: Stream, offset: int) -> Iterator[tuple[Stream, Event]]:
    if not starts_line(stream.path, offset):
        raise _invalid("The specified nextToken is invalid.")
    for event in after(stream.path, offset):
        yield stream, event


def _when(item: tuple[Stream, Event]) -> int:
    return item[1].time


def _filtered(stream: Stream, event: Event) -> dict[str, Any]:
    return {
        "logStreamName": stream.name,
        "timestamp": event.time,
        "message": event.message,
        "ingestionTime": event.time,
        "eventId": f"{event.time:020d}{event.start:036d}",
    }


def _within(request: Request, events: Iterator[Event]) -> Iterator[Event]:
    return filter(partial(_in_time, request), events)


def _in_time(request: Request, event: Event) -> bool:
    return bool(request.get("startTime", 0) <= event.time < request.get("endTime", event.time + 1))


def _fitting(events: Iterator[Event], limit: int) -> list[Event]:
    """Take events until the answer is full."""
    taken: list[Event] = []
    room = ANSWER_BYTES
    for event in events:
        room -= len(event.message.encode()) + 26
        if taken and room < 0:
            break
        taken.append(event)
        if len(taken) == limit:
            break
    return taken


def _root(context: Context) -> Path:
    return context.state / "logs"


def _folder(context: Context, group: str) -> Path:
    folder = _root(context) / quote(group, safe="")
    if not _nameable(folder.name, group) or not folder.is_dir():
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return folder


def _path(context: Context, group: str, stream: str) -> Path:
    path = _folder(context, group) / quote(stream, safe="")
    if not _nameable(path.name, stream) or not path.is_file():
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    return path


def _nameable(quoted: str, name: str) -> bool:
    """Tell whether a file can have a name: another one can have no group or stream either."""
    return name not in ("", ".", "..") and len(quoted) <= _NAME_BYTES


def _streams(context: Context, group: str, prefix: str = "") -> list[Stream]:
    found = [Stream(unquote(path.name), path) for path in _folder(context, group).iterdir()]
    return sorted((stream for stream in found if stream.name.startswith(prefix)), key=lambda stream: stream.name)


def _group_name(request: Request) -> str:
    """Return the group, which may be named by its ARN."""
    name = request.get("logGroupName") or request.get("logGroupIdentifier")
    if not name:
        raise _invalid("Either logGroupName or logGroupIdentifier must be given.")
    return str(name).removesuffix(":*").rpartition(":log-group:")[2]


def _page(items: list[Any], request: Request) -> tuple[list[Any], dict[str, str]]:
    read = _offsets(request).get("", 0)
    end = read + request.get("limit", PAGE)
    return items[read:end], ({"nextToken": _token({"": end})} if end < len(items) else {})


def _token(offsets: Mapping[str, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(offsets).encode()).decode()


def _offsets(request: Request) -> dict[str, int]:
    token = request.get("nextToken")
    if token is None:
        return {}
    try:
        offsets = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, binascii.Error):
        offsets = None
    if not isinstance(offsets, dict) or not all(type(value) is int and value >= 0 for value in offsets.values()):
        raise _invalid("The specified nextToken is invalid.")
    return offsets


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


OPERATIONS: Mapping[str, Operation] = {
    "DescribeLogGroups": describe_log_groups,
    "DescribeLogStreams": describe_log_streams,
    "FilterLogEvents": filter_log_events,
    "GetLogEvents": get_log_events,
}

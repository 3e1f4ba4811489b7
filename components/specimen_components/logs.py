"""A job's CloudWatch log, read as it grows: one stream an instance, named ``<job>/algo-<n>-…``."""

from collections.abc import Iterator
from typing import Any

from specimen_components.clients import Aws
from specimen_components.problems import Refused, Unreachable
from specimen_components.progress import say
from specimen_components.waiting import Clock, Pace

_NOT_FOR_PEOPLE = "/data-log"  # batch transform's list of records it could not read


class Log:
    """The log of one job; `fresh` gives what has been added since it was last asked."""

    def __init__(self, aws: Aws, group: str, job: str) -> None:
        self._aws = aws
        self._group = group
        self._job = job
        self._tokens: dict[str, str | None] = {}

    def fresh(self) -> list[str]:
        """Give the lines added since the last call, each stream's in their order; none while there is no log."""
        for stream in self._streams():
            self._tokens.setdefault(stream, None)
        lines = [(stream, line) for stream in sorted(self._tokens) for line in self._added(stream)]
        if len(self._tokens) < 2:
            return [line for _, line in lines]
        return [f"[{_instance(stream)}] {line}" for stream, line in lines]

    def _streams(self) -> Iterator[str]:
        asked: dict[str, Any] = {"logGroupName": self._group, "logStreamNamePrefix": f"{self._job}/"}
        while page := self._aws.find("logs", "DescribeLogStreams", asked):
            for stream in page.get("logStreams", []):
                if not stream["logStreamName"].endswith(_NOT_FOR_PEOPLE):
                    yield stream["logStreamName"]
            if not page.get("nextToken"):
                return
            asked["nextToken"] = page["nextToken"]

    def _added(self, stream: str) -> Iterator[str]:
        """Read on from the stream's token; CloudWatch gives the same token again at the end."""
        asked: dict[str, Any] = {"logGroupName": self._group, "logStreamName": stream, "startFromHead": True}
        while True:
            token = self._tokens[stream]
            page = self._aws.find("logs", "GetLogEvents", asked | ({"nextToken": token} if token else {}))
            if page is None:
                return
            self._tokens[stream] = page["nextForwardToken"]
            for event in page["events"]:
                yield event["message"].rstrip("\n")
            if page["nextForwardToken"] == token:
                return


class Follower:
    """Says a job's log lines as they come; a log that cannot be read is said once and disturbs nothing."""

    def __init__(self, log: Log | None) -> None:
        self._log = log

    def follow(self) -> bool:
        """Say the lines that are new; tell whether there were any."""
        if self._log is None:
            return False
        try:
            lines = self._log.fresh()
        except Unreachable:
            return False
        except Refused as refusal:
            say(f"the job's log cannot be read: {refusal}")
            self._log = None
            return False
        for line in lines:
            say(line)
        return bool(lines)

    def finish(self, clock: Clock, pace: Pace) -> None:
        """Say what comes in after the job's end, until a pause brings nothing."""
        while self._log is not None:
            clock.sleep(pace.first)
            if not self.follow():
                return


def _instance(stream: str) -> str:
    return "-".join(stream.rpartition("/")[2].split("-")[:2])

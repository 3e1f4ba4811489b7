"""A job's log: what its container prints, with the time, as CloudWatch Logs shows it."""

import re
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SEARCHED = 10_000  # characters of a line in which metrics are looked for


def stream_file(state: Path, group: str, stream: str) -> Path:
    """Return the file of a log stream; each of its lines is a time in epoch milliseconds, a space, and the message."""
    return state / "logs" / quote(group, safe="") / quote(stream, safe="")


class Log:
    """Appends lines to a log stream's file; safe to use from several threads.

    Control characters are written as the log driver of SageMaker's instances writes them: a tab is ``#011``.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    def write(self, line: str) -> str:
        """Append a line and return it as it stands in the log."""
        text = _CONTROL.sub(lambda match: f"#{ord(match[0]):03o}", line)
        with self._lock:
            self._stream.write(f"{int(time.time() * 1000)} {text}\n".encode())
        return text

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


class Metrics:
    """Finds metrics in a log, as SageMaker does: the last match of each definition's regex is the metric's value."""

    def __init__(self, definitions: Mapping[str, str]) -> None:
        self._patterns = [(name, re.compile(regex.removeprefix(".*"))) for name, regex in definitions.items()]
        self.found: dict[str, tuple[float, float]] = {}

    def read(self, line: str) -> None:
        """Note the values that stand in a line."""
        for name, pattern in self._patterns:
            match = pattern.search(line, 0, _SEARCHED)
            if match is not None and (value := number(match)) is not None:
                self.found[name] = (value, time.time())


def number(match: re.Match[str]) -> float | None:
    """Return the number that a metric's regex has found, if it is one."""
    try:
        return float(match[1])
    except (ValueError, IndexError):
        return None

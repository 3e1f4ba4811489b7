"""A log stream's file, forwards and backwards; each of its lines is epoch milliseconds, a space, and the message."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WINDOW = 1 << 16  # bytes read at a time, backwards


@dataclass(frozen=True)
class Event:
    """One event: `time` in epoch milliseconds, and where its line starts and ends in the file."""

    time: int
    message: str
    start: int
    end: int


def size(path: Path) -> int:
    """Return how many bytes a file has."""
    return path.stat().st_size


def after(path: Path, offset: int) -> Iterator[Event]:
    """Go through the events from an offset on; a line that is still being written is left for later."""
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield _event(line, offset)
            offset += len(line)


def before(path: Path, offset: int) -> Iterator[Event]:
    """Go through the events that end at an offset or before it, last first."""
    window = WINDOW
    with path.open("rb") as file:
        while offset > 0:
            start = max(0, offset - window)
            file.seek(start)
            block = file.read(offset - start)
            cut = 0 if start == 0 else block.find(b"\n") + 1
            if cut == len(block) or (cut == 0 and start > 0):  # a line longer than the window
                window *= 2
                continue
            for line in reversed(block[cut:].splitlines(keepends=True)):
                offset -= len(line)
                if line.endswith(b"\n"):
                    yield _event(line, offset)


def starts_line(path: Path, offset: int) -> bool:
    """Tell whether an offset is where a line starts, or where the next one will."""
    if offset == 0 or offset > size(path):
        return offset == 0
    with path.open("rb") as file:
        file.seek(offset - 1)
        return file.read(1) == b"\n"


def end(path: Path) -> int:
    """Return where the last whole line ends."""
    last = next(before(path, size(path)), None)
    return 0 if last is None else last.end


def first_and_last(path: Path) -> tuple[Event, Event] | None:
    """Return a file's first and last event, or None if it has none."""
    first = next(after(path, 0), None)
    last = next(before(path, size(path)), None)
    return None if first is None or last is None else (first, last)


def _event(line: bytes, start: int) -> Event:
    time, _, message = line.removesuffix(b"\n").partition(b" ")
    return Event(int(time), message.decode(errors="replace"), start, start + len(line))

"""Folders of a container that are copied to S3 while it runs: Debugger's output, and checkpoints."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from specimen.emulator.errors import AwsError
from specimen.emulator.jobs import channels
from specimen.emulator.jobs.job import JobFailed
from specimen.emulator.objects import Objects

PAUSE = 0.2  # seconds between two looks at a folder, which must not cost the container anything to speak of
SHARE = 0.05  # of a core, which looking may take at most
BATCH = 256  # files that are stored at once
UNFINISHED = ".tmp"  # how a file's name ends while it is written, until it is renamed
IGNORED = ".sagemaker-ignore"  # in the name of a file that is never copied
INDEX, END = "index", "training_job_end.ts"  # of a tensors folder: what leads to its events, and what says that is all

Version = tuple[int, int]  # a file's size and when it was changed


class Mirror:
    """A folder and the prefix to which its files are copied, each once it is whole and again when it has changed.

    With `settle` a file counts as whole when two looks have found it the same; else what has its final name is whole.
    """

    def __init__(self, objects: Objects, folder: Path, uri: str, settle: bool = False) -> None:
        self.folder = folder
        self._objects = objects
        self._uri = uri
        self._settle = settle
        self._seen: dict[str, Version] = {}
        self._copied: dict[str, Version] = {}

    def look(self, last: bool = False) -> None:
        """Copy what is new; the last time, when nobody writes any more, all of it. `JobFailed` where S3 refuses it."""
        found = {name: version for name, version in _files(self.folder) if last or not name.endswith(UNFINISHED)}
        new = [name for name, version in found.items() if self._copied.get(name) != version]
        whole = [name for name in new if last or not self._settle or self._seen.get(name) == found[name]]
        self._seen = found
        ordered = sorted(whole, key=_rank)
        for start in range(0, len(ordered), BATCH):
            self._copy({name: found[name] for name in ordered[start : start + BATCH]})

    def _copy(self, batch: dict[str, Version]) -> None:
        files = {channels.split(channels.join(self._uri, name))[1]: self.folder / name for name in batch}
        try:
            self._objects.put_all(channels.split(self._uri)[0], files)
        except FileNotFoundError:  # deleted meanwhile: the next look does not find it
            return
        except AwsError as problem:
            raise JobFailed(f"ClientError: Data upload failed: {problem.message} ({self._uri})") from problem
        self._copied |= batch


def _rank(name: str) -> tuple[int, str]:
    """Order files so that whoever reads the copy finds all that an index leads to, and all before the end."""
    *folders, last = name.split("/")
    return (2 if last == END else 1 if INDEX in folders else 0), name


def _files(folder: Path, inside: str = "") -> Iterator[tuple[str, Version]]:
    """Go through the files of a folder, those that are written last first: so what they lead to is found as well."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: (entry.is_dir(), entry.name != INDEX, entry.name))
    except FileNotFoundError:
        return
    for entry in entries:
        with contextlib.suppress(FileNotFoundError):  # renamed or deleted meanwhile
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path), f"{inside}{entry.name}/")
            elif entry.is_file(follow_symlinks=False) and IGNORED not in entry.name:
                state = entry.stat(follow_symlinks=False)
                yield f"{inside}{entry.name}", (state.st_size, state.st_mtime_ns)


class Mirroring:
    """Looks into folders again and again, in a thread of its own, from its beginning to its end."""

    def __init__(self, mirrors: Sequence[Mirror]) -> None:
        self._mirrors = mirrors
        self._over = threading.Event()
        self._problem: JobFailed | None = None
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> None:
        if self._mirrors:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        """Copy the rest; `JobFailed` if any of it could not be copied."""
        if not self._mirrors:
            return
        self._over.set()
        self._thread.join()
        if self._problem is None:
            self._look(last=True)
        if self._problem is not None:
            raise self._problem

    def _follow(self) -> None:
        pause = PAUSE
        while self._problem is None and not self._over.wait(pause):
            before = time.thread_time()
            self._look()
            pause = max(PAUSE, (time.thread_time() - before) / SHARE)

    def _look(self, last: bool = False) -> None:
        try:
            for mirror in self._mirrors:
                mirror.look(last)
        except JobFailed as failed:
            self._problem = failed
        except OSError:  # a full disk, most of all: the next look may find room
            if last:
                raise

"""A state folder on a small file system of its own, which can be filled up; to mount one takes root's rights."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

_SIZE = "64m"  # of which a run uses less than ten
_FILLER = "filler"


@cache
def possible() -> bool:
    """Tell whether file systems can be mounted here."""
    with tempfile.TemporaryDirectory() as name:
        try:
            with own(Path(name)):
                return True
        except (OSError, subprocess.CalledProcessError):
            return False


@contextmanager
def own(folder: Path) -> Iterator[None]:
    """Give an empty folder a file system of its own, whose content is back in the folder afterwards."""
    _system("mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=0700", "tmpfs", str(folder))
    try:
        yield
    finally:
        with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
            shutil.copytree(folder, aside, symlinks=True, dirs_exist_ok=True)
            _system("umount", "--lazy", str(folder))
            shutil.copytree(aside, folder, symlinks=True, dirs_exist_ok=True)


def fill(folder: Path) -> None:
    """Take all the room there is, to the last byte."""
    with (folder / _FILLER).open("ab", buffering=0) as filler:
        for size in (1 << 20, 1 << 12, 1):
            with suppress(OSError):
                while filler.write(bytes(size)):
                    pass


def clear(folder: Path) -> None:
    """Give the room back."""
    (folder / _FILLER).unlink(missing_ok=True)


def _system(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)

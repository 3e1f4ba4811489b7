"""The names of a trial's files, relative to its folder.

Source: smdebug 1.0.34, core/locations.py and core/utils.py.
"""

import re
from typing import Final

COLLECTIONS: Final = "collections/"
INDEX: Final = "index/"
END: Final = "training_job_end.ts"
CLAIM: Final = "claim.smd"
UNFINISHED: Final = ".tmp"  # the ending of a file that is still being written
STEPS_PER_FOLDER: Final = 1000  # of index files

_INDEX_FILE: Final = re.compile(r"index/\d+/(\d+)_(.+)\.json")
_COLLECTIONS_FILE: Final = re.compile(r"collections/\d+/(.+)_collections\.json")


def event_file(step: int, worker: str) -> str:
    return f"events/{step:012d}/{step:012d}_{worker}.tfevents"


def index_file(step: int, worker: str) -> str:
    return f"{INDEX}{step // STEPS_PER_FOLDER:09d}/{step:012d}_{worker}.json"


def collections_file(worker: str) -> str:
    return f"{COLLECTIONS}{0:09d}/{worker}_collections.json"


def parse_index_file(name: str) -> tuple[int, str] | None:
    """Return step and worker of an index file, or None for any other file."""
    match = _INDEX_FILE.fullmatch(name)
    return (int(match[1]), match[2]) if match else None


def parse_collections_file(name: str) -> str | None:
    """Return the worker of a collections file, or None for any other file."""
    match = _COLLECTIONS_FILE.fullmatch(name)
    return match[1] if match else None

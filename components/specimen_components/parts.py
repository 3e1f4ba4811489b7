"""The parts of a table in S3, each under its content's digest; a part of several files is known by their prefix."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from specimen_components import storage
from specimen_components.command import Call
from specimen_components.problems import Failure
from specimen_components.progress import say
from specimen_components.tables.errors import counted
from specimen_components.tables.workers import ordered

_DIGITS = 16
_TYPES = {".csv": "text/csv", ".libsvm": "text/libsvm", ".gz": "application/gzip"}
_FILE = re.compile(r"part-(\d+)-of-(\d+)\.[^/]+")


def store(call: Call, destination: str, files: Mapping[str, Sequence[Path]]) -> dict[str, dict[str, Any]]:
    """Put each part's files into S3, unless they are there, and describe them by part."""
    paths = [path for own in files.values() for path in own]
    digests = dict(zip(paths, ordered(_digest, paths), strict=True))
    described = {part: _described(destination, part, own, digests) for part, own in files.items()}
    uploads = [
        (path, one) for part, own in files.items() for path, one in zip(own, _single(described[part]), strict=True)
    ]
    for _ in ordered(lambda upload: _upload(call, *upload), uploads):
        pass
    return described


def is_there(call: Call, part: Mapping[str, Any]) -> bool:
    """Say whether all files of a part are in S3, as long as they were."""
    return all(_is_there(call, one["uri"], one["bytes"]) for one in _single(part))


def refuse_incomplete(call: Call, *inputs: str) -> None:
    """Refuse inputs of a call that are prefixes from which a part file is missing: a job would read what is there.

    Raises:
        Failure: it names the file, or one that is there and is none of them.
    """
    for uri in map(call.text, inputs):
        if uri.endswith("/"):
            _refuse_incomplete(call, uri)


def _refuse_incomplete(call: Call, uri: str) -> None:
    names = [found.uri.removeprefix(uri) for found in call.ask(lambda: list(storage.listing(call.aws, uri)))]
    numbers = {name: tuple(map(int, match.groups())) for name in names if (match := _FILE.fullmatch(name))}
    if strange := [name for name in names if name not in numbers]:
        raise Failure(
            f"{uri} holds {strange[0]}, which is no part file of it", hint="Remove the object, and run again."
        )
    total = max((total for _, total in numbers.values()), default=1)
    missing = sorted(set(range(1, total + 1)) - {number for number, _ in numbers.values()})
    if missing:
        raise Failure(
            f"{uri}: part-{missing[0]}-of-{total} is not there ({counted(len(missing), 'such part file')})",
            hint="Run again: prepare writes it anew.",
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _described(destination: str, part: str, paths: Sequence[Path], digests: Mapping[Path, str]) -> dict[str, Any]:
    suffixes = "".join(paths[0].suffixes)
    if len(paths) == 1:
        return _file(paths[0], digests[paths[0]], destination, digests[paths[0]][:_DIGITS], f"{part}{suffixes}")
    sha256 = hashlib.sha256("".join(digests[path] for path in paths).encode()).hexdigest()
    prefix = (destination, sha256[:_DIGITS], part)
    files = [
        _file(path, digests[path], *prefix, f"part-{number}-of-{len(paths)}{suffixes}")
        for number, path in enumerate(paths, 1)
    ]
    total = sum(one["bytes"] for one in files)
    return {"uri": storage.joined(*prefix, ""), "sha256": sha256, "bytes": total, "files": files}


def _file(path: Path, sha256: str, *place: str) -> dict[str, Any]:
    return {"uri": storage.joined(*place), "sha256": sha256, "bytes": path.stat().st_size}


def _single(part: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    files: Sequence[Mapping[str, Any]] = part.get("files", [part])
    return files


def _is_there(call: Call, uri: str, size: int) -> bool:
    found = call.ask(lambda: storage.find(call.aws, uri))
    return found is not None and found.size == size


def _upload(call: Call, path: Path, described: Mapping[str, Any]) -> None:
    uri = described["uri"]
    if is_there(call, described):
        say(f"{uri} is there already")
        return
    say(f"writing {uri}")
    content_type = _TYPES.get(path.suffix, "application/octet-stream")
    call.ask(lambda: storage.upload(call.aws, path, uri, content_type))

"""The table: read from S3, checked, split, and written to S3 as the parts that all later steps read.

Everything written has its content's digest in its key. The manifest, written last, has the digest of what was asked
and of the source's ETags in its key: when it is there with all its parts, the work is done already.
"""

import gzip
import json
import sys
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from specimen_components import parts, storage
from specimen_components.command import Call, Result, run
from specimen_components.interface import PREPARE
from specimen_components.jsondata import Json, canonical, digest
from specimen_components.problems import Failure, Unusable
from specimen_components.progress import say
from specimen_components.tables import summary
from specimen_components.tables.errors import SOURCE, TableError, counted
from specimen_components.tables.filing import WITH_HEADER
from specimen_components.tables.request import PARTS, parse
from specimen_components.tables.sources import Source
from specimen_components.tables.transforming import BASELINE, transform

LAYOUT = 5  # raised when the same table would be checked, split or written differently: what is there is then no use
_DIGITS = 16
_BLOCK = 2**20
_GZIP = b"\x1f\x8b"
Objects = Mapping[str, storage.Object]  # the source's, by the spec keys that name them


@dataclass(frozen=True)
class Done:
    """A manifest in S3, and what it holds."""

    uri: str
    manifest: Mapping[str, Any]


def work(call: Call) -> Result:
    """Prepare the table, or use what an equal call has prepared already."""
    source = _source(call)
    asked: dict[str, Json] = {
        "layout": LAYOUT,
        "dataset": call.mapping("dataset"),
        "source": {key: {"uri": found.uri, "etag": found.etag} for key, found in source.items()},
    }
    uri = storage.joined(call.text("destination"), "manifests", f"{digest(asked)[:_DIGITS]}.json")
    manifest = _found(call, uri)
    if manifest is None:
        manifest = _prepared(call, source)
        call.ask(lambda: storage.write(call.aws, uri, canonical(manifest), "application/json"))
    else:
        say(f"prepared already: {uri}")
    return _result(Done(uri, manifest))


def _source(call: Call) -> Objects:
    """Find the source: one object, or one for each part."""
    if ("source" in call.arguments) == ("parts" in call.arguments):
        raise Unusable("--source, --parts: one of them is needed, and not both")
    if "source" in call.arguments:
        return {SOURCE: _object(call, SOURCE, call.text("source"))}
    given = call.mapping("parts")
    if given.keys() != set(PARTS):
        raise Unusable(f"--parts: {', '.join(PARTS)} are needed")
    return {f"{SOURCE}.{part}": _object(call, f"{SOURCE}.{part}", str(given[part])) for part in PARTS}


def _object(call: Call, key: str, uri: str) -> storage.Object:
    found = call.ask(lambda: storage.find(call.aws, uri))
    if found is None:
        raise Failure(f"{key}: there is no object {uri}", hint="Check the bucket and the key, and its rights.")
    return found


def _found(call: Call, uri: str) -> Mapping[str, Any] | None:
    """Give the manifest of an equal call, if it and all its parts are there."""
    if call.ask(lambda: storage.find(call.aws, uri)) is None:
        return None
    manifest: Mapping[str, Any] = json.loads(call.ask(lambda: storage.read(call.aws, uri)))
    return manifest if all(parts.is_there(call, part) for part in manifest["parts"].values()) else None


def _prepared(call: Call, source: Objects) -> dict[str, Any]:
    dataset = call.mapping("dataset")
    request = parse(dataset)
    with ExitStack() as stack:
        stack.enter_context(storage.writing("a temporary folder"))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="prepare-")))
        stack.enter_context(storage.writing(f"a file in {folder}"))
        tables = [_fetched(call, key, found, folder / key.removeprefix("dataset.")) for key, found in source.items()]
        told, files = transform(tables, request, folder, dataset.get("baseline"))
        stored = parts.store(call, call.text("destination"), files)
    return {**told, "source": _told(source), "parts": stored}


def _told(source: Objects) -> dict[str, Any]:
    """Give the manifest's section about the source; each part's object has its own where there are several."""
    objects = {key: {"uri": found.uri, "etag": found.etag} for key, found in source.items()}
    if SOURCE in objects:
        return dict(objects[SOURCE])
    uris = ", ".join(found.uri for found in source.values())
    return {"uri": uris, "parts": {key.removeprefix(f"{SOURCE}."): found for key, found in objects.items()}}


def _fetched(call: Call, key: str, source: storage.Object, path: Path) -> Source:
    """Copy an object to a file, unpacked."""
    if source.size == 0:
        raise TableError(f"{key}: {source.uri} is empty", hint="Give a table with rows.")
    say(f"reading {source.uri} ({counted(source.size, 'byte')})")
    call.ask(lambda: storage.download(call.aws, source.uri, path))
    if call.ask(lambda: storage.find(call.aws, source.uri)) != source:
        raise Failure(f"{key}: {source.uri} was changed while it was read", hint="Run again.")
    with path.open("rb") as file:
        packed = file.read(len(_GZIP)) == _GZIP
    return Source(
        key,
        source.uri.rsplit("/", 1)[-1],
        unpacked(path, path.with_name(f"{path.name}.unpacked"), key) if packed else path,
    )


def unpacked(path: Path, target: Path, key: str = SOURCE) -> Path:
    """Unpack a gzip file; raise `TableError` when it is damaged."""
    try:
        with gzip.open(path) as packed, target.open("wb") as plain:
            while block := packed.read(_BLOCK):
                plain.write(block)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise TableError(
            f"{key}: the gzip file is damaged: {error}", hint="Pack and upload the table again."
        ) from error
    return target


def _result(done: Done) -> Result:
    manifest = done.manifest
    uris = {part: found["uri"] for part, found in manifest["parts"].items()}
    return Result(
        {BASELINE: "", WITH_HEADER: "", **uris, "manifest": done.uri, "columns": manifest["columns"]},
        artifacts={"summary": summary.markdown(manifest)},
        details={"manifest": manifest},
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(PREPARE, work, argv)


if __name__ == "__main__":
    sys.exit(main())

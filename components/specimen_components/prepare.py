"""The table: read from S3, checked, split, and written to S3 as the parts that all later steps read.

Everything written has its content's digest in its key. The manifest, written last, has the digest of what was asked
and of the source's ETag in its key: when it is there with all its parts, the work is done already.
"""

import gzip
import hashlib
import json
import sys
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from specimen_components import storage
from specimen_components.command import Call, Result, run
from specimen_components.interface import PREPARE
from specimen_components.jsondata import Json, canonical, digest
from specimen_components.problems import Failure
from specimen_components.progress import say
from specimen_components.tables import (
    balancing_table,
    baseline,
    checks,
    imputing,
    libsvm,
    memory,
    reading,
    splitting,
    summary,
    values,
    writing,
)
from specimen_components.tables.errors import TableError, counted
from specimen_components.tables.request import PARTS, Request, parse
from specimen_components.tables.workers import ordered

WITH_HEADER = "train_with_header"
BASELINE = "baseline"
LAYOUT = 3  # raised when the same table would be checked, split or written differently: what is there is then no use
_DIGITS = 16
_BLOCK = 2**20
_GZIP = b"\x1f\x8b"


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
        "source": {"uri": source.uri, "etag": source.etag},
    }
    uri = storage.joined(call.text("destination"), "manifests", f"{digest(asked)[:_DIGITS]}.json")
    manifest = _found(call, uri)
    if manifest is None:
        manifest = _prepared(call, source)
        call.ask(lambda: storage.write(call.aws, uri, canonical(manifest), "application/json"))
    else:
        say(f"prepared already: {uri}")
    return _result(Done(uri, manifest))


def _source(call: Call) -> storage.Object:
    uri = call.text("source")
    found = call.ask(lambda: storage.find(call.aws, uri))
    if found is None:
        raise Failure(f"dataset.source: there is no object {uri}", hint="Check the bucket and the key, and its rights.")
    return found


def _found(call: Call, uri: str) -> Mapping[str, Any] | None:
    """Give the manifest of an equal call, if it and all its parts are there."""
    if call.ask(lambda: storage.find(call.aws, uri)) is None:
        return None
    manifest: Mapping[str, Any] = json.loads(call.ask(lambda: storage.read(call.aws, uri)))
    return manifest if all(_is_there(call, part) for part in manifest["parts"].values()) else None


def _is_there(call: Call, part: Mapping[str, Any]) -> bool:
    found = call.ask(lambda: storage.find(call.aws, part["uri"]))
    return found is not None and found.size == part["bytes"]


def _prepared(call: Call, source: storage.Object) -> dict[str, Any]:
    request = parse(call.mapping("dataset"))
    with ExitStack() as stack:
        stack.enter_context(storage.writing("a temporary folder"))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="prepare-")))
        stack.enter_context(storage.writing(f"a file in {folder}"))
        found, files = transform(_table(call, source, request, folder), request, folder)
        if (asked := call.mapping("dataset").get("baseline")) is not None:
            target = folder / f"{BASELINE}.csv"
            files[BASELINE] = baseline.write(files["train"], found["columns"], asked, request.seed, target)
        stored = ordered(lambda part: _stored(call, part, files[part]), files)
        parts = dict(zip(files, stored, strict=True))
    return {**found, "source": {"uri": source.uri, "etag": source.etag}, "parts": parts}


def _table(call: Call, source: storage.Object, request: Request, folder: Path) -> Path:
    """Copy the source to a CSV file."""
    fetched = _fetched(call, source, folder)
    if request.features is None:
        return fetched
    name, columns = source.uri.rsplit("/", 1)[-1], (request.label, *request.features)
    return libsvm.as_csv(fetched, name, columns, folder / "source.csv")


def _fetched(call: Call, source: storage.Object, folder: Path) -> Path:
    """Copy the source to a file, unpacked."""
    if source.size == 0:
        raise TableError(f"dataset.source: {source.uri} is empty", hint="Give a table with rows.")
    say(f"reading {source.uri} ({counted(source.size, 'byte')})")
    path = folder / "source"
    call.ask(lambda: storage.download(call.aws, source.uri, path))
    if call.ask(lambda: storage.find(call.aws, source.uri)) != source:
        raise Failure(f"dataset.source: {source.uri} was changed while it was read", hint="Run again.")
    with path.open("rb") as file:
        packed = file.read(len(_GZIP)) == _GZIP
    return unpacked(path, folder / "unpacked") if packed else path


def unpacked(path: Path, target: Path) -> Path:
    """Unpack a gzip file; raise `TableError` when it is damaged."""
    try:
        with gzip.open(path) as packed, target.open("wb") as plain:
            while block := packed.read(_BLOCK):
                plain.write(block)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise TableError(
            f"dataset.source: the gzip file is damaged: {error}", hint="Pack and upload the table again."
        ) from error
    return target


def transform(table: Path, request: Request, folder: Path) -> tuple[dict[str, Any], dict[str, Path]]:
    """Check and split a CSV file, impute and balance it where asked; give the manifest's figures and the parts' files.

    The files are made in `folder`.

    Raises:
        TableError: the table does not fit the request.
    """
    memory.keep()
    header = reading.read_header(table)
    reading.check_columns(header, request)
    frame = reading.read_numbers(table, header, request.drop)
    checks.check_values(frame, request)
    parts = splitting.split(
        frame[request.label].to_numpy(), request.fractions, seed=request.seed, stratify=request.stratify
    )
    found = summary.summarise(frame, parts, request)
    if request.impute and found["missing"]:
        frame, found["impute"] = imputing.imputed(frame, parts, request)
        table, header = values.write(frame, folder / "imputed.csv"), list(frame.columns)
    added = None
    if request.balance:
        added, found["balance"] = balancing_table.balanced(frame[parts == 0], request, request.balance)
    files = {part: folder / f"{part}.csv" for part in PARTS}
    order = [header.index(column) for column in found["columns"]]
    with ExitStack() as stack:
        targets = [stack.enter_context(path.open("wb")) for path in files.values()]
        writing.move(table, order, len(header), parts, targets, _pointed(frame, found["columns"], request))
    if added is not None:
        values.append(added, found["columns"], files["train"])
    files[WITH_HEADER] = folder / f"{WITH_HEADER}.csv"
    writing.add_header(files["train"], found["columns"], files[WITH_HEADER])
    return found, files


def _pointed(frame: pd.DataFrame, columns: Sequence[str], request: Request) -> list[int]:
    """Return the places of integer columns that are to hold a point: Clarify takes few integers for categories."""
    return [columns.index(column) for column in request.bounded() if frame[column].dtype.kind in "iu"]


def _stored(call: Call, part: str, path: Path) -> dict[str, Any]:
    """Put a part into S3 under its content's digest, unless it is there."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    uri = storage.joined(call.text("destination"), sha256[:_DIGITS], f"{part}.csv")
    described = {"uri": uri, "sha256": sha256, "bytes": path.stat().st_size}
    if _is_there(call, described):
        say(f"{part}: {uri} is there already")
    else:
        say(f"{part}: writing {uri}")
        call.ask(lambda: storage.upload(call.aws, path, uri, "text/csv"))
    return described


def _result(done: Done) -> Result:
    manifest = done.manifest
    uris = {part: found["uri"] for part, found in manifest["parts"].items()}
    return Result(
        {BASELINE: "", **uris, "manifest": done.uri, "columns": manifest["columns"]},
        artifacts={"summary": summary.markdown(manifest)},
        details={"manifest": manifest},
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(PREPARE, work, argv)


if __name__ == "__main__":
    sys.exit(main())

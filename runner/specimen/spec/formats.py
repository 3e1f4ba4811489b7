"""A table's format, and the columns that are known of a table before its rows are read."""

import re
from collections.abc import Mapping

from specimen.spec.load import LIBSVM, NPZ, PARQUET
from specimen.spec.model import Json
from specimen.spec.npz import Array
from specimen.spec.view import View

PARTS = ("train", "validation", "test")
_NAMED = {  # as the schema has it
    LIBSVM: re.compile(r"\.(libsvm|svm|svmlight)(\.gz)?\Z"),
    NPZ: re.compile(r"\.npz\Z"),
    PARQUET: re.compile(r"\.(parquet|pq)\Z"),
}
MOST_FEATURES = 10_000  # as many as the schema lets one declare
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_LINE = re.compile(rf"{_NUMBER}(?:[ \t]+\d+:{_NUMBER})*", re.ASCII)


def inferred(data: Mapping[str, Json]) -> Mapping[str, Json]:
    """An experiment's data with what is absent from it and told by something else that is there.

    The table's name tells its format; a table that does not bring its parts is split; and an endpoint that is not
    serverless has instances.
    """
    dataset, hosting, found = data.get("dataset"), data.get("hosting"), dict(data)
    if isinstance(dataset, dict):
        found["dataset"] = _split(_formatted(dataset))
    if isinstance(hosting, dict) and not hosting.keys() & {"serverless", "resources"}:
        found["hosting"] = {**hosting, "resources": {}}
    return found


def sources(source: Json) -> Mapping[tuple[str, ...], str]:
    """The tables that `dataset.source` names, each by what leads to it from there."""
    if isinstance(source, str):
        return {(): source}
    named = source if isinstance(source, dict) else {}
    return {(part,): table for part in PARTS if isinstance(table := named.get(part), str)}


def format_of(name: str) -> str | None:
    """The format that a table's name tells; None where it tells none, which CSV's do not."""
    return next((format for format, pattern in _NAMED.items() if pattern.search(name)), None)


def _formatted(dataset: dict[str, Json]) -> dict[str, Json]:
    first = next(iter(sources(dataset.get("source")).values()), "")
    format = None if "format" in dataset else format_of(first)
    return dataset if format is None else {**dataset, "format": format}


def _split(dataset: dict[str, Json]) -> dict[str, Json]:
    brought = isinstance(dataset.get("source"), dict) or dataset.get("format") == NPZ
    return dataset if brought or "split" in dataset else {**dataset, "split": {}}


def features(declared: Json) -> tuple[str, ...]:
    """The names of a libsvm table's features: as they are declared, or their indices from 1 on."""
    match declared:
        case list():
            return tuple(name for name in declared if isinstance(name, str))
        case int() | float() if not isinstance(declared, bool):
            return tuple(str(index) for index in range(1, int(declared) + 1))
        case _:
            return ()


def columns(view: View) -> tuple[str, ...]:
    """The table's columns: those that the spec declares, or those of its header; none where neither is known."""
    declared, label = features(view.at("dataset", "features")), view.text("dataset", "label")
    counted = next((x.columns for _, x in _images(view) if 0 < x.columns <= MOST_FEATURES), 0)
    if named := declared or features(counted):
        return (*((label,) if label else ()), *named)
    return view.header.columns if view.header else ()


def _images(view: View) -> list[tuple[str, Array]]:
    """The arrays of features that are known."""
    found = view.header.arrays if view.header else {}
    return [(name, found[name]) for name in ("x", "train_x") if name in found]


def libsvm_problem(line: str, declared: int) -> str | None:
    """What is wrong with the first line of a libsvm table that has so many features; None when nothing is."""
    text = line.partition("#")[0].strip(" \t\r")
    if not _LINE.fullmatch(text):
        return "is not libsvm: its first line is no `<label> <index>:<value> …`"
    indices = [int(pair.partition(":")[0]) for pair in text.split()[1:]]
    if 0 in indices:
        return "counts its features from 0: its first line has an index 0"
    if declared and max(indices, default=0) > declared:
        return f"has the index {max(indices)} in its first line, and `features` declares {declared}"
    return None

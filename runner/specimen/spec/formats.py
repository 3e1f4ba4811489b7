"""A table's format, and the columns that are known of a table before its rows are read."""

import re
from collections.abc import Mapping

from specimen.spec.model import Json
from specimen.spec.view import View

LIBSVM = "libsvm"
_NAMED = re.compile(r"\.(libsvm|svm|svmlight)(\.gz)?\Z")  # as the schema has it
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_LINE = re.compile(rf"{_NUMBER}(?:[ \t]+\d+:{_NUMBER})*", re.ASCII)


def inferred(data: Mapping[str, Json]) -> Mapping[str, Json]:
    """An experiment's data with its table's format, where none is written and the source's name tells one."""
    dataset = data.get("dataset")
    if not isinstance(dataset, dict) or "format" in dataset:
        return data
    source = dataset.get("source")
    if isinstance(source, str) and _NAMED.search(source):
        return {**data, "dataset": {**dataset, "format": LIBSVM}}
    return data


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
    if declared:
        return (*((label,) if label else ()), *declared)
    return view.header.columns if view.header else ()


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

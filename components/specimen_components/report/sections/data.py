"""The data and its balance: rows, classes and facets of each part."""

from collections.abc import Mapping
from typing import Any

from specimen_pages.markup import Child, Markup, facts, joined, table, tag

from specimen_components.report.model import Trial
from specimen_components.report.numbers import figure, share, size
from specimen_components.report.sections.balance import balance, cell, imputed, place
from specimen_components.report.sections.encoding import encoding
from specimen_components.report.sections.parts import code, details, missing, why_absent

_PARTS = ("train", "validation", "test")
_ZEROS = "left out of the files, so that the model takes a zero for a missing value"
_MANY = 20  # columns with missing values; a list of more is folded


def data(trial: Trial) -> Markup:
    """Give what `prepare` found and wrote."""
    if (nothing := why_absent(trial.sections, "prepare", "dataset")) is not None:
        return nothing
    manifest = details(trial.sections["prepare"])["manifest"]
    rows = manifest["rows"]
    return joined(
        facts(
            {
                "Source": None if given(manifest) else code(manifest["source"]["uri"]),
                "Rows": figure(rows["total"]),
                "Columns": f"{len(manifest['columns']) - 1} features and the label {manifest['label']['name']}",
                "Dropped": ", ".join(manifest["dropped"]),
                "Written as": _written(manifest),
                "Zeros": _ZEROS if manifest.get("zeros_are_missing") else None,
            }
        ),
        _split(manifest),
        _label(manifest),
        *(joined(tag("h3", "Facet ", code(column)), _balance(counts)) for column, counts in manifest["facets"].items()),
        balance(manifest),
        _missing_values(manifest),
        imputed(manifest),
        encoding(manifest),
    )


def given(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the tables of the parts, where the source brought one for each; nothing where it was split."""
    found: Mapping[str, Any] = manifest["source"].get("parts") or {}
    return found


def _written(manifest: Mapping[str, Any]) -> str | None:
    """Say in which format the parts are, and in how many files the training part is."""
    if not (form := manifest.get("content_type")):
        return None
    files = (manifest["parts"].get("train") or {}).get("files") or ()
    if len(files) < 2:
        return str(form)
    sizes = sorted(one["bytes"] for one in files)
    spread = size(sizes[0]) if size(sizes[0]) == size(sizes[-1]) else f"{size(sizes[0])} to {size(sizes[-1])}"
    return f"{form}; the training part in {len(files)} files of {spread}"


def _split(manifest: Mapping[str, Any]) -> Markup:
    rows, tables = manifest["rows"], given(manifest)
    cells = [
        (part, figure(rows[part]), share(rows[part], rows["total"]), *([code(tables[part]["uri"])] if tables else []))
        for part in _PARTS
    ]
    head = ("Part", "Rows", "Share", *(["Table"] if tables else []))
    return joined(tag("h3", "Parts, as they were given" if tables else "Split"), table(head, cells))


def _label(manifest: Mapping[str, Any]) -> Markup:
    label = manifest["label"]
    head = tag("h3", "Label ", code(label["name"]))
    if not label["counts"]:
        return joined(head, missing("The label takes many values; they are not counted one by one."))
    return joined(head, _balance(label["counts"], _classes(manifest)))


def _classes(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Give the names of the label's classes by their numbers, where they were numbered."""
    names = (manifest.get("encoding") or {}).get("classes") or ()
    return {str(number): str(name) for number, name in enumerate(names)}


def _balance(counts: Mapping[str, Mapping[str, int]], names: Mapping[str, str] | None = None) -> Markup:
    """Give rows and share of each value in each part; a bar shows the share. `names` are those of numbered values."""
    values = sorted(next(iter(counts.values())), key=place)
    rows: list[list[Child]] = []
    for value in values:
        cells: list[Child] = [cell(counts[part][value], sum(counts[part].values())) for part in _PARTS]
        name = (names or {}).get(value, value)
        rows.append([joined(code(name), tag("small", value) if name != value else None), *cells])
    return table(("Value", *_PARTS), rows, class_="balance")


def _missing_values(manifest: Mapping[str, Any]) -> Markup:
    if not manifest["missing"]:
        return tag("p", "No value is missing in any column.")
    total = manifest["rows"]["total"]
    rows = [(code(column), figure(count), share(count, total)) for column, count in manifest["missing"].items()]
    shown = table(("Column", "Rows", "Share"), rows)
    if len(rows) > _MANY:
        shown = tag("details", tag("summary", f"{figure(len(rows))} columns with missing values"), shown)
    return joined(tag("h3", "Missing values"), shown)

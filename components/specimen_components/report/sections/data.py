"""The data and its balance: rows, classes and facets of each part."""

from collections.abc import Mapping
from typing import Any

from specimen_pages.markup import Child, Markup, facts, joined, table, tag

from specimen_components.report.model import Trial
from specimen_components.report.numbers import figure, share
from specimen_components.report.sections.balance import balance, cell, imputed, place
from specimen_components.report.sections.parts import code, details, missing, why_absent

_PARTS = ("train", "validation", "test")


def data(trial: Trial) -> Markup:
    """Give what `prepare` found and wrote."""
    if (nothing := why_absent(trial.sections, "prepare", "dataset")) is not None:
        return nothing
    manifest = details(trial.sections["prepare"])["manifest"]
    rows = manifest["rows"]
    return joined(
        facts(
            {
                "Source": code(manifest["source"]["uri"]),
                "Rows": figure(rows["total"]),
                "Columns": f"{len(manifest['columns']) - 1} features and the label {manifest['label']['name']}",
                "Dropped": ", ".join(manifest["dropped"]),
            }
        ),
        _split(rows),
        _label(manifest),
        *(joined(tag("h3", "Facet ", code(column)), _balance(counts)) for column, counts in manifest["facets"].items()),
        balance(manifest),
        _missing_values(manifest),
        imputed(manifest),
    )


def _split(rows: Mapping[str, int]) -> Markup:
    cells = [(part, figure(rows[part]), share(rows[part], rows["total"])) for part in _PARTS]
    return joined(tag("h3", "Split"), table(("Part", "Rows", "Share"), cells))


def _label(manifest: Mapping[str, Any]) -> Markup:
    label = manifest["label"]
    head = tag("h3", "Label ", code(label["name"]))
    if not label["counts"]:
        return joined(head, missing("The label takes many values; they are not counted one by one."))
    return joined(head, _balance(label["counts"]))


def _balance(counts: Mapping[str, Mapping[str, int]]) -> Markup:
    """Give rows and share of each value in each part; a bar shows the share."""
    values = sorted(next(iter(counts.values())), key=place)
    rows: list[list[Child]] = []
    for value in values:
        cells: list[Child] = [cell(counts[part][value], sum(counts[part].values())) for part in _PARTS]
        rows.append([code(value), *cells])
    return table(("Value", *_PARTS), rows, class_="balance")


def _missing_values(manifest: Mapping[str, Any]) -> Markup:
    if not manifest["missing"]:
        return tag("p", "No value is missing in any column.")
    total = manifest["rows"]["total"]
    rows = [(code(column), figure(count), share(count, total)) for column, count in manifest["missing"].items()]
    return joined(tag("h3", "Missing values"), table(("Column", "Rows", "Share"), rows))

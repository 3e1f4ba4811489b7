"""How text and codes became numbers: the label's classes, the columns, and what no training row had."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from specimen_pages.markup import Markup, joined, table, tag

from specimen_components.report.numbers import figure
from specimen_components.report.sections.parts import code

_METHODS = {"onehot": "a column for each value", "ordinal": "numbers from 0, in this order"}
_UNSEEN = {"onehot": "all its columns are 0", "ordinal": "it is missing"}
_LISTED = 12  # values of a column


def encoding(manifest: Mapping[str, Any]) -> Markup | None:
    """Give each encoded column with its values; None where nothing was encoded."""
    found = manifest.get("encoding") or {}
    columns = dict(found.get("encode") or {})
    if found.get("classes"):
        columns = {manifest["label"]["name"]: {"method": "ordinal", "values": found["classes"]}, **columns}
    if not columns:
        return None
    rows = [
        (code(column), _METHODS.get(one["method"], one["method"]), figure(len(one["values"])), _listed(one["values"]))
        for column, one in columns.items()
    ]
    return joined(
        tag("h3", "Encoded columns"),
        table(("Column", "Became", "Values", "Which"), rows, class_="encoded"),
        *_unseen(manifest.get("unseen") or {}),
    )


def _listed(values: Sequence[object]) -> str:
    shown = ", ".join(map(str, values[:_LISTED]))
    return f"{shown}, and {len(values) - _LISTED:,} more" if len(values) > _LISTED else shown


def _unseen(found: Mapping[str, Any]) -> Iterator[Markup]:
    """Yield a warning for each column of which other parts hold values that the training part has not."""
    for column, one in sorted(found.items()):
        yield tag(
            "p",
            code(column),
            f": {figure(one['rows'])} rows of validation and test hold values that no training row has, such as ",
            f"{', '.join(map(str, one['values']))}: {_UNSEEN.get(one['method'], one['method'])} there.",
            class_="missing",
        )

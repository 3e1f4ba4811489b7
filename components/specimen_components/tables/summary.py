"""What is worth knowing of a split table: counts of classes and facets, medians, missing values."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.tables.checks import selected
from specimen_components.tables.errors import counted
from specimen_components.tables.request import ONEHOT, PARTS, Request, Selection
from specimen_components.tables.workers import ordered

MOST = 20  # distinct values that are still counted one by one


def summarise(frame: pd.DataFrame, parts: npt.NDArray[np.int8], request: Request) -> dict[str, Any]:
    """Return the manifest's figures: rows, label counts, facet counts, medians of the training part, missing values."""
    features = frame.columns.drop(request.label)
    training = parts == 0
    medians = ordered(lambda values: _median(values[training]), (frame[column].to_numpy() for column in features))
    return {
        "columns": [request.label, *features],
        "rows": {"total": len(frame)} | {part: int((parts == index).sum()) for index, part in enumerate(PARTS)},
        "label": {"name": request.label, "counts": _label_counts(frame[request.label].to_numpy(), parts)},
        "facets": {
            facet.column: by_part(groups(frame[facet.column].to_numpy(), facet), parts) for facet in request.facets
        },
        "medians": dict(zip(map(str, features), medians, strict=True)),
        "missing": {str(column): count for column in frame if (count := _missing(frame[column].to_numpy()))},
        "dropped": list(request.drop),
    }


def by_part(values: npt.NDArray[Any], parts: npt.NDArray[np.int8]) -> dict[str, dict[str, int]]:
    """Count the values of each part; every value stands in every part, with 0 where it does not occur."""
    distinct, codes = np.unique(values, return_inverse=True)
    names = [named(value) for value in distinct]
    table = np.bincount(parts.astype(np.intp) * len(names) + codes, minlength=len(PARTS) * len(names))
    return {
        part: dict(zip(names, map(int, row), strict=True))
        for part, row in zip(PARTS, table.reshape(len(PARTS), -1), strict=True)
    }


def _label_counts(label: npt.NDArray[Any], parts: npt.NDArray[np.int8]) -> dict[str, dict[str, int]]:
    """Count the classes; a label of many distinct values is no class, and its counts are left out."""
    return by_part(label, parts) if len(pd.unique(label)) <= MOST else {}


def groups(values: npt.NDArray[Any], facet: Selection) -> npt.NDArray[Any]:
    """Return each row's group of a facet: its value, or a name where a group is many values."""
    if facet.above is not None:
        return np.where(selected(values, facet), f"> {facet.above:g}", f"≤ {facet.above:g}")
    if len(pd.unique(values)) > MOST:
        return np.where(selected(values, facet), facet.describe(), "other")
    return values


def named(value: Any) -> str:
    """Return a value of a column, or the name of a group, as it stands in counts."""
    return value if isinstance(value, str) else f"{value:.15g}"


def _missing(values: npt.NDArray[Any]) -> int:
    return int(np.isnan(values).sum()) if values.dtype.kind == "f" else 0


def _median(values: npt.NDArray[Any]) -> int | float | None:
    """Return the median as JSON has it: null when there is no value, an integer when it is whole."""
    known = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    if not len(known):
        return None
    median = float(np.median(known))
    return int(median) if median.is_integer() else median


def markdown(manifest: Mapping[str, Any]) -> str:
    """Give the manifest's figures as a short page of Markdown."""
    rows, label = manifest["rows"], manifest["label"]
    lines = [
        f"# {rows['total']:,} rows, {len(manifest['columns'])} columns",
        "",
        *_table("part", {part: {"rows": rows[part]} for part in PARTS}),
    ]
    for name, counts in {f"label {label['name']}": label["counts"], **manifest["facets"]}.items():
        # A manifest read from S3 has its members in the order of their names.
        lines += ["", *_table(name, {part: counts[part] for part in PARTS})] if counts else []
    if balance := manifest.get("balance"):
        times = {time: balance[time] for time in ("before", "after")}
        lines += ["", *_table("balanced", {time: {"rows": counts["rows"]} for time, counts in times.items()})]
        for column in balance["before"]["facets"]:
            lines += ["", *_table(column, {time: counts["facets"][column] for time, counts in times.items()})]
        classes = {time: counts["label"] for time, counts in times.items()}
        lines += ["", *_table(label["name"], classes)] if label["counts"] else []
    lines += [line for column, found in manifest.get("unseen", {}).items() for line in ("", _unseen(column, found))]
    return "\n".join([*lines, ""])


def _unseen(column: str, found: Mapping[str, Any]) -> str:
    values = ", ".join(str(value) for value in found["values"])
    what = "all its columns are 0" if found["method"] == ONEHOT else "it is missing"
    return _escaped(
        f"{column}: validation and test hold values in {counted(found['rows'], 'row')} that training never holds "
        f"({values}): {what} there."
    )


def _table(name: str, counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    values = list(next(iter(counts.values())))
    cells = [[row, *(f"{held[value]:,}" for value in values)] for row, held in counts.items()]
    return [_row([name, *values]), _row(["---"] * (len(values) + 1)), *(_row(row) for row in cells)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_escaped, cells))} |"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|").replace("\n", " ")

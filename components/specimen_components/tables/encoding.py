"""Text and codes made numbers: learnt from the training part, applied to every part, and to rows asked later.

`encoded` and `written` turn raw rows, in the source's own columns, into what a model is asked, by the manifest's
section `encoding` alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.tables import reading
from specimen_components.tables.categories import Category, coded, distinct, name
from specimen_components.tables.errors import TableError, closest, counted, shown
from specimen_components.tables.lines import Form
from specimen_components.tables.request import LIBSVM, ONEHOT, ORDINAL, Request
from specimen_components.tables.writers import writer

MOST = 1_000  # columns that one column may become
_LISTED = 5  # values in a message
_MODEL = "The model was trained on the columns"

Codes = Mapping[str, Mapping[str, Any]]  # column → {"method", "values"}


def check(request: Request) -> None:
    """Refuse what cannot be encoded as it is asked; raise `TableError`, with the spec key."""
    single = {
        request.label: "the label",
        **{facet.column: f"a facet ({facet.key})" for facet in request.facets},
        **({request.group: "the group of bias"} if request.group else {}),
        **({request.balance.facet: "balanced on"} if request.balance and request.balance.facet else {}),
        **dict.fromkeys(request.categorical, "categorical"),
    }
    for column, method in request.encode.items():
        key = f"dataset.encode.{column}"
        if method not in (ONEHOT, ORDINAL):
            raise TableError(f"{key}: {shown(method)} is no way to encode", hint=f"Take {ONEHOT} or {ORDINAL}.")
        if column in request.drop:
            raise TableError(f"{key}: column {shown(column)} is dropped", hint="Remove it here or in dataset.drop.")
        if method == ONEHOT and column in single:
            raise TableError(
                f"{key}: column {shown(column)} is {single[column]}, and would be one column no more",
                hint=f"Take {ORDINAL}, which numbers its values from 0 in sorted order.",
            )
    if request.balance and ONEHOT in request.encode.values():
        raise TableError(
            "dataset.balance: SMOTE would make rows that are several of a onehot column's values at once",
            hint=f"Take {ORDINAL} in dataset.encode: SMOTENC then draws whole categories.",
        )


def classes(label: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], list[Category]]:
    """Return the number of each row's class, and the classes of all parts in that order; a missing one is NaN."""
    values = distinct(label)
    return _numbers(label, values), values


def learnt(
    frame: pd.DataFrame, training: npt.NDArray[np.bool_], encode: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Return how each column is encoded: by the values that the training part's rows hold.

    Raises:
        TableError: a column has no value there, or too many for a column each.
    """
    found = {}
    for column, method in encode.items():
        values = distinct(frame[column].to_numpy()[training])
        if not values:
            raise TableError(
                f"dataset.encode.{column}: column {shown(column)} has no value in the training part",
                hint="Drop the column, or fill it in in the table.",
            )
        if method == ONEHOT and len(values) > MOST:
            raise TableError(
                f"dataset.encode.{column}: column {shown(column)} takes {len(values):,} values, and {ONEHOT} makes a "
                f"column of each, {MOST:,} at most",
                hint=f"Take {ORDINAL}, sort the values into fewer, or drop the column.",
            )
        found[column] = {"method": method, "values": values}
    return found


def applied(frame: pd.DataFrame, encode: Codes) -> pd.DataFrame:
    """Return the frame with columns encoded in their places; a value that was not learnt is missing.

    A onehot column becomes one a value, named COLUMN=VALUE, with 1 where a row holds the value and 0 elsewhere.
    """
    if not encode:
        return frame
    made: dict[str, npt.NDArray[Any]] = {}
    for column in map(str, frame.columns):
        for new, values in _columns(column, frame[column].to_numpy(), encode.get(column)):
            if new in made:
                raise TableError(
                    f"dataset.encode.{column}: its column {shown(new)} has the name of another",
                    hint="Rename one of them in the table.",
                )
            made[new] = values
    return pd.DataFrame(made, copy=False)


def unseen(frame: pd.DataFrame, encode: Codes) -> dict[str, dict[str, Any]]:
    """Return for each column the values that were not learnt: in how many rows, and the first of them."""
    found = {}
    for column, learned in encode.items():
        values = frame[column].to_numpy()
        strange = (coded(values, learned["values"]) < 0) & ~pd.isna(values)
        if strange.any():
            examples = distinct(values[strange])[:_LISTED]
            found[column] = {"rows": int(strange.sum()), "values": examples, "method": learned["method"]}
    return found


def refuse_unseen(found: Mapping[str, Mapping[str, Any]], request: Request) -> None:
    """Refuse values that were not learnt of a column that bias needs of every row; raise `TableError`."""
    needed = {facet.column: facet.key for facet in request.facets} | (
        {request.group: "bias.group"} if request.group else {}
    )
    for column in found.keys() & needed.keys():
        listed = ", ".join(shown(value) for value in found[column]["values"])
        raise TableError(
            f"{needed[column]}: column {shown(column)} holds {listed} in {counted(found[column]['rows'], 'row')} of "
            "validation and test, and in none of training, whose values dataset.encode numbers",
            hint="Give the training part such rows, or sort the value into another in the table.",
        )


def _columns(column: str, values: npt.NDArray[Any], learned: Mapping[str, Any] | None) -> Any:
    if learned is None:
        return [(column, values)]
    if learned["method"] == ORDINAL:
        return [(column, _numbers(values, learned["values"]))]
    codes = coded(values, learned["values"])
    return [
        (f"{column}={name(value)}", (codes == code).astype(np.int8)) for code, value in enumerate(learned["values"])
    ]


def _numbers(values: npt.NDArray[Any], categories: Sequence[Category]) -> npt.NDArray[Any]:
    codes = coded(values, categories)
    return np.where(codes < 0, np.nan, codes) if (codes < 0).any() else reading.narrowed(codes)


def encoded(frame: pd.DataFrame, manifest: Mapping[str, Any]) -> pd.DataFrame:
    """Turn raw rows into a model's: the features in the manifest's order, as `prepare` wrote them for such rows.

    Args:
        frame: rows in the source's columns, in any order, as numbers or as text; an empty text is a missing value. The
            label and dropped columns may be there, and are left out.
        manifest: what `prepare` wrote of the table that the model was trained on.

    Raises:
        TableError: a column is missing or none of the table's, or a value is text or infinite where a number is needed.
    """
    known = manifest["encoding"]
    wanted = [column for column in known["source_columns"] if column not in (known["label"], *known["drop"])]
    _check_columns([str(column) for column in frame], wanted, known["source_columns"])
    codes: Codes = known["encode"]
    raw = {column: _raw(frame[column], column in codes) for column in wanted}
    found = applied(pd.DataFrame(raw), {column: codes[column] for column in wanted if column in codes})
    return found.fillna(known["impute"])[list(manifest["columns"][1:])]


def written(frame: pd.DataFrame, content_type: str) -> bytes:
    """Write encoded rows as the body of a request: ``text/csv`` without a label, or ``text/libsvm`` with 0 as one."""
    form = Form.LIBSVM if LIBSVM in content_type else Form.CSV
    rows = frame if form is Form.CSV else pd.concat([pd.Series(0, index=frame.index, name=""), frame], axis=1)
    return writer(rows, form).text(np.arange(len(rows)))


def _raw(column: "pd.Series[Any]", named: bool) -> npt.NDArray[Any]:
    values = column.to_numpy()
    if values.dtype.kind not in "biuf":
        text = column.astype(object).where(column.notna() & (column != ""), None)
        values = text.to_numpy(dtype=object) if named else reading.as_numbers(text)
    reading.refuse_infinite(str(column.name), values)
    return values


def _check_columns(given: Sequence[str], wanted: Sequence[str], source: Sequence[str]) -> None:
    if strange := [column for column in given if column not in source]:
        near = closest(strange[0], source)
        meant = f"Did you mean {shown(near)}? " if near else ""
        raise TableError(
            f"the rows have a column {shown(strange[0])}, and the table that the model was trained on has none",
            hint=f"{meant}{_MODEL} {', '.join(map(shown, wanted))}.",
        )
    if missing := [column for column in wanted if column not in given]:
        raise TableError(
            f"the rows have no column {shown(missing[0])} ({counted(len(missing), 'such column')})",
            hint=f"{_MODEL} {', '.join(map(shown, wanted))}; leave a field empty where a value is missing.",
        )

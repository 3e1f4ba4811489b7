"""Does what the table holds fit what the spec asks for?"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.tables.errors import TableError, counted, shown
from specimen_components.tables.request import Labels, Request, Selection


def check_rows(frame: pd.DataFrame, request: Request) -> None:
    """Refuse rows without a value that every row needs, and labels that the objective cannot learn.

    Raises:
        TableError: with the spec key, the column and the first row that is to blame.
    """
    label = frame[request.label]
    refuse_missing("dataset.label", label)
    if request.labels is not None:
        _check_labels(label, request.labels)
    for facet in request.facets:
        refuse_missing(facet.key, frame[facet.column])
    if request.group:
        refuse_missing("bias.group", frame[request.group])
    if request.balance and request.balance.facet:
        refuse_missing("dataset.balance.facet", frame[request.balance.facet])


def check_classes(label: "pd.Series[float]", request: Request) -> None:
    """Refuse a label of one class, or of other classes than the objective's; raise `TableError`."""
    if (found := label.nunique()) < 2:
        raise TableError(
            f"dataset.label: column {shown(request.label)} has one class: every row is {label.iloc[0]:g}"
            if found
            else f"dataset.label: column {shown(request.label)} is empty",
            hint="A model needs at least two classes to tell apart: check dataset.label, and how the table was made.",
        )
    if request.classes is not None:
        _check_classes(label, request.classes, encoded=request.label in request.encode)


def check_selections(frame: pd.DataFrame, selections: Iterable[Selection]) -> None:
    """Refuse facets, and favorable labels, that do not divide the rows in two; raise `TableError`."""
    for selection in selections:
        _check_selection(frame[selection.column], selection)


def refuse_zeros_and_missing(features: pd.DataFrame) -> None:
    """Refuse a column of both for libsvm, which has one way to write them; raise `TableError`."""
    for name, column in features.items():
        values = column.to_numpy()
        if values.dtype.kind == "f" and (missing := np.isnan(values)).any() and (zeros := values == 0).any():
            raise TableError(
                f"training.contentType: column {shown(name)} holds zeros ({counted(int(zeros.sum()), 'row')}) and "
                f"misses values ({counted(int(missing.sum()), 'row')}), and libsvm leaves out both: a model could not "
                "tell them apart",
                hint="Set dataset.impute, take contentType csv or parquet, or drop the column.",
            )


def selected(values: npt.NDArray[np.generic], selection: Selection) -> npt.NDArray[np.bool_]:
    """Return which values are selected, as an array of bools of the same length."""
    if selection.above is not None:
        return np.asarray(values > selection.above)  # type: ignore[operator]
    return np.isin(values, selection.values)


def _check_classes(label: "pd.Series[float]", classes: int, *, encoded: bool) -> None:
    """Refuse labels that are not the classes' numbers, which XGBoost counts from 0."""
    values = label.to_numpy()
    if np.isin(values, np.arange(classes)).all():
        return
    wanted = "0 and 1" if classes == 2 else f"the whole numbers from 0 to {classes - 1}"
    numbered = bool((values == np.rint(values)).all() and values.min() >= 0)
    asked = (
        f"with training.hyperparameters.num_class: {classes} a label is one of"
        if classes > 2 and numbered
        else "the objective needs"
    )
    raise TableError(
        f"dataset.label: column {shown(label.name)} holds {_listed(label)}, and {asked} {wanted}",
        hint=_hint(label, classes, numbered=numbered, encoded=encoded),
    )


def _hint(label: "pd.Series[float]", classes: int, *, numbered: bool, encoded: bool) -> str:
    """Say how many classes there are, where these are more than was said, or how they become numbers from 0 on."""
    count = label.nunique()
    encode = f"dataset.encode: {{{label.name}: ordinal}}"
    if numbered and count > classes:
        beside = "" if encoded or label.max() < count else f", and {encode}"
        return f"There are {count} classes: take a multi: objective, set its num_class to {count}{beside}."
    if numbered and classes > 2:
        most = int(label.max()) + 1
        return f"Set num_class to {most}, or {encode}, which numbers the {count} classes from 0."
    return (
        f"Number the classes from 0 in the table, or by {encode}, or choose another objective (and num_class) in "
        "training.hyperparameters."
    )


def _check_labels(label: "pd.Series[float]", labels: Labels) -> None:
    """Refuse a label that training would stop at."""
    values = label.to_numpy()
    wrong = np.zeros(len(values), dtype=np.bool_)
    if labels.above is not None:
        wrong |= values <= labels.above
    if labels.least is not None:
        wrong |= values < labels.least
    if labels.most is not None:
        wrong |= values > labels.most
    if wrong.any():
        row = int(wrong.argmax())
        raise TableError(
            f"dataset.label: column {shown(label.name)}, row {row + 1}: {values[row]:g}, and {labels.objective} "
            f"learns what is {labels.describe()} ({counted(int(wrong.sum()), 'such row')})",
            hint="Mend the table, or choose another objective: reg:squarederror takes any number.",
        )


def _check_selection(column: "pd.Series[float]", selection: Selection) -> None:
    values = column.to_numpy()
    for value in selection.values:
        if not (values == value).any():
            raise TableError(
                f"{selection.key}: the value {value:g} never occurs in column {shown(selection.column)}",
                hint=f"The column holds {_listed(column)}.",
            )
    chosen = int(selected(values, selection).sum())
    if chosen in (0, len(values)):
        raise TableError(
            f"{selection.key}: {'no' if chosen == 0 else 'every'} row of column {shown(selection.column)} is "
            f"{selection.describe()}, so that there are no two groups to compare",
            hint=f"The column holds {_listed(column)}.",
        )


def _listed(column: "pd.Series[float]") -> str:
    distinct = np.unique(column.to_numpy())
    if len(distinct) > 12:
        return f"{counted(len(distinct), 'distinct value')} from {distinct[0]:g} to {distinct[-1]:g}"
    return ", ".join(f"{value:g}" for value in distinct)


def refuse_missing(key: str, column: "pd.Series[float]") -> None:
    """Refuse a column in which a value is missing; raise `TableError`, which says where."""
    if (missing := column.isna().to_numpy()).any():
        raise TableError(
            f"{key}: column {shown(column.name)} has no value in {counted(int(missing.sum()), 'row')}, "
            f"the first being row {int(missing.argmax()) + 1}",
            hint="Fill these fields in, or remove the rows from the table.",
        )

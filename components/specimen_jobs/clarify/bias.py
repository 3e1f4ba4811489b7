"""A bias report: every metric of a stage, for every facet value asked for, as analysis.json carries it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from specimen_jobs.clarify.metrics import Metric, Stage, chosen
from specimen_jobs.clarify.sample import Sample, UndefinedMetricError, sample
from specimen_jobs.clarify.selection import ColumnType, Selection, column_type, select
from specimen_jobs.container import JobError

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]

Json = dict[str, Any]


@dataclass(frozen=True)
class Facet:
    """The sensitive column; without values, each of its values is reported against the rest."""

    name: str
    values: Sequence[Any] | None = None


@dataclass(frozen=True)
class Label:
    """A column of labels, or of predicted ones, and the values (or the threshold) that are the good outcome."""

    name: str
    column: Column
    favorable: Sequence[Any] | None = None


def favorable_text(label: Label) -> str:
    """Return the favorable values or interval as analysis.json names them."""
    return _label_selection(label)[1].text


def bias_report(
    table: pd.DataFrame,
    facet: Facet,
    label: Label,
    stage: Stage,
    predicted: Label | None = None,
    names: Sequence[str] | str = "all",
    group: Column | None = None,
) -> list[Json]:
    """Return one report a facet value: its name and its metrics.

    Args:
        table: the features, with or without the label's and the predictions' columns, one row a record.
        group: the group of each record, for the conditional disparities.

    Raises:
        JobError: the columns, values or metrics asked for do not fit the table.
    """
    metrics = chosen(stage, names)
    if facet.name not in table.columns:
        raise JobError(f"Facet column {facet.name} is not present in the dataset")
    if predicted is not None and predicted.favorable and predicted.favorable != label.favorable:
        raise JobError(
            "Positive predicted label values or threshold should be empty or same as label values or thresholds"
        )
    kind, favorable = _label_selection(label)
    positive = None
    match stage:
        case Stage.PRE_TRAINING:
            pass
        case Stage.POST_TRAINING:
            positive = _predicted_selection(label, kind, predicted).rows
        case _:
            raise JobError(f"{stage!r} is not a stage of bias metrics")
    dropped = {facet.name, label.name, *([predicted.name] if predicted else [])}
    features = table.drop(columns=[name for name in table.columns if name in dropped])
    reports = []
    for selection in facet_selections(table[facet.name], facet.values):
        of = sample(selection.rows, favorable.rows, positive, _values(group), features)
        figures = [evaluate(metric, of) for metric in metrics]
        reports.append({"value_or_threshold": selection.text, "metrics": figures})
    return reports


def facet_selections(column: Column, values: Sequence[Any] | None) -> list[Selection]:
    """Return the selections a facet asks for: one for its values or threshold, or one for each value that occurs."""
    kind = column_type(column, values)
    if values or kind is ColumnType.CONTINUOUS:
        return [select(column, kind, values or [])]
    return [select(column, kind, [value]) for value in column.dropna().unique()]


def evaluate(metric: Metric, of: Sample) -> Json:
    """Return a metric as analysis.json carries it: an infinite value as text, a missing one with the reason."""
    head: Json = {"name": metric.name, "description": metric.description}
    try:
        value = metric.compute(of)
    except UndefinedMetricError as error:
        return head | {"value": None, "error": str(error)}
    if math.isinf(value):
        return head | {"value": "Infinity" if value > 0 else "-Infinity"}
    return head | {"value": value}


def stage_report(label: Label, facets: Mapping[str, list[Json]]) -> Json:
    """Return a stage's part of analysis.json."""
    return {"label": label.name, "facets": dict(facets), "label_value_or_threshold": favorable_text(label)}


def _label_selection(label: Label) -> tuple[ColumnType, Selection]:
    if not label.favorable:
        raise JobError(f"Positive label values or thresholds are empty for Label column {label.name}")
    kind = column_type(label.column, label.favorable)
    return kind, select(label.column, kind, label.favorable)


def _predicted_selection(label: Label, kind: ColumnType, predicted: Label | None) -> Selection:
    import pandas as pd

    if predicted is None:
        raise JobError("predicted_label_column has to be provided for Post training metrics")
    favorable = label.favorable or []
    if column_type(predicted.column, favorable) is not kind:
        raise JobError(
            "Predicted Label Column series datatype is not the same as Label Column series: "
            f"{predicted.name} is not {kind.value.lower()} as {label.name} is"
        )
    upto = None
    if kind is ColumnType.CONTINUOUS:
        upto = max(pd.to_numeric(label.column).max(), pd.to_numeric(predicted.column).max())
    selection = select(predicted.column, kind, favorable, upto)
    if not selection.rows.any():
        raise JobError(
            f"No prediction is favorable: none of the {len(selection.rows)} predicted labels is {selection.text}, "
            "so that post-training bias has nothing to compare"
        )
    return selection


def _values(group: Column | None) -> Any:
    return None if group is None else group.to_numpy()

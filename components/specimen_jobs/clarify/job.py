"""The job: configuration and data in, analysis.json and report.html out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from specimen_jobs.clarify import config
from specimen_jobs.clarify.bias import Facet, Label, bias_report, facet_selections, stage_report
from specimen_jobs.clarify.dataset import read_dataset
from specimen_jobs.clarify.explanations import work
from specimen_jobs.clarify.keys import NAME
from specimen_jobs.clarify.metrics import Stage
from specimen_jobs.clarify.page import page
from specimen_jobs.clarify.predictions import predicted_labels
from specimen_jobs.clarify.selection import column_type, select
from specimen_jobs.clarify.served import served
from specimen_jobs.container import Container, JobError, log, read_json, run

if TYPE_CHECKING:
    import pandas as pd

SECTIONS: Final = {
    Stage.POST_TRAINING: "post_training_bias_metrics",
    Stage.PRE_TRAINING: "pre_training_bias_metrics",
}  # in the order that analysis.json has them
VALUES_SHOWN: Final = 10


def main() -> int:
    """Run the job and return its exit code."""
    container = Container.from_environment()
    return run(lambda: analyse(container), container.message)


def analyse(container: Container) -> None:
    """Write what the configuration asks for to the job's output folder; raise JobError as the job's exit message."""
    asked = config.read(read_json(container.processing("input", "config", NAME)))
    table = read_dataset(container.processing("input", "data"), asked.headers)
    label_name, facets, group_name = config.named(asked, list(table.columns))
    features = table if label_name is None else table.drop(columns=[label_name])
    label = Label(str(label_name), table[label_name], list(asked.favorable)) if asked.methods else None
    if label:
        _check_label(label)
        for facet in facets:
            _check_facet(facet, label, table)
    if asked.explaining:
        work.check(asked, features)
    lines, explained = _asked_of_model(asked, features)
    analysis = {"version": "1.0", **explained.sections}
    if label:
        group = None if group_name is None else table[group_name]
        analysis |= _bias(asked, table, label, facets, group, lines)
    _write(container.processing("output"), analysis, page(analysis, asked.title, table, label), explained.files)


def _asked_of_model(asked: config.Analysis, features: pd.DataFrame) -> tuple[list[str], work.Found]:
    """Return the model's answers to every row, and explanations of them; nothing where none of it is needed."""
    if asked.predictor is None or not asked.asks_model:
        return [], work.Found({})
    with served(asked.predictor) as model:
        lines = model.ask(features)
        return lines, work.explanations(asked, features, model, lines) if asked.explaining else work.Found({})


def _bias(
    asked: config.Analysis,
    table: pd.DataFrame,
    label: Label,
    facets: Sequence[Facet],
    group: pd.Series[Any] | None,
    lines: Sequence[str],
) -> dict[str, Any]:
    """Return the bias sections of analysis.json; `lines` are the model's answers."""
    predicted = None
    if Stage.POST_TRAINING in asked.methods and asked.predictor:
        predicted = Label("predicted_label", predicted_labels(lines, asked.predictor, asked.threshold, label.column))
    sections: dict[str, Any] = {}
    for stage, section in SECTIONS.items():
        if stage not in asked.methods:
            continue
        log(f"Computing {stage.value}: {', '.join(asked.methods[stage])}")
        reports: dict[str, list[dict[str, Any]]] = {}
        for facet in facets:
            found = bias_report(table, facet, label, stage, predicted, asked.methods[stage], group)
            reports.setdefault(facet.name, []).extend(found)
        sections[section] = stage_report(label, reports)
    return sections


def _check_label(label: Label) -> None:
    if label.column.isna().any():
        raise JobError(f"Label column {label.name} has {int(label.column.isna().sum())} missing values")
    values = label.column.unique()
    if len(values) == 1:
        raise JobError(f"Label column {label.name} has one class: every row is {values[0]}")
    favorable = list(label.favorable or [])
    selection = select(label.column, _logged_type(label.column, favorable), favorable)
    if not selection.rows.any():
        raise JobError(f"Label column {label.name} is never {selection.text}; it is {_shown(label.column)}")
    if selection.rows.all():
        raise JobError(f"Label column {label.name} is always {selection.text}, so that no outcome is unfavorable")


def _check_facet(facet: Facet, label: Label, table: pd.DataFrame) -> None:
    if facet.name == label.name:
        raise JobError(f"Facet column {facet.name} is the label column; a facet must be a feature")
    column = table[facet.name]
    _logged_type(column, facet.values)
    for selection in facet_selections(column, facet.values):
        if not selection.rows.any():
            chosen = selection.text or f"above {', '.join(map(str, facet.values or ()))}"  # (1, 1] is no interval
            raise JobError(f"Facet column {facet.name} is never {chosen}; it is {_shown(column)}")
        if selection.rows.all():
            raise JobError(f"Facet column {facet.name} is always {selection.text}, so that there is nothing to compare")


def _logged_type(column: pd.Series[Any], values: Sequence[Any] | None) -> Any:
    kind = column_type(column, values)
    log(f"Column {column.name} with {column.nunique()} distinct values in {column.count()} is taken as {kind.value}")
    return kind


def _shown(column: pd.Series[Any]) -> str:
    values = sorted(column.dropna().unique(), key=lambda value: (str(type(value)), value))
    return f"one of {', '.join(map(str, values))}" if len(values) <= VALUES_SHOWN else f"{values[0]} to {values[-1]}"


def _write(folder: Path, analysis: Mapping[str, Any], report: str, files: Mapping[str, str]) -> None:
    content = {**files, "report.html": report, "analysis.json": json.dumps(analysis, indent=4)}
    for name, text in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    log(f"Wrote {', '.join(content)} to {folder}")

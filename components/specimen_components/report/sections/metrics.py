"""The figures of a model on the test part, and what each means."""

from collections.abc import Mapping
from typing import Any

from specimen_pages.markup import Markup, table, tag

from specimen_components.report.numbers import figure
from specimen_components.report.sections.parts import code

_MEANINGS = {
    "error": "share of rows predicted wrongly; 0 is perfect",
    "auc": "chance that a random row of class 1 is ranked above one of class 0; 1 is perfect, 0.5 a guess",
    "accuracy": "share of rows predicted rightly",
    "precision": "share of the rows predicted as class 1 that are",
    "recall": "share of the rows of class 1 that are predicted as such",
    "f1": "harmonic mean of precision and recall",
    "logloss": "mean negative log of the probability given to what came true; 0 is perfect",
    "rmse": "root of the mean squared error, in the label's unit; 0 is perfect",
    "mae": "mean absolute error, in the label's unit; 0 is perfect",
    "mse": "mean squared error; 0 is perfect",
    "r2": "share of the label's variance that is explained; 1 is perfect, 0 is the mean",
}
_MACRO = {
    "auc": "each class against the others, averaged over the classes; 1 is perfect, 0.5 a guess",
    "precision": "of the rows predicted as a class, the share that are; averaged over the classes",
    "recall": "of the rows of a class, the share predicted as such; averaged over the classes",
    "f1": "harmonic mean of precision and recall, averaged over the classes",
}


def metrics(problem: str, columns: Mapping[str, Mapping[str, Any]]) -> Markup:
    """Give a row for each metric of a problem's type, and a column of figures for each who measured it."""
    meanings = {**_MEANINGS, **(_MACRO if problem == "multiclass" else {})}
    names = sorted({name for found in columns.values() for name in found}, key=_place)
    rows = [
        (code(name), *(tag("b", figure(found.get(name))) for found in columns.values()), meanings.get(name, ""))
        for name in names
    ]
    return table(("Metric", *columns, "Meaning"), rows, class_="metrics")


def _place(name: str) -> tuple[int, str]:
    """Give a metric's place in the table: the order of the meanings, whatever order JSON had."""
    return list(_MEANINGS).index(name) if name in _MEANINGS else len(_MEANINGS), name

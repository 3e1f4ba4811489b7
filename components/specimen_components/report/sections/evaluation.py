"""How good the model is on the test part: metrics, confusion matrix, ROC; of a regression, its errors."""

from collections.abc import Mapping, Sequence
from typing import Any

from specimen_pages.markup import Child, Markup, facts, joined, table, tag

from specimen_components.report import plots
from specimen_components.report.model import Trial
from specimen_components.report.numbers import figure, share
from specimen_components.report.sections.errors import errors
from specimen_components.report.sections.parts import code, details, why_absent

_MEANINGS = {
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


def evaluation(trial: Trial) -> Markup:
    """Give the figures of the test part."""
    if (nothing := why_absent(trial, "evaluate", "evaluate")) is not None:
        return nothing
    section = trial.sections["evaluate"]
    found = details(section)
    meanings = {**_MEANINGS, **(_MACRO if found["type"] == "multiclass" else {})}
    rows = [
        (code(name), tag("b", figure(value)), meanings.get(name, ""))
        for name, value in sorted(found["metrics"].items(), key=_place)
    ]
    return joined(
        facts(
            {
                "Test rows": figure(found["rows"]),
                "Threshold": figure(found["threshold"]) if found["type"] == "binary" else None,
                "Job": code(section.outputs.get("job")),
            }
        ),
        table(("Metric", "Value", "Meaning"), rows),
        *(tag("p", note, class_="missing") for note in found.get("notes", ())),
        tag("div", _confusion(found), _roc(trial, found), class_="plots"),
        errors(trial, found["rows"], found["residuals"]) if found.get("residuals") else None,
    )


def _place(metric: tuple[str, Any]) -> tuple[int, str]:
    """Give a metric's place in the table: the order of the meanings, whatever order JSON had."""
    name, _ = metric
    return list(_MEANINGS).index(name) if name in _MEANINGS else len(_MEANINGS), name


def _confusion(found: Mapping[str, Any]) -> Markup | None:
    """Give the matrix, darker where a larger share of the actual class lies."""
    if not (matrix := found["confusion"]):
        return None
    header = ("actual \u2193 predicted \u2192", *found["classes"])
    rows: list[list[Child]] = [[name, *_shares(row)] for name, row in zip(found["classes"], matrix, strict=True)]
    return tag("div", tag("h3", "Confusion matrix"), table(header, rows, class_="confusion"))


def _shares(row: Sequence[int]) -> list[Child]:
    total = sum(row)
    return [
        tag(
            "span",
            figure(count),
            tag("small", share(count, total)),
            class_="shade",
            style=f"--share: {count / total if total else 0:.3f}",
        )
        for count in row
    ]


def _roc(trial: Trial, found: Mapping[str, Any]) -> Markup | None:
    if not (curve := found.get("roc")):
        return None
    name = f"roc-{plots.identifier(trial.name)}"
    return tag("div", tag("h3", "ROC"), plots.roc(name, curve["fpr"], curve["tpr"], found["metrics"].get("auc")))

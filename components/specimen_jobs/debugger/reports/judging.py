"""The chapters of an XGBoost report on what the model answers: balance, distributions, confusion, ROC."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from specimen_pages.markup import Markup, table, tag

from specimen_jobs.debugger.reading import Array
from specimen_jobs.debugger.reports import answers, charts, regression
from specimen_jobs.debugger.reports.answers import VALIDATION, Answers, Task
from specimen_jobs.debugger.reports.bins import bin_edges, counted, shares
from specimen_jobs.debugger.reports.gathered import Gathered
from specimen_jobs.debugger.reports.page import Chapter, Finding, plots

UNEQUAL: Final = 10.0  # the default of the rule ClassImbalance
MISSED: Final = 0.5
DETAILED: Final = 12  # classes in a matrix
LINES: Final = 15  # classes in a chart of lines

SHAPES: Final = {  # of the predictions: what one learns, and what to do
    Task.BINARY: (
        "The two shapes should stand apart; where they lie over each other, the model cannot tell the classes.",
        "If the shapes do not come apart as training goes on, the features lack what tells the rows apart. If "
        "predictions crowd near one value, the model has learned little: more rounds, a larger eta, or fewer limits on "
        "the trees.",
    ),
    Task.VALUES: (
        "The outline should follow the filled shape; a narrower one belongs to a model that stays near the mean.",
        "If the outline is much narrower than the labels, take more rounds, a larger eta, fewer limits on the trees, "
        "or features that say more. Predictions where there are no labels come from rows unlike the others.",
    ),
}


def balance(found: Gathered) -> Chapter | None:
    """How many rows each class has, or how the labels are spread."""
    if found.last is None:
        return None
    labels = found.last[1].labels
    if found.task is Task.VALUES:
        return regression.spread(labels)
    names, counts = np.unique(labels, return_counts=True)
    rows = {f"class {name:g}": float(count) for name, count in zip(names, counts, strict=True)}
    ratio = counts.max() / counts.min()
    mood = "warn" if ratio > UNEQUAL else "good"
    text = f"The largest class has {ratio:.1f} times the rows of the smallest: {counts.max():,} and {counts.min():,}."
    return Chapter(
        "labels",
        "Balance of the classes",
        f"How many rows each class has. {VALIDATION} A random split leaves both parts alike in this.",
        "If a class is rare, accuracy says little: a model that never predicts it looks good. Weigh it "
        "(scale_pos_weight, or weights of rows), balance the training part, and choose a metric that minds it: f1, "
        "aucpr, balanced_accuracy.",
        [plots(("rows by class", charts.bars("labels", rows, "rows", text)))],
        [Finding(mood, text)],
    )


def distribution(found: Gathered) -> Chapter | None:
    """How the predictions are spread at the last step, beside the labels."""
    if found.last is None:
        return None
    step, last = found.last
    scores, task = last.scores, found.task
    if task is Task.VALUES and last.predictions.size != last.labels.size:
        return None
    if task is Task.VALUES:
        edges, axis = bin_edges(last.labels, last.predictions.ravel()), "rows"
        series = {"labels": counted(last.labels, edges), "predictions": counted(last.predictions.ravel(), edges)}
    elif task is Task.BINARY and scores is not None:
        edges, axis = np.histogram_bin_edges(scores, bins=30), "share of the label's rows"
        series = {f"label {value}": shares(scores[last.labels == value], edges) for value in (0, 1)}
    else:
        return _guessed(step, last)
    learn, act = SHAPES[task]
    picture = charts.histogram("predictions", series, "prediction", f"Predictions at step {step}", axis)
    return Chapter(
        "predictions",
        "Distribution of the predictions",
        f"The predictions at step {step}. {learn}",
        act,
        [plots(("predictions", picture))],
    )


def _guessed(step: int, last: Answers) -> Chapter:
    names = np.unique(np.concatenate([last.labels, last.guesses]))
    shares = {
        f"{name:g}: {kind}": float((values == name).sum())
        for name in names[:DETAILED]
        for kind, values in (("labels", last.labels), ("predicted", last.guesses))
    }
    return Chapter(
        "predictions",
        "Distribution of the predictions",
        f"How often each class is predicted at step {step}, beside how often it occurs.",
        "A class that is predicted much more or less often than it occurs is one that the model trades against others: "
        "look at its row of the confusion matrix.",
        [plots(("rows by class", charts.bars("predictions", shares, "rows", f"Predicted classes at step {step}")))],
    )


def confusion(found: Gathered) -> Chapter | None:
    """The confusion matrix at the last step, its rates, and the course of each class."""
    if not found.matrices:
        return None
    step = max(found.matrices)
    counts = found.matrices[step]
    rates = answers.rates(counts)
    return Chapter(
        "confusion",
        "Confusion matrix and its course",
        f"Rows are the labels, columns what the model says, at step {step}; the diagonal is right. Of probabilities, "
        "0.5 is the threshold, or the largest of several wins. Below, the share of each class's rows that are "
        "found, by step.",
        "A row with much off its diagonal is a class that is missed: give it more weight or more rows. A column "
        "with much off its diagonal is a class that is claimed too often: raise its threshold. A class whose line "
        "falls while the others rise is being traded away.",
        [_matrix(counts), tag("h3", "Precision, recall and F1"), _rates(rates), tag("h3", "Course"), _course(found)],
        _on_matrix(step, counts, rates),
    )


def _on_matrix(step: int, counts: Array, rates: dict[str, Any]) -> list[Finding]:
    worst, of = min(rates["classes"].items(), key=lambda item: item[1]["recall"] if item[1]["rows"] else 2.0)
    text = f"Accuracy at step {step} is {100 * rates['accuracy']:.1f} %"
    text += f"; of class {worst}, {100 * of['recall']:.0f} % of the rows are found."
    findings = [Finding("warn" if of["recall"] < MISSED else "good", text)]
    commonest = counts.sum(axis=1).max() / counts.sum()
    if rates["accuracy"] <= commonest:
        text = f"Always guessing the commonest class would be right in {100 * commonest:.1f} % of the rows"
        findings.append(Finding("bad", f"{text}: the model is no better."))
    return findings


def _matrix(counts: Array) -> Markup:
    if len(counts) > DETAILED:
        return tag("p", f"The matrix of {len(counts)} classes stands in confusion.json.", class_="missing")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    rows = [
        tag(
            "tr",
            tag("th", f"label {label}", scope="row"),
            *(
                tag(
                    "td",
                    tag(
                        "span",
                        f"{count:,}",
                        tag("small", f"{100 * share:.0f} %"),
                        class_="shade",
                        style=f"--share: {share:.2f}",
                    ),
                )
                for count, share in zip(counts[label].tolist(), shares[label].tolist(), strict=True)
            ),
        )
        for label in range(len(counts))
    ]
    head = tag("tr", tag("th", ""), *(tag("th", f"says {label}", scope="col") for label in range(len(counts))))
    return tag("div", tag("table", tag("thead", head), tag("tbody", rows), class_="confusion"), class_="scroll")


def _rates(rates: dict[str, Any]) -> Markup:
    names = ("precision", "recall", "f1")
    rows = [
        (f"class {label}", *(f"{one[name]:.3f}" for name in names), f"{one['rows']:,}")
        for label, one in list(rates["classes"].items())[: 2 * DETAILED]
    ]
    averages = [(kind, *(f"{one[name]:.3f}" for name in names), "") for kind, one in rates["averages"].items()]
    return table(("", *names, "rows"), [*rows, *averages])


def _course(found: Gathered) -> Markup:
    steps = sorted(found.matrices)
    series: dict[str, charts.Points] = {}
    count = max(len(counts) for counts in found.matrices.values())
    for label in range(min(count, LINES)):
        rows = [found.matrices[step][label] if label < len(found.matrices[step]) else np.zeros(1) for step in steps]
        shares = [float(row[label] / row.sum()) if row.sum() else float("nan") for row in rows]
        series[f"class {label}"] = (steps, shares)
    total = [float(np.trace(found.matrices[step]) / found.matrices[step].sum()) for step in steps]
    series["all (accuracy)"] = (steps, total)
    axis = ("step", "share that is found")
    return charts.lines("confusion-course", series, axis, "Share of each class found, by step", wide=True)


def roc(found: Gathered) -> Chapter | None:
    """The ROC curve at the last step, and the area under it over the steps."""
    if not found.aucs or found.last is None:
        return None
    step, last = found.last
    curve = None if last.scores is None else answers.roc(last.labels, last.scores)
    if curve is None:
        return None
    picture = charts.roc("roc", (curve.fpr, curve.tpr), curve.auc)
    areas = {"AUC": (list(found.aucs), list(found.aucs.values()))}
    course = charts.lines("auc", areas, ("step", "AUC"), "Area under the ROC curve by step", height=4.2)
    mood = "good" if curve.auc >= 0.7 else "warn" if curve.auc > 0.55 else "bad"
    return Chapter(
        "roc",
        "ROC curve",
        f"What share of the positives is found (up) for what share of the negatives taken for positive (right), as the "
        f"threshold falls, at step {step}. The area under it (AUC) is the chance that a positive row is ranked above a "
        "negative one: 0.5 is a guess.",
        "Pick the threshold by what each error costs: along the curve, the thresholds stand in roc.json. If the "
        "curve lies near the diagonal, no threshold helps; the features do not tell the classes apart.",
        [plots(("ROC", picture), ("AUC by step", course))],
        [Finding(mood, f"The AUC of the validation data is {curve.auc:.3f} at step {step}.")],
    )

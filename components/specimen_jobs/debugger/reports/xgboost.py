"""CreateXgboostReport: what a training's tensors say about it, as a page to learn from and as figures.

Source: "SageMaker Debugger XGBoost training report" in SageMaker's guide, whose charts these are, and more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from specimen_jobs.container import JobError
from specimen_jobs.debugger.reading import Reader
from specimen_jobs.debugger.reports import answers, judging, learning, regression
from specimen_jobs.debugger.reports.charts import figure
from specimen_jobs.debugger.reports.gathered import Gathered
from specimen_jobs.debugger.reports.page import Report, write

PAGE: Final = "xgboost_report.html"
FIGURES: Final = "xgboost-reports"
CHAPTERS: Final = (
    learning.metrics,
    judging.balance,
    judging.distribution,
    judging.confusion,
    judging.roc,
    regression.residuals,
    learning.importance,
    learning.shap,
    learning.hyperparameters,
)


@dataclass
class CreateXgboostReport:
    """The report on an XGBoost training; its condition is never met. What was not saved is named in it."""

    trial: Reader
    training_job: str
    _found: Gathered = field(default_factory=Gathered, init=False)

    def invoke_at_step(self, step: int) -> bool:
        """Take in the step."""
        self._found.add(self.trial, step)
        return False

    def write(self, folder: Path) -> str:
        """Write the page and its figures; raise JobError when none of the tensors is one that it shows."""
        found = self._found
        missing = learning.absent(found)
        chapters = [chapter for make in CHAPTERS if (chapter := make(found)) is not None]
        if not chapters:
            raise JobError("CreateXgboostReport has nothing to show: none of its collections was saved")
        report = Report("XGBoost training report", self.training_job, _lead(found), _facts(found), chapters, missing)
        write(folder, PAGE, report, figures(found), FIGURES)
        return f"The report {PAGE} was written: {len(found.steps)} steps, {len(chapters)} chapters"


def _lead(found: Gathered) -> str:
    kind = found.task.value
    objective = f" ({found.objective})" if found.objective else ""
    return (
        f"A {kind}{objective}, seen at {len(found.steps)} saved steps, from {min(found.steps)} to {max(found.steps)}."
    )


def _facts(found: Gathered) -> Mapping[str, str]:
    facts = {"Task": found.task.value, "Saved steps": f"{len(found.steps)}", "Last step": f"{max(found.steps)}"}
    if found.last:
        facts["Validation rows"] = f"{len(found.last[1].labels):,}"
    for name, course in list(found.metrics.items())[:4]:
        facts[f"{name} at the end"] = figure(learning.last(course))
    return facts


def figures(found: Gathered) -> dict[str, Any]:
    """Return the report's figures, by the name of their file."""
    step, last = found.last or (None, None)
    result: dict[str, Any] = {
        "summary": {
            "task": found.task.value,
            "objective": found.objective or None,
            "steps": found.steps,
            "missing": sorted(learning.absent(found)),
        },
        "metrics": found.metrics,
        "feature_importance": found.importance,
        "average_shap": found.shap,
        "hyperparameters": found.hyperparameters,
    }
    if last is not None:
        counts, edges = np.histogram(last.labels, bins=30)
        guesses, marks = np.histogram(last.predictions, bins=30)
        result["labels"] = {"step": step, "edges": edges.tolist(), "rows": counts.tolist()}
        result["predictions"] = {"step": step, "edges": marks.tolist(), "values": guesses.tolist()}
        curve = answers.roc(last.labels, last.scores) if found.aucs and last.scores is not None else None
        if curve is not None:
            result["roc"] = {"step": step, "auc_by_step": found.aucs, **asdict(curve)}
    if found.matrices:
        latest = found.matrices[max(found.matrices)]
        result["confusion"] = {
            "matrices": {number: counts.tolist() for number, counts in found.matrices.items()},
            "rates": answers.rates(latest),
        }
    if found.errors and last is not None:
        result["residuals"] = _residuals(found, last)
    return {name: value for name, value in result.items() if value}


def _residuals(found: Gathered, last: answers.Answers) -> dict[str, Any]:
    rest = last.predictions.ravel() - last.labels
    counts, edges = np.histogram(rest, bins=40)
    return {
        "mean": float(rest.mean()),
        "standard_deviation": float(rest.std()),
        "edges": edges.tolist(),
        "rows": counts.tolist(),
        "label_edges": found.edges.tolist(),
        "absolute_error_by_label": found.errors,
    }

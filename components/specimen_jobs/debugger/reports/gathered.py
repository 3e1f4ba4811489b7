"""What an XGBoost report gathers of a training, step by step, small enough to be kept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from specimen_jobs.debugger.reading import Array, Reader, chosen, numbers, scalars, values
from specimen_jobs.debugger.reports import answers
from specimen_jobs.debugger.reports.answers import Answers, Task

METRIC = r"^[A-Za-z]+-[^/]+$"
Series = dict[str, dict[int, float]]


def _series() -> Series:
    return defaultdict(dict)


@dataclass
class Gathered:
    """Figures by name and step; of labels and predictions the last ones, and what each step's say in short."""

    steps: list[int] = field(default_factory=list)
    metrics: Series = field(default_factory=_series)
    importance: dict[str, Series] = field(default_factory=lambda: defaultdict(_series))  # by type
    shap: Series = field(default_factory=_series)
    hyperparameters: dict[str, str] = field(default_factory=dict)
    last: tuple[int, Answers] | None = None
    matrices: dict[int, Array] = field(default_factory=dict)
    aucs: dict[int, float] = field(default_factory=dict)
    errors: dict[int, list[float]] = field(default_factory=dict)
    edges: Array = field(default_factory=lambda: np.empty(0))

    @property
    def objective(self) -> str:
        """XGBoost's objective, where it was saved."""
        return self.hyperparameters.get("objective", "")

    @property
    def task(self) -> Task:
        """What the model is for."""
        return answers.task(self.last[1] if self.last else None, self.objective, list(self.metrics))

    def add(self, trial: Reader, step: int) -> None:
        """Take in what a step has."""
        self.steps.append(step)
        for name, given in values(trial, chosen(trial, (), ("^hyperparameters/",)), step).items():
            self.hyperparameters[name.partition("/")[2]] = ", ".join(map(_shown, np.ravel(given).tolist()))
        for name, value in scalars(trial, chosen(trial, (), (METRIC,)), step).items():
            self.metrics[name][step] = value
        for name, value in scalars(trial, chosen(trial, (), ("^feature_importance/",)), step).items():
            _, kind, feature = name.split("/", 2)
            self.importance[kind][feature][step] = value
        for name, value in scalars(trial, chosen(trial, (), ("^average_shap/",)), step).items():
            self.shap[name.partition("/")[2]][step] = value
        self._add_answers(trial, step)

    def _add_answers(self, trial: Reader, step: int) -> None:
        found = numbers(trial, chosen(trial, (), ("^labels$", "^predictions$")), step)
        if set(found) != {"labels", "predictions"}:
            return
        labels, predictions = found["labels"].ravel(), found["predictions"]
        if not labels.size or predictions.size % labels.size or not np.isfinite(labels).all():
            return
        of_step = Answers(labels, np.nan_to_num(predictions), self.objective)
        self.last = step, of_step
        match self.task:
            case Task.VALUES:
                if not self.edges.size:
                    self.edges = answers.label_edges(labels)
                if predictions.size == labels.size:
                    self.errors[step] = answers.errors_by_label(of_step, self.edges)
            case found_task:
                self._add_classes(of_step, step, binary=found_task is Task.BINARY)

    def _add_classes(self, of_step: Answers, step: int, *, binary: bool) -> None:
        counts = answers.matrix(of_step)
        if counts is not None:
            self.matrices[step] = counts
        if binary and of_step.scores is not None:
            curve = answers.roc(of_step.labels, of_step.scores)
            if curve is not None:
                self.aucs[step] = curve.auc


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)

"""SHAP values of a model's answers to rows, against baseline rows: exact where trees allow for it, else kernel SHAP."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from specimen_jobs.clarify.explanations import additive
from specimen_jobs.clarify.explanations.coalitions import Design, Doubles, Regression, design
from specimen_jobs.clarify.explanations.forest import Bools, Forest, Output
from specimen_jobs.clarify.explanations.models import ROWS, Model, Trees
from specimen_jobs.clarify.explanations.substitution import Substitution

CELLS: Final = 2**23  # answers that are held at once
WAYS: Final = 4096  # coalitions that are asked for at once
CERTAIN: Final = 1e-7  # probabilities nearer to 0 or 1 than this have log-odds that single precision cannot tell


class Method(Enum):
    """How SHAP values were computed."""

    ADDITIVE = "exact, from the trees"
    COMPLETE = "exact, from all coalitions of features"
    SAMPLED = "estimated from sampled coalitions of features"


@dataclass(frozen=True)
class Explained:
    """SHAP values, and what they add to; the axes of `values` are row, feature, answer."""

    values: Doubles
    expected: Doubles  # the answer to the baseline, before anything is known of a row
    method: Method
    coalitions: int


def explain(model: Model, rows: Doubles, baseline: Doubles, samples: int, seed: int, logit: bool) -> Explained:
    """Return the SHAP values of rows against the rows of a baseline.

    A coalition is worth the mean of the model's answers over the baseline rows that lend the other features' values;
    with `logit`, the log-odds of that mean.
    """
    expected = _linked(model.answers(baseline).mean(axis=0), logit)
    if isinstance(model, Trees) and is_additive(model.forest, len(baseline), logit):
        return Explained(_additive(model.forest, rows, baseline), expected, Method.ADDITIVE, 0)
    made = design(rows.shape[1], samples, seed)
    values = _estimated(model, rows, baseline, made, expected, logit)
    return Explained(values, expected, Method.COMPLETE if made.complete else Method.SAMPLED, len(made.members))


def is_additive(forest: Forest, baseline_rows: int, logit: bool) -> bool:
    """Say whether what is explained is the margin, which is the sum of the trees.

    Log-odds of a mean over several baseline rows are no mean of log-odds, so that only one row will do there.
    """
    match forest.output:
        case Output.IDENTITY:
            return not logit
        case Output.LOGISTIC:
            return logit and baseline_rows == 1
        case _:
            return False


def _additive(forest: Forest, rows: Doubles, baseline: Doubles) -> Doubles:
    total = np.zeros((*rows.shape, forest.base.size))
    for first in range(0, len(rows), ROWS):
        part = rows[first : first + ROWS].astype(np.float32)
        for row in baseline.astype(np.float32):
            total[first : first + ROWS] += additive.values(forest, part, row)
    return total / len(baseline)


def _estimated(model: Model, rows: Doubles, baseline: Doubles, made: Design, expected: Doubles, logit: bool) -> Doubles:
    regression = Regression.of(made)
    asked = np.vstack((made.members, np.ones((1, made.features), dtype=np.bool_)))  # the whole row too
    found = np.empty((*rows.shape, expected.size))
    step = max(1, CELLS // (len(asked) * expected.size))
    for first in range(0, len(rows), step):
        part = rows[first : first + step]
        worth = _linked(_worth(model, part, baseline, asked, expected.size), logit) - expected
        idle = None if made.complete else _idle(part, baseline)
        found[first : first + step] = regression.values(worth[:, :-1], worth[:, -1], idle)
    return found


def _worth(model: Model, rows: Doubles, baseline: Doubles, members: Bools, answers: int) -> Doubles:
    """Return what a model answers when a coalition's features are the rows' own: row, coalition, answer."""
    total = np.zeros((len(rows), len(members), answers))
    for row in baseline:
        for first in range(0, len(members), WAYS):
            part = slice(first, first + WAYS)
            total[:, part] += model.changed(rows, Substitution(members[part], row[None]))
    return total / len(baseline)


def _idle(rows: Doubles, baseline: Doubles) -> Bools:
    """Say where a row has the same value as all of the baseline, which then contributes nothing."""
    found = np.ones(rows.shape, dtype=np.bool_)
    for row in baseline:
        found &= (rows == row) | (np.isnan(rows) & np.isnan(row))
    return found


def _linked(answers: Doubles, logit: bool) -> Doubles:
    if not logit:
        return answers
    bounded = np.clip(answers, CERTAIN, 1 - CERTAIN)
    return np.log(bounded) - np.log1p(-bounded)

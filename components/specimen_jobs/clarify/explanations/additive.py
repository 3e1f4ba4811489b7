"""Exact SHAP values of a sum of trees against one row: the interventional Shapley values of its margin.

In the game that SHAP plays with one baseline row, the margin is a sum over trees, and a tree's a sum over leaves. A
leaf is reached when all features of one set (A) are the row's own and all of another (B) are the baseline's; the others
do not matter. Of that game the Shapley values are known: a member of A gets v (a-1)! b! / (a+b)!, a member of B
-v a! (b-1)! / (a+b)!, where a and b are the sizes. Source: Lundberg et al., "From local explanations to global
understanding with explainable AI for trees" (2020), interventional TreeSHAP.

What a model answers is its margin where it is a regression's, and where log-odds of a logistic model are asked for. A
probability is not additive over trees: there the values have to be estimated.
"""

from __future__ import annotations

from math import factorial

import numpy as np
import numpy.typing as npt

from specimen_jobs.clarify.explanations.descent import Words, classify, descend, membership, packed, unpacked
from specimen_jobs.clarify.explanations.forest import Bools, Floats, Forest, Integers


def values(forest: Forest, rows: Floats, baseline: Floats) -> Floats:
    """Return the SHAP values of margins against one baseline row; the axes are row, feature, group."""
    nodes, width = forest.nodes, forest.features
    theirs = baseline[nodes.feature]
    baseline_left = (theirs < nodes.threshold) | (np.isnan(theirs) & nodes.missing_left)
    classes = classify(forest, rows, baseline_left, ~baseline_left)
    member = packed(np.eye(width, dtype=np.bool_))

    def split(
        at: Integers, turns_left: Bools, state: tuple[Words, ...]
    ) -> tuple[tuple[Words, ...], Bools, tuple[Words, ...], Bools]:
        own, others = state
        differs = turns_left != baseline_left[at]
        bit = np.where(differs[:, None], member[nodes.feature[at]], 0)
        excluded, required = (others & bit).any(axis=1), (own & bit).any(axis=1)
        with_row, with_baseline = (own | bit, others), (own, others | bit)
        left = tuple(np.where(turns_left[:, None], *pair) for pair in zip(with_row, with_baseline, strict=True))
        right = tuple(np.where(turns_left[:, None], *pair) for pair in zip(with_baseline, with_row, strict=True))
        row_goes, baseline_goes = ~excluded, differs & ~required
        return (
            left,
            np.where(turns_left, row_goes, baseline_goes),
            right,
            np.where(turns_left, baseline_goes, row_goes),
        )

    nothing = np.zeros((classes.count, member.shape[1]), dtype=np.uint64)
    arrivals = descend(forest, classes, (nothing, nothing), split)
    own, others = (unpacked(flags, width).sum(axis=1) for flags in arrivals.state)
    shares = _shares(int(max(own.max(), others.max())))
    gain, loss = shares[own, others], shares[others, own]

    def lines(part: slice) -> Floats:
        for_own, for_others = (unpacked(flags[part], width) for flags in arrivals.state)
        found: Floats = np.multiply(for_own, gain[part, None], dtype=np.float32)
        found -= np.multiply(for_others, loss[part, None], dtype=np.float32)
        return found

    sums = arrivals.sums(classes.count, arrivals.value, lines, width)
    found: Floats = np.empty((*rows.shape, forest.base.size), dtype=np.float32)
    for group in range(forest.base.size):
        found[:, :, group] = membership(forest, classes, group) @ sums
    return found


def _shares(most: int) -> npt.NDArray[np.float32]:
    """Return (a-1)! b! / (a+b)! at [a, b], and 0 where a is 0."""
    found = np.zeros((most + 1, most + 1), dtype=np.float32)
    for a in range(1, most + 1):
        for b in range(most + 1):
            found[a, b] = factorial(a - 1) * factorial(b) / factorial(a + b)
    return found

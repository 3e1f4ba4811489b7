"""The formulas of the bias metrics, over a Sample.

Side a is the advantaged one, not selected by the facet; side d is the sensitive one. 0/0 is 0, x/0 is infinite with the
sign of x, and equal sides differ by 0 even when both are infinite.

Source: "Pre-training Bias Metrics" and "Post-training Data and Model Bias Metrics" in SageMaker's guide, and the edge
cases of aws/amazon-sagemaker-clarify (Apache-2.0).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from specimen_jobs.clarify.sample import Integers, Sample, Side, UndefinedMetricError

Floats = npt.NDArray[np.float64]


def divide(part: float, whole: float) -> float:
    """Return part / whole; 0 when both are 0, infinite when only whole is."""
    if whole == 0:
        return 0.0 if part == 0 else math.copysign(math.inf, part)
    return part / whole


def difference(left: float, right: float) -> float:
    """Return left - right; 0 when they are equal, also when both are infinite."""
    return 0.0 if left == right else left - right


def sides(of: Sample) -> tuple[Side, Side]:
    """Return the advantaged and the sensitive side; raise UndefinedMetricError when one has no row."""
    a, d = of.advantaged, of.disadvantaged
    if d.rows == 0:
        raise UndefinedMetricError("Facet set is empty")
    if a.rows == 0:
        raise UndefinedMetricError("Negated facet set is empty")
    return a, d


def class_imbalance(of: Sample) -> float:
    """CI = (na - nd) / (na + nd)."""
    a, d = sides(of)
    return (a.rows - d.rows) / (a.rows + d.rows)


def label_difference(of: Sample) -> float:
    """DPL = n1a / na - n1d / nd."""
    a, d = sides(of)
    return a.positives / a.rows - d.positives / d.rows


def prediction_difference(of: Sample) -> float:
    """DPPL: DPL over predictions."""
    a, d = sides(of)
    return a.predicted_positives / a.rows - d.predicted_positives / d.rows


def disparate_impact(of: Sample) -> float:
    """DI = (n1hat_d / nd) / (n1hat_a / na)."""
    a, d = sides(of)
    return divide(d.predicted_positives / d.rows, a.predicted_positives / a.rows)


def distributions(labels: Integers) -> tuple[Floats, Floats]:
    """Return both sides' shares of the label values that occur on both, from counts (side by value).

    A value that one side lacks is left out and the shares are not scaled up for it.
    """
    common = (labels > 0).all(axis=0)
    if not common.any():
        raise UndefinedMetricError("No instance of common facet found, dataset may be too small")
    pa, pd = labels / labels.sum(axis=1, keepdims=True)
    return pa[common], pd[common]


def kullback_leibler(labels: Integers) -> float:
    """KL = sum of Pa log(Pa / Pd), in nats."""
    pa, pd = distributions(labels)
    return float(np.sum(pa * np.log(pa / pd)))


def jensen_shannon(labels: Integers) -> float:
    """JS = (KL(Pa, P) + KL(Pd, P)) / 2 with P the mean of both."""
    pa, pd = distributions(labels)
    p = (pa + pd) / 2
    return float(np.sum(pa * np.log(pa / p)) + np.sum(pd * np.log(pd / p))) / 2


def norm(order: float) -> Callable[[Integers], float]:
    """Return the norm of Pa - Pd: LP with order 2, KS with infinite order; TVD is half of order 1."""

    def of_counts(labels: Integers) -> float:
        pa, pd = distributions(labels)
        return float(np.linalg.norm(pa - pd, order))

    return of_counts


def total_variation(labels: Integers) -> float:
    """TVD = half the sum of |Pa - Pd|."""
    return norm(1)(labels) / 2


def over_labels(measure: Callable[[Integers], float]) -> Callable[[Sample], float]:
    """Return a measure of label counts as a metric of a sample."""
    return lambda of: measure(of.table.sum(axis=(0, 3)))


def conditional_disparity(of: Sample, axis: int) -> float:
    """CDDL (axis 2, labels) or CDDPL (axis 3, predictions).

    Per group, the sensitive share of the rejected minus its share of the accepted (0 where there are none); the mean of
    that, weighted by the groups' rows.
    """
    groups = of.table[:-1].sum(axis=5 - axis)  # axes: group, facet, outcome
    if len(groups) == 0:
        raise UndefinedMetricError("Group variable is empty or not provided")
    rejected, accepted = of.table.sum(axis=(0, 1, 5 - axis)).tolist()
    if accepted == 0:
        raise UndefinedMetricError("No positive labels in set")
    if rejected == 0:
        raise UndefinedMetricError("No negative labels in set")
    totals = groups.sum(axis=1)
    shares = np.divide(groups[:, 1], totals, out=np.zeros(totals.shape), where=totals != 0)
    sizes = totals.sum(axis=1)
    return divide(float(np.sum(sizes * (shares[:, 0] - shares[:, 1]))), float(sizes.sum()))


def compared(rate: Callable[[Side], float], sensitive_first: bool = False) -> Callable[[Sample], float]:
    """Return the metric rate(a) - rate(d), or rate(d) - rate(a)."""

    def metric(of: Sample) -> float:
        a, d = (rate(side) for side in sides(of))
        return difference(d, a) if sensitive_first else difference(a, d)

    return metric


def generalized_entropy(of: Sample) -> float:
    """GE with alpha 2, over benefits (prediction - label + 1)."""
    a, d = of.advantaged, of.disadvantaged
    rows = a.rows + d.rows
    false_positives = a.false_positives + d.false_positives
    right = rows - false_positives - a.false_negatives - d.false_negatives
    benefit = right + 2 * false_positives
    if benefit == 0:
        raise UndefinedMetricError(
            "All predicted labels are false negatives. At least one prediction must be something else."
        )
    mean = benefit / rows
    return ((right + 4 * false_positives) / mean**2 - rows) / (2 * rows)

"""The bias metrics by name: what Clarify calls each, and at which stage it can be computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Final

from specimen_jobs.clarify import measures
from specimen_jobs.clarify.flip import flip_test
from specimen_jobs.clarify.measures import compared, divide, over_labels
from specimen_jobs.clarify.sample import Sample
from specimen_jobs.container import JobError


class Stage(Enum):
    """When a metric can be computed; the value is its key in the configuration's methods."""

    PRE_TRAINING = "pre_training_bias"
    POST_TRAINING = "post_training_bias"


@dataclass(frozen=True)
class Metric:
    """A bias metric; `meaning` is a sentence for people."""

    name: str
    title: str
    meaning: str
    stage: Stage
    compute: Callable[[Sample], float]

    @property
    def description(self) -> str:
        """The description as analysis.json carries it."""
        return f"{self.title} ({self.name})"


def _before(name: str, title: str, meaning: str, compute: Callable[[Sample], float]) -> Metric:
    return Metric(name, title, meaning, Stage.PRE_TRAINING, compute)


def _after(name: str, title: str, meaning: str, compute: Callable[[Sample], float]) -> Metric:
    return Metric(name, title, meaning, Stage.POST_TRAINING, compute)


METRICS: Final = (
    _after(
        "AD",
        "Accuracy Difference",
        "Accuracy for the other rows minus accuracy for the facet.",
        compared(lambda side: divide(side.true_positives + side.true_negatives, side.rows)),
    ),
    _before(
        "CDDL",
        "Conditional Demographic Disparity in Labels",
        "The facet's share of rejected labels minus its share of accepted ones, averaged over the groups.",
        partial(measures.conditional_disparity, axis=2),
    ),
    _after(
        "CDDPL",
        "Conditional Demographic Disparity in Predicted Labels",
        "The facet's share of predicted rejections minus its share of predicted acceptances, averaged over the groups.",
        partial(measures.conditional_disparity, axis=3),
    ),
    _before(
        "CI",
        "Class Imbalance",
        "How much smaller the facet is than the rest: 1 when it is nearly absent, -1 when it is nearly everything.",
        measures.class_imbalance,
    ),
    _after(
        "DAR",
        "Difference in Acceptance Rates",
        "Precision of acceptances for the other rows minus precision for the facet.",
        compared(lambda side: divide(side.true_positives, side.predicted_positives)),
    ),
    _after(
        "DCA",
        "Difference in Conditional Acceptance",
        "Actual per predicted acceptances of the other rows minus those of the facet.",
        compared(lambda side: divide(side.positives, side.predicted_positives)),
    ),
    _after(
        "DCR",
        "Difference in Conditional Rejection",
        "Actual per predicted rejections of the facet minus those of the other rows.",
        compared(lambda side: divide(side.negatives, side.predicted_negatives), sensitive_first=True),
    ),
    _after(
        "DI",
        "Disparate Impact",
        "The facet's rate of predicted acceptances over that of the other rows; 1 is parity.",
        measures.disparate_impact,
    ),
    _before(
        "DPL",
        "Difference in Positive Proportions in Labels",
        "Rate of favorable labels of the other rows minus the facet's.",
        measures.label_difference,
    ),
    _after(
        "DPPL",
        "Difference in Positive Proportions in Predicted Labels",
        "Rate of favorable predictions of the other rows minus the facet's.",
        measures.prediction_difference,
    ),
    _after(
        "DRR",
        "Difference in Rejection Rates",
        "Precision of rejections for the facet minus precision for the other rows.",
        compared(lambda side: divide(side.true_negatives, side.predicted_negatives), sensitive_first=True),
    ),
    _after(
        "FT",
        "Flip Test",
        "Share of the facet predicted better than its nearest other rows, minus the share predicted worse.",
        flip_test,
    ),
    _after(
        "GE",
        "Generalized Entropy",
        "Inequality of the benefit that predictions give over all rows; 0 is none.",
        measures.generalized_entropy,
    ),
    _before(
        "JS",
        "Jensen-Shannon Divergence",
        "How far the two label distributions are from their mean; 0 when they are the same.",
        over_labels(measures.jensen_shannon),
    ),
    _before(
        "KL",
        "Kullback-Liebler Divergence",
        "How far the facet's label distribution is from the other rows'; 0 when they are the same.",
        over_labels(measures.kullback_leibler),
    ),
    _before(
        "KS",
        "Kolmogorov-Smirnov Distance",
        "Largest difference between the two label distributions.",
        over_labels(measures.norm(float("inf"))),
    ),
    _before(
        "LP",
        "L-p Norm",
        "Euclidean distance between the two label distributions.",
        over_labels(measures.norm(2)),
    ),
    _after(
        "RD",
        "Recall Difference",
        "Recall for the other rows minus recall for the facet.",
        compared(lambda side: divide(side.true_positives, side.positives)),
    ),
    _after(
        "SD",
        "Specificity Difference",
        "Specificity for the facet minus specificity for the other rows.",
        compared(lambda side: divide(side.true_negatives, side.negatives), sensitive_first=True),
    ),
    _after(
        "TE",
        "Treatment Equality",
        "False negatives per false positive of the facet minus those of the other rows.",
        compared(lambda side: divide(side.false_negatives, side.false_positives), sensitive_first=True),
    ),
    _before(
        "TVD",
        "Total Variation Distance",
        "Half the summed differences between the two label distributions.",
        over_labels(measures.total_variation),
    ),
)


def chosen(stage: Stage, names: Sequence[str] | str) -> list[Metric]:
    """Return a stage's metrics in alphabetical order: those named, or all; raise JobError for any other."""
    offered = {metric.name: metric for metric in METRICS if metric.stage is stage}
    if names == "all" or list(names) == ["all"]:
        return list(offered.values())
    wanted = [names] if isinstance(names, str) else list(names)
    unknown = [name for name in wanted if name not in offered]
    if unknown:
        raise JobError(
            f"Invalid metric_name {', '.join(unknown)}: the metrics of {stage.value} are {', '.join(offered)}"
        )
    return [metric for name, metric in offered.items() if name in wanted]

"""What each of Clarify's bias metrics means, in a sentence, with its ideal value and what its sign says.

a stands for the rows outside the facet, d for the rows in it (the sensitive group). The definitions follow AWS's
documentation "Measure Pre-training Bias" and "Measure Post-training Data and Model Bias".
"""

from collections.abc import Mapping
from dataclasses import dataclass

EVEN = 1e-9


@dataclass(frozen=True)
class Meaning:
    """How to read one metric."""

    title: str
    sentence: str
    range: str
    ideal: float
    above: str  # what a value above the ideal says
    below: str | None  # what one below says; None where there is none

    def reading(self, value: float | None) -> str:
        """Say what a value tells of the two groups."""
        if value is None:
            return "undefined here"
        if abs(value - self.ideal) <= EVEN:
            return "even"
        return self.above if value > self.ideal else self.below or "even"


_APART = "the groups differ"
_UNIT = "\u22121 to 1"
_ALL = "\u2212∞ to ∞"

MEANINGS: Mapping[str, Meaning] = {
    "CI": Meaning(
        "Class imbalance",
        "How unevenly the rows are divided between the two groups, whatever their labels.",
        _UNIT,
        0,
        "the sensitive group has fewer rows",
        "the sensitive group has more rows",
    ),
    "DPL": Meaning(
        "Difference in proportions of labels",
        "Share of favorable labels in the other group, less that in the sensitive group.",
        _UNIT,
        0,
        "the sensitive group has the favorable label less often",
        "the sensitive group has the favorable label more often",
    ),
    "KL": Meaning(
        "Kullback-Leibler divergence",
        "How far the other group's distribution of labels is from the sensitive group's, in nats.",
        "0 to ∞",
        0,
        _APART,
        None,
    ),
    "JS": Meaning(
        "Jensen-Shannon divergence",
        "A symmetric, bounded form of KL: how far both groups' label distributions are from their mean.",
        "0 to ln 2",
        0,
        _APART,
        None,
    ),
    "LP": Meaning(
        "Lp-norm",
        "Euclidean distance between the two groups' label distributions.",
        "0 to √2",
        0,
        _APART,
        None,
    ),
    "TVD": Meaning(
        "Total variation distance",
        "Half the summed differences of the two groups' label shares: the share of rows that would have to change.",
        "0 to 1",
        0,
        _APART,
        None,
    ),
    "KS": Meaning(
        "Kolmogorov-Smirnov distance",
        "The largest difference that any one label's share shows between the two groups.",
        "0 to 1",
        0,
        _APART,
        None,
    ),
    "CDDL": Meaning(
        "Conditional demographic disparity in labels",
        "The sensitive group's share of the rejected less its share of the accepted, averaged over the strata of the "
        "group column.",
        _UNIT,
        0,
        "the sensitive group is rejected more than it is accepted",
        "the sensitive group is accepted more than it is rejected",
    ),
    "DPPL": Meaning(
        "Difference in positive proportions in predicted labels",
        "Share of favorable predictions in the other group, less that in the sensitive group.",
        _UNIT,
        0,
        "the model favors the sensitive group less often",
        "the model favors the sensitive group more often",
    ),
    "DI": Meaning(
        "Disparate impact",
        "Share of favorable predictions in the sensitive group, divided by that in the other group.",
        "0 to ∞",
        1,
        "the model favors the sensitive group more often",
        "the model favors the sensitive group less often",
    ),
    "DCA": Meaning(
        "Difference in conditional acceptance",
        "Favorable labels for each favorable prediction, in the other group less the sensitive group.",
        _ALL,
        0,
        "measured by the labels, the model is more generous to the sensitive group",
        "measured by the labels, the model is more generous to the other group",
    ),
    "DCR": Meaning(
        "Difference in conditional rejection",
        "Unfavorable labels for each unfavorable prediction, in the sensitive group less the other group.",
        _ALL,
        0,
        "measured by the labels, the model rejects the other group more readily",
        "measured by the labels, the model rejects the sensitive group more readily",
    ),
    "DAR": Meaning(
        "Difference in acceptance rates",
        "Share of favorable predictions that are right (precision), in the other group less the sensitive group.",
        _UNIT,
        0,
        "favorable predictions are wrong more often in the sensitive group",
        "favorable predictions are wrong more often in the other group",
    ),
    "DRR": Meaning(
        "Difference in rejection rates",
        "Share of unfavorable predictions that are right, in the sensitive group less the other group.",
        _UNIT,
        0,
        "rejections are wrong more often in the other group",
        "rejections are wrong more often in the sensitive group",
    ),
    "RD": Meaning(
        "Recall difference",
        "Share of favorable labels that the model finds, in the other group less the sensitive group.",
        _UNIT,
        0,
        "deserving rows of the sensitive group are missed more often",
        "deserving rows of the other group are missed more often",
    ),
    "SD": Meaning(
        "Specificity difference",
        "Share of unfavorable labels that the model finds, in the sensitive group less the other group.",
        _UNIT,
        0,
        "the other group is favored wrongly more often",
        "the sensitive group is favored wrongly more often",
    ),
    "AD": Meaning(
        "Accuracy difference",
        "Share of right predictions in the other group, less that in the sensitive group.",
        _UNIT,
        0,
        "the model is less accurate for the sensitive group",
        "the model is more accurate for the sensitive group",
    ),
    "TE": Meaning(
        "Treatment equality",
        "Wrong rejections for each wrong acceptance, in the sensitive group less the other group.",
        _ALL,
        0,
        "errors go against the sensitive group more than against the other",
        "errors go against the other group more than against the sensitive one",
    ),
    "CDDPL": Meaning(
        "Conditional demographic disparity in predicted labels",
        "CDDL on the model's predictions: the sensitive group's share of the rejected less its share of the accepted, "
        "averaged over the strata of the group column.",
        _UNIT,
        0,
        "the model rejects the sensitive group more than it accepts it",
        "the model accepts the sensitive group more than it rejects it",
    ),
    "FT": Meaning(
        "Flip test",
        "Of the sensitive rows, the share favored over their nearest neighbors in the other group, less the share "
        "disfavored against them.",
        _UNIT,
        0,
        "the sensitive group fares better than its like in the other group",
        "the sensitive group fares worse than its like in the other group",
    ),
    "GE": Meaning(
        "Generalized entropy",
        "How unequally the model's errors spread benefit over all rows, of both groups together.",
        "0 to ∞",
        0,
        "benefit is spread unequally over the rows",
        None,
    ),
}

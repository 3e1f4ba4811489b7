"""What Debugger's built-in rules look for, and what a rule's status says.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/debugger-built-in-rules.html
"""

from dataclasses import dataclass

MEANINGS = {
    "LossNotDecreasing": "A loss that has not fallen by enough over a number of steps.",
    "Overfit": "A validation loss that keeps further above the training loss than it should.",
    "Overtraining": "A loss that is not getting better any more, while the training goes on.",
    "ClassImbalance": "Classes that are much rarer than others, and rare classes that are mostly predicted wrongly.",
    "Confusion": "A confusion matrix with too little on its diagonal, or too much beside it.",
    "TreeDepth": "Trees that grow as deep as a limit.",
    "FeatureImportanceOverweight": "A few features that hold more of the importance than they should.",
    "AllZero": "Tensors of which nearly all values are zero.",
    "UnchangedTensor": "Tensors that no longer change from step to step.",
    "TensorVariance": "Tensors whose variance is very large or very small.",
    "SimilarAcrossRuns": "Tensors that are unlike those of another training.",
    "StalledTrainingRule": "A training that makes no progress for a time.",
    "CreateXgboostReport": "Nothing: it writes the training's report.",
    "ProfilerReport": "Bottlenecks of the machine; it writes the profiler's report.",
}
_BY_WORD = {name.lower(): meaning for name, meaning in MEANINGS.items()}
OWN = "What its own source says."
ACTIONS = {"fail": "fails the run", "warn": "warns", "ignore": "ignored"}


@dataclass(frozen=True)
class Status:
    """A rule's status in words, and whether it is good or bad."""

    words: str
    badge: str


STATUSES = {
    "NoIssuesFound": Status("no issues found", "good"),
    "IssuesFound": Status("issues found", "bad"),
    "Error": Status("error", "bad"),
    "InProgress": Status("in progress", "quiet"),
    "Stopping": Status("stopping", "quiet"),
    "Stopped": Status("stopped", "quiet"),
}


def meaning(rule: str) -> str:
    """Say what a rule looks for, which is named as AWS does or, like ``tree_depth``, as the spec does."""
    return _BY_WORD.get(word(rule), OWN)


def word(rule: str) -> str:
    """Give one name for a rule however it is written."""
    return rule.replace("_", "").lower()


def status(name: str) -> Status:
    """Give a status in words; one that AWS has added since is given as it is."""
    return STATUSES.get(name, Status(name, "quiet"))

"""An evaluation as a step's record holds it, and as Kubeflow shows it."""

from collections.abc import Sequence

from specimen_components import outputs
from specimen_components.evaluation.metrics import Evaluation
from specimen_components.jsondata import Json


def document(evaluation: Evaluation, classes: Sequence[str]) -> dict[str, Json]:
    """Give the evaluation as the record holds it, its classes by these names."""
    return {
        "type": evaluation.problem.type,
        "threshold": evaluation.problem.threshold,
        "rows": evaluation.rows,
        "metrics": dict(evaluation.metrics),
        "classes": list(classes),
        "confusion": [list(row) for row in evaluation.confusion],
        "roc": evaluation.roc,
        "residuals": evaluation.residuals,
        "notes": list(evaluation.notes),
    }


def classification(evaluation: Evaluation, classes: Sequence[str]) -> dict[str, outputs.Content]:
    """Give the artifact that holds confusion matrix and ROC curve; none of a regression."""
    if not evaluation.classes:
        return {}
    roc = evaluation.roc or {"fpr": [], "tpr": [], "thresholds": []}
    points = [
        # KFP takes numbers only; the curve begins above every probability
        (fallout or 0.0, recall or 0.0, 1.0 if threshold is None else threshold)
        for fallout, recall, threshold in zip(roc["fpr"], roc["tpr"], roc["thresholds"], strict=True)
    ]
    return {"classification_view": outputs.classification(classes, evaluation.confusion, points)}

"""How good the model is on the test part: metrics, confusion matrix, ROC; of a regression, its errors."""

from specimen_pages.markup import Markup, facts, joined, tag

from specimen_components.report.model import Trial
from specimen_components.report.numbers import figure
from specimen_components.report.sections.confusion import confusion_and_roc
from specimen_components.report.sections.errors import errors
from specimen_components.report.sections.metrics import metrics
from specimen_components.report.sections.parts import class_names, code, details, why_absent


def evaluation(trial: Trial) -> Markup:
    """Give the figures of the test part."""
    if (nothing := why_absent(trial.sections, "evaluate", "evaluate")) is not None:
        return nothing
    section = trial.sections["evaluate"]
    found = details(section)
    return joined(
        facts(
            {
                "Test rows": figure(found["rows"]),
                "Threshold": figure(found["threshold"]) if found["type"] == "binary" else None,
                "Job": code(section.outputs.get("job")),
            }
        ),
        metrics(found["type"], {"Value": found["metrics"]}),
        *(tag("p", note, class_="missing") for note in found.get("notes", ())),
        confusion_and_roc(trial.name, class_names(trial, found["classes"]), found),
        errors(trial.name, found["rows"], found["residuals"]) if found.get("residuals") else None,
    )

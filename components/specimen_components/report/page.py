"""A report → one HTML page that needs nothing else: no script, no font, no picture from elsewhere."""

from collections.abc import Callable, Mapping
from importlib.resources import files

from specimen_components.report.markup import Markup, joined, tag
from specimen_components.report.model import Report, Trial
from specimen_components.report.sections import asked, bias, data, evaluation, explain, outcome, steps, training
from specimen_components.report.sections.parts import code, facts

_TRIAL: Mapping[str, tuple[str, Callable[[Trial], Markup]]] = {
    "data": ("Data and its balance", data.data),
    "training": ("Training", training.training),
    "evaluation": ("Evaluation", evaluation.evaluation),
    "bias": ("Bias", bias.bias),
    "explanations": ("Explanations", explain.explain),
    "gates": ("Gates", outcome.gates),
    "lineage": ("Lineage", outcome.lineage),
    "registry": ("Registry", outcome.registry),
    "files": ("Raw files", outcome.files),
}
# Nothing may be loaded and nothing may run, whatever came into the page.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(report: Report) -> str:
    """Give the whole page; equal reports give equal text."""
    chapters = list(_chapters(report))
    body = joined(
        asked.heading(report),
        asked.failure(report),
        tag("nav", *(tag("a", title, href=f"#{anchor}") for anchor, title, _ in chapters), aria_label="Contents"),
        *(tag("section", tag("h2", title), content, id=anchor) for anchor, title, content in chapters),
        asked.notes(report),
        tag("footer", "Written by Specimen at the end of the run."),
    )
    head = joined(
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        tag("title", f"{report.experiment} \u00b7 {report.run}"),
        Markup(f"<style>{_sheet()}</style>"),
    )
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body><main>{body}</main></body></html>\n'


def _chapters(report: Report) -> list[tuple[str, str, Markup]]:
    """Give (anchor, title, content) of each chapter; a trial's name stands in its titles where there are several."""
    found = [("asked", "What was asked", asked.asked(report)), ("steps", "Steps", steps.steps(report))]
    for number, trial in enumerate(report.trials, 1):
        several = len(report.trials) > 1
        for anchor, (title, content) in _TRIAL.items():
            name = f"{title}: {trial.name}" if several else title
            found.append((f"{anchor}-{number}" if several else anchor, name, content(trial)))
    versions = facts({name: code(version) for name, version in report.versions.items()})
    return [*found, ("versions", "Versions", versions)]


def _sheet() -> str:
    return files("specimen_components.report").joinpath("style.css").read_text(encoding="utf-8")

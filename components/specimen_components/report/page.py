"""A report → one HTML page that needs nothing else: no script, no font, no picture from elsewhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from specimen_pages.markup import Markup, facts, joined, tag

from specimen_components.report.model import Report, Trial
from specimen_components.report.results import selected
from specimen_components.report.sections import (
    asked,
    bias,
    comparison,
    data,
    debugger,
    evaluation,
    explain,
    hosting,
    outcome,
    steps,
    training,
    tuning,
    verification,
)
from specimen_components.report.sections.parts import code
from specimen_components.report.sharing import Part, parts


@dataclass(frozen=True)
class _Chapter:
    """A chapter of a trial, and the components whose steps it tells of."""

    anchor: str
    title: str
    components: frozenset[str]
    content: Callable[[Trial], Markup]


_TRIAL = (
    _Chapter("data", "Data and its balance", frozenset({"prepare"}), data.data),
    _Chapter("tuning", "Tuning", frozenset({"tune"}), tuning.tuning),
    _Chapter("training", "Training", frozenset({"train", "tune"}), training.training),
    _Chapter("debugger", "Debugger", frozenset({"debug"}), debugger.debugger),
    _Chapter("evaluation", "Evaluation", frozenset({"evaluate"}), evaluation.evaluation),
    _Chapter("bias", "Bias", frozenset({"bias"}), bias.bias),
    _Chapter("explanations", "Explanations", frozenset({"explain"}), explain.explain),
    _Chapter("gates", "Gates", frozenset({"gate"}), outcome.gates),
    _Chapter("lineage", "Lineage", frozenset({"lineage"}), outcome.lineage),
    _Chapter("registry", "Registry", frozenset({"register"}), outcome.registry),
)
_HOSTING = (
    ("host", "hosting", "Hosting", hosting.hosting),
    ("verify", "verification", "Verification", verification.verification),
)
_FILES = _Chapter("files", "Raw files", frozenset(), outcome.files)
_SHARED = "All trials"
# Nothing may be loaded and nothing may run, whatever came into the page.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(report: Report) -> str:
    """Give the whole page; equal reports give equal text."""
    several = len(report.trials) > 1
    body = joined(
        asked.heading(report),
        asked.failure(report),
        *(_of_several(report) if several else _of_one(report)),
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


def _of_one(report: Report) -> Iterator[Markup]:
    """Give the chapters of a run of one trial, and before them a link to each."""
    (trial,) = report.trials
    chapters = [
        ("asked", "What was asked", asked.asked(report)),
        ("steps", "Steps", steps.steps(report)),
        *((chapter.anchor, chapter.title, chapter.content(trial)) for chapter in _TRIAL),
        *((anchor, title, content(report)) for _, anchor, title, content in _HOSTING),
        (_FILES.anchor, _FILES.title, _FILES.content(trial)),
        ("versions", "Versions", _versions(report)),
    ]
    yield _links([(anchor, title) for anchor, title, _ in chapters])
    for anchor, title, content in chapters:
        yield _section(anchor, title, content)


def _of_several(report: Report) -> Iterator[Markup]:
    """Give the comparison of the trials, then what they share, each thing once, and what is each one's own."""
    found = [part for part in parts(report) if _chapters(part)]
    whole = [chapter for chapter in _HOSTING if chapter[0] in report.hosting]
    yield _links(
        [
            ("comparison", "Comparison"),
            *((anchor, title) for _, anchor, title, _ in whole),
            ("asked", "What was asked"),
            ("steps", "Steps"),
            *((_anchor(part), _named(part, report)) for part in found),
            ("versions", "Versions"),
        ]
    )
    yield _section("comparison", "Comparison of the trials", comparison.comparison(report))
    for _, anchor, title, content in whole:
        yield _section(anchor, title, content(report))
    yield _section("asked", "What was asked", asked.asked(report))
    yield _section("steps", "Steps", steps.steps(report))
    for part in found:
        yield from _part(part, found, report)
    yield _section("versions", "Versions", _versions(report))


def _part(part: Part, others: list[Part], report: Report) -> Iterator[Markup]:
    name, chapters = _named(part, report), _chapters(part)
    mark = tag("span", "selected", class_="badge good") if [selected(report)] == list(part.trials) else None
    shared = [other for other in others if set(part.trials) < set(other.trials)]
    yield tag(
        "div",
        tag("h2", name, " ", mark),
        _links([(f"{chapter.anchor}-{part.shown.name}", chapter.title) for chapter in chapters], name),
        tag("p", "Shared with others: ", *_listed(shared, report)) if shared else None,
        class_="part",
        id=_anchor(part),
    )
    for chapter in chapters:
        yield _section(f"{chapter.anchor}-{part.shown.name}", chapter.title, chapter.content(part.shown), name)


def _chapters(part: Part) -> list[_Chapter]:
    """Give the chapters of which a part has steps."""
    there = {*part.shown.sections, *(("bias",) if part.shown.bias else ())}
    chapters = [chapter for chapter in _TRIAL if chapter.components & there]
    return [*chapters, _FILES] if chapters else []


def _named(part: Part, report: Report) -> str:
    if len(part.trials) == len(report.trials):
        return _SHARED
    return f"{'Trial' if len(part.trials) == 1 else 'Trials'} {', '.join(part.trials)}"


def _anchor(part: Part) -> str:
    return f"part-{part.shown.name}"


def _listed(shared: list[Part], report: Report) -> Iterator[Markup]:
    for index, part in enumerate(shared):
        titles = ", ".join(chapter.title for chapter in _chapters(part) if chapter is not _FILES)
        yield joined("; " if index else None, tag("a", titles, href=f"#{_anchor(part)}"), f" ({_named(part, report)})")


def _links(targets: list[tuple[str, str]], label: str = "Contents") -> Markup:
    return tag("nav", *(tag("a", title, href=f"#{anchor}") for anchor, title in targets), aria_label=label)


def _section(anchor: str, title: str, content: Markup, whose: str | None = None) -> Markup:
    eyebrow = tag("p", whose, class_="eyebrow") if whose else None
    return tag("section", eyebrow, tag("h2", title), content, id=anchor)


def _versions(report: Report) -> Markup:
    return facts({name: code(version) for name, version in report.versions.items()})


def _sheet() -> str:
    return files("specimen_components.report").joinpath("style.css").read_text(encoding="utf-8")

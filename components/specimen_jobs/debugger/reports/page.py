"""A report as one HTML page that needs nothing else: no script, no font, no picture from elsewhere."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from specimen_pages.markup import Child, Markup, facts, joined, tag

# Nothing may be loaded and nothing may run, whatever came into the page.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_WORDS: Final = {"good": "fine", "warn": "look at", "bad": "mend", "quiet": "note"}


@dataclass(frozen=True)
class Finding:
    """A sentence on what was found; `mood` is good, warn, bad or quiet."""

    mood: str
    text: str


@dataclass(frozen=True)
class Chapter:
    """A part of a report: what one sees, what one learns from it, what to do where it looks bad."""

    anchor: str
    title: str
    learn: str
    act: str
    content: Sequence[Child]
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class Report:
    """A whole report; a missing chapter has its name and why it is not there."""

    kind: str
    title: str
    lead: str
    facts: Mapping[str, str]
    chapters: Sequence[Chapter]
    missing: Mapping[str, str]


def page(report: Report) -> str:
    """Return the page; equal reports give equal text."""
    links = [tag("a", chapter.title, href=f"#{chapter.anchor}") for chapter in report.chapters]
    body = joined(
        _heading(report),
        tag("nav", *links, aria_label="Chapters"),
        *(_section(chapter) for chapter in report.chapters),
        _missing(report),
        tag("footer", "Written by Specimen's rule container. The advice is a starting point, not a verdict."),
    )
    head = joined(
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        tag("title", f"{report.kind} · {report.title}"),
        Markup(f"<style>{files(__package__).joinpath('style.css').read_text(encoding='utf-8')}</style>"),
    )
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body><main>{body}</main></body></html>\n'


def write(folder: Path, name: str, report: Report, figures: Mapping[str, Any], beside: str) -> None:
    """Write a report and its figures, a JSON file each in the folder beside it; what is no number is null."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(page(report), encoding="utf-8")
    (folder / beside).mkdir(exist_ok=True)
    for key, value in figures.items():
        text = json.dumps(_finite(value), indent=1, sort_keys=True, allow_nan=False)
        (folder / beside / f"{key}.json").write_text(text + "\n", encoding="utf-8")


def plots(*pictures: tuple[str, Markup]) -> Markup:
    """Put charts with their titles beside each other."""
    return tag("div", *(tag("div", tag("h4", title), picture) for title, picture in pictures), class_="plots")


def _heading(report: Report) -> Markup:
    found = [
        one for mood in ("bad", "warn") for chapter in report.chapters for one in chapter.findings if one.mood == mood
    ]
    found = found or [Finding("good", "Nothing stands out that has to be mended.")]
    return tag(
        "header",
        tag("p", report.kind, class_="eyebrow"),
        tag("h1", report.title),
        tag("p", report.lead, class_="lead"),
        facts(dict(report.facts)),
        _findings(found),
    )


def _findings(found: Sequence[Finding]) -> Markup:
    rows = (
        tag("li", tag("span", _WORDS[finding.mood], class_=f"badge {finding.mood}"), tag("span", finding.text))
        for finding in found
    )
    return tag("ul", *rows, class_="findings") if found else Markup("")


def _section(chapter: Chapter) -> Markup:
    return tag(
        "section",
        tag("h2", chapter.title),
        tag("p", chapter.learn),
        _findings(chapter.findings),
        *chapter.content,
        tag("p", chapter.act, class_="advice") if chapter.act else None,
        id=chapter.anchor,
    )


def _missing(report: Report) -> Markup:
    if not report.missing:
        return Markup("")
    rows = (tag("li", tag("strong", name), ": ", why) for name, why in report.missing.items())
    return tag("section", tag("h2", "What is not shown"), tag("ul", *rows), id="missing")


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

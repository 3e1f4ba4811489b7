"""What several sections are made of."""

from collections.abc import Mapping, Sequence
from typing import Any

from specimen_pages.markup import Markup, prose, tag

from specimen_components.report.model import Section, Trial


def missing(why: str) -> Markup:
    """Say why a section has nothing to show."""
    return tag("p", prose(why), class_="missing")


def why_absent(sections: Mapping[str, Section], component: str, asked_by: str) -> Markup | None:
    """Say why a component's section is empty; None when it has something to show."""
    section = sections.get(component)
    if section is None:
        return missing(f"Not asked for: the spec has no `{asked_by}` section.")
    if section.details is None:
        return missing(section.why_not or "")
    return None


def details(section: Section) -> Mapping[str, Any]:
    """Give what a section holds; nothing when its step gave nothing."""
    return section.details or {}


def code(value: object) -> Markup:
    """Give a name or a URI, breakable anywhere."""
    return tag("code", str(value))


def class_names(trial: Trial | None, classes: Sequence[object]) -> list[str]:
    """Give the classes of a trial by the names that the source has for them, where `prepare` has numbered them."""
    named = (trial.manifest.get("encoding") or {}).get("classes") or () if trial else ()
    return [str(name) for name in (named if len(named) == len(classes) else classes)]

"""What several sections are made of."""

from collections.abc import Mapping
from typing import Any

from specimen_pages.markup import Markup, prose, tag

from specimen_components.report.model import Section, Trial


def missing(why: str) -> Markup:
    """Say why a section has nothing to show."""
    return tag("p", prose(why), class_="missing")


def why_absent(trial: Trial, component: str, asked_by: str) -> Markup | None:
    """Say why a component's section is empty; None when it has something to show."""
    section = trial.sections.get(component)
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

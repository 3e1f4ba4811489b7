"""What several sections are made of."""

from collections.abc import Mapping
from typing import Any

from specimen_components.report.markup import Child, Markup, prose, tag
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


def facts(rows: Mapping[str, Child]) -> Markup:
    """Give a list of names and what stands behind them; None is left out."""
    return tag(
        "dl",
        *(
            tag("div", tag("dt", name), tag("dd", value))
            for name, value in rows.items()
            if value is not None and value != ""
        ),
        class_="facts",
    )


def code(value: object) -> Markup:
    """Give a name or a URI, breakable anywhere."""
    return tag("code", str(value))

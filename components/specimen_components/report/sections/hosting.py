"""The endpoint: its configuration and what that replaced, its variants, and what became of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from specimen_pages.markup import Child, Markup, facts, joined, prose, table, tag

from specimen_components.report.model import Found, Report
from specimen_components.report.numbers import figure
from specimen_components.report.results import endpoint
from specimen_components.report.sections.parts import code, missing, why_absent

_OUTCOMES = {
    "created": "created",
    "updated": "updated without downtime: the old variants answered until the new ones did",
    "reused": "used as it was: its configuration is the one that was asked for",
}
_DEPLOYMENTS = {
    "all": "blue/green, all requests at once",
    "canary": "blue/green, {size}% of the capacity first",
    "linear": "blue/green, {size}% of the capacity at a time",
    "rolling": "rolling, {size}% of the instances at a time",
}
_LOCAL = "local"  # the target whose server is the embedded one


def hosting(report: Report) -> Markup:
    """Give the endpoint; of a step that failed why, and what it had found by then."""
    if (nothing := why_absent(report.hosting, "host", "hosting")) is not None:
        return joined(nothing, *(_endpoint(report, found) if (found := endpoint(report)).get("endpoint") else ()))
    return joined(*_endpoint(report, endpoint(report)))


def fate(report: Report) -> str | None:
    """Say in two words what became of the endpoint; None where there is none."""
    found = endpoint(report)
    if not found.get("endpoint"):
        return None
    if found.get("keep"):
        return "kept"
    return "may be left" if report.undeleted else "deleted at the end" if report.deleted else "not to be kept"


def _endpoint(report: Report, found: Found) -> Iterator[Markup]:
    previous, asked = found.get("previous"), report.document.get("hosting") or {}
    yield facts(
        {
            "Endpoint": code(found["endpoint"]),
            "What was done": _OUTCOMES.get(str(found.get("outcome")), found.get("outcome")),
            "Status": found.get("status"),
            "Configuration": code(found["config"]) if found.get("config") else None,
            "Configuration before": code(previous) if previous else None,
            "Captured": _capture(asked.get("capture")),
            "Autoscaling": _autoscaling(asked.get("autoscaling")),
            "Deployment": _deployment(asked.get("deployment")),
        }
    )
    yield tag("h3", "Variants")
    yield _variants(found.get("variants") or ())
    yield tag("h3", "What became of it")
    yield from _became(report, found)


def _variants(found: Any) -> Markup:
    if not found:
        return missing("The step recorded none.")
    total = sum(one.get("weight") or 0 for one in found)
    head = ("Variant", "Trial", "Share of the requests", "Runs on", "Model")
    return table(
        head,
        (
            (
                code(one["name"]),
                one.get("trial"),
                joined(_share(one.get("weight"), total), tag("small", f"weight {_weight(one.get('weight'))}")),
                _runs_on(one),
                code(one["model"]) if one.get("model") else None,
            )
            for one in found
        ),
        class_="variants",
    )


def _share(weight: float | None, total: float) -> str:
    return f"{(weight or 0) / total:.1%}" if total else figure(None)


def _weight(weight: float | None) -> str:
    return figure(None) if weight is None else f"{weight:g}"


def _runs_on(variant: Mapping[str, Any]) -> Child:
    """Give a variant's instances, or of a serverless one its memory."""
    if variant.get("memory"):
        return f"serverless, {figure(variant['memory'])} MB of memory"
    return f"{figure(variant.get('count') or 1)} × {variant.get('instance')}"


def _capture(asked: Mapping[str, Any] | None) -> str | None:
    if not asked:
        return None
    what = [name for name in ("requests", "answers") if asked.get(name)]
    return f"{asked.get('percentage')}% of the {' and '.join(what)}, under capture/ in S3" if what else None


def _autoscaling(asked: Mapping[str, Any] | None) -> str | None:
    if not asked:
        return None
    return (
        f"from {figure(asked.get('min'))} to {figure(asked.get('max'))} instances a variant, "
        f"{asked.get('invocations')} invocations a minute each"
    )


def _deployment(asked: Mapping[str, Any] | None) -> str | None:
    """Say how requests go over to the new variants of an update."""
    if not asked:
        return None
    return _DEPLOYMENTS.get(str(asked.get("type")), "{type}").format(**{"type": None, "size": None, **asked})


def _became(report: Report, found: Found) -> Iterator[Markup]:
    """Say how to ask a kept endpoint, and how to delete it; of another what `finish` did with it."""
    name = str(found["endpoint"])
    if not found.get("keep"):
        yield tag("p", "It was not to be kept, as ", code("keep: false"), " says: the end of the run deletes it.")
        yield from (tag("p", prose(note)) for note in (*report.deleted, *report.undeleted))
        return
    where = "" if report.target.get("name") == _LOCAL else " --aws"
    if (report.document.get("hosting") or {}).get("keep") is False:
        yield tag("p", "It stays in spite of ", code("keep: false"), ", since an earlier run was to keep it.")
    yield tag("p", "It is kept, and answers until it is deleted. Ask it with rows in the columns of the source:")
    yield tag("pre", f"specimen endpoint invoke {name} FILE{where}\nspecimen endpoint delete {name}{where}")

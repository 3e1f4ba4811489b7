"""What was asked, and how it ended."""

import json

from specimen_pages.markup import Markup, facts, joined, prose, tag

from specimen_components.report.model import Outcome, Report
from specimen_components.report.numbers import duration
from specimen_components.report.results import endpoint, selected
from specimen_components.report.sections.hosting import fate
from specimen_components.report.sections.parts import code


def heading(report: Report) -> Markup:
    """Give the page's head: the experiment, the verdict, and the run's name and times."""
    return tag(
        "header",
        tag("p", "Specimen run report", class_="eyebrow"),
        tag("h1", report.experiment),
        tag("p", report.description, class_="lead") if report.description else None,
        tag("p", tag("span", _verdict(report), class_=f"badge {'good' if report.ok else 'bad'}")),
        facts(
            {
                "Run": code(report.run),
                "Selected": selected(report),
                "Endpoint": _endpoint(report),
                "Started": report.started,
                "Took": duration(report.seconds),
                "Target": ", ".join(str(report.target[key]) for key in ("name", "region") if report.target.get(key)),
                "Labels": ", ".join(f"{name}: {value}" for name, value in sorted(report.labels.items())),
            }
        ),
    )


def _endpoint(report: Report) -> Markup | None:
    if not (became := fate(report)):
        return None
    return joined(tag("a", code(endpoint(report)["endpoint"]), href="#hosting"), f", {became}")


def _verdict(report: Report) -> str:
    if report.interrupted:
        return "Interrupted"
    done = sum(step.outcome is Outcome.SUCCEEDED for step in report.steps)
    return f"Succeeded: {done} of {len(report.steps)} steps done before this report" if report.ok else "Failed"


def failure(report: Report) -> Markup | None:
    """Give the reasons of a failed or interrupted run and what to do, before everything else."""
    if report.ok:
        return None
    causes = [
        tag(
            "li",
            tag("strong", f"{trouble.where[:1].upper()}{trouble.where[1:]}"),
            tag("p", prose(trouble.what)),
            tag("p", tag("b", "What to do: "), prose(trouble.hint)) if trouble.hint else None,
        )
        for trouble in report.troubles
    ]
    why = f"Why this run {'was interrupted' if report.interrupted else 'failed'}"
    return tag("section", tag("h2", why), tag("ol", *causes), class_="failure", id="failure")


def notes(report: Report) -> Markup | None:
    """Give what was tidied up at the end."""
    told = (*report.notes, *report.deleted, *report.undeleted)
    if not told:
        return None
    return tag("section", tag("h2", "At the end"), tag("ul", *(tag("li", prose(note)) for note in told)))


def asked(report: Report) -> Markup:
    """Give the spec: its main points, and the whole of it folded."""
    return joined(
        facts(
            {
                "Data": _source(report),
                "Label": _at(report, "dataset", "label"),
                "Split": _split(report),
                "Algorithm": " ".join(str(_at(report, "training", key) or "") for key in ("algorithm", "version")),
                "Objective": code(_at(report, "training", "hyperparameters", "objective") or "default"),
                "Trials": ", ".join(trial.name for trial in report.trials),
                "Spec digest": code(report.digest),
            }
        ),
        tag(
            "details",
            tag("summary", "The whole spec, with its defaults filled in"),
            tag("pre", json.dumps(report.document, indent=2, ensure_ascii=False)),
        ),
    )


def _at(report: Report, *keys: str) -> str | None:
    value = _found(report, *keys)
    return None if value is None else str(value)


def _found(report: Report, *keys: str) -> object:
    value: object = report.document
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _source(report: Report) -> Markup:
    """Give the table, or those of the parts where each has its own."""
    match _found(report, "dataset", "source"):
        case dict() as parts:
            return joined(*(tag("div", f"{part}: ", code(table)) for part, table in parts.items()))
        case source:
            return code(source)


def _split(report: Report) -> str | None:
    parts = [(part, _at(report, "dataset", "split", part)) for part in ("train", "validation", "test")]
    shown = ", ".join(f"{part} {fraction}" for part, fraction in parts if fraction is not None)
    return f"{shown}; seed {_at(report, 'dataset', 'split', 'seed')}" if shown else "as the source gives it"

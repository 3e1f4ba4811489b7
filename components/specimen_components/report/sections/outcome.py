"""Gates, lineage, registry entry and raw files of a trial."""

from collections.abc import Iterator

from specimen_pages.markup import Markup, facts, joined, table, tag

from specimen_components.report import picture, plots
from specimen_components.report.model import Section, Trial
from specimen_components.report.sections.parts import code, details, missing, why_absent


def gates(trial: Trial) -> Markup:
    """Give each gate's verdict."""
    if (nothing := why_absent(trial.sections, "gate", "gates")) is not None:
        return nothing
    found = details(trial.sections["gate"])
    rows = [
        (
            tag(
                "span",
                "holds" if verdict["holds"] else "fails",
                class_=f"badge {'good' if verdict['holds'] else 'bad'}",
            ),
            verdict["text"],
        )
        for verdict in found["gates"]
    ]
    return table(("Verdict", "Gate"), rows)


def lineage(trial: Trial) -> Markup:
    """Give what came from what, drawn."""
    if (nothing := why_absent(trial.sections, "lineage", "training")) is not None:
        return nothing
    graph = details(trial.sections["lineage"])
    if not graph.get("nodes"):
        return missing("SageMaker knows of no associations.")
    return picture.lineage(f"lineage-{plots.identifier(trial.name)}", graph)


def registry(trial: Trial) -> Markup:
    """Give the model package that was registered."""
    if (nothing := why_absent(trial.sections, "register", "registry")) is not None:
        return nothing
    found = details(trial.sections["register"])
    return facts(
        {
            "Group": found.get("group"),
            "Version": str(found.get("version", "")),
            "Approval": found.get("approval"),
            "Status": found.get("status"),
            "Selected": None if found.get("selected") is None else "yes" if found["selected"] else "no",
            "ARN": code(found["arn"]) if found.get("arn") else None,
        }
    )


def files(trial: Trial) -> Markup:
    """Give a link to everything that the trial's steps wrote to S3."""
    rows = [row for section in (*trial.sections.values(), *trial.bias) for row in _uris(section)]
    if not rows:
        return missing("No step has written a file.")
    how = (
        "Read one with ",
        code("aws s3 cp URI -"),
        "; of a local run, after ",
        code('eval "$(specimen local env)"'),
        ".",
    )
    return joined(tag("p", *how), table(("What", "Where"), rows))


def _uris(section: Section) -> Iterator[tuple[str, Markup]]:
    for name, value in section.outputs.items():
        if isinstance(value, str) and value.startswith("s3://"):
            yield f"{section.step}: {name.replace('_', ' ')}", tag("a", code(value), href=value)

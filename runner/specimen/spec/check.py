"""A file to a model and everything that is wrong with it."""

from collections.abc import Iterator
from pathlib import Path

import specimen.schemas as schemas
from specimen.spec import build
from specimen.spec.defaults import filled
from specimen.spec.document import Document
from specimen.spec.findings import Finding, Severity
from specimen.spec.load import Header, load, read_header
from specimen.spec.model import Experiment, Target
from specimen.spec.planned import planned
from specimen.spec.rules import rules
from specimen.spec.structure import structure
from specimen.spec.view import View
from specimen.spec.words import any_of, closest, shown

REMOTE = "s3://"


def check_file(path: Path) -> tuple[Experiment | Target | None, tuple[Finding, ...]]:
    """The experiment or target in a file, None where it has errors, and all findings by position.

    Of a local table that the experiment names, the header is read.

    Raises:
        UsageError: there is no such file, or it cannot be read.
    """
    document = load(path)
    return check(document, _header(document, path.parent))


def check(document: Document, header: Header | None = None) -> tuple[Experiment | Target | None, tuple[Finding, ...]]:
    """The same for a document that is loaded already; `header` is its table's, None where the table is not local."""
    findings = _sorted([*document.findings, *_findings(document, header)])
    if document.data is None or any(finding.severity is Severity.ERROR for finding in findings):
        return None, findings
    kind = str(document.data["kind"])
    data = filled(document.data, schemas.schema(kind))
    return build.experiment(data) if kind == "Experiment" else build.target(data), findings


def _header(document: Document, folder: Path) -> Header | None:
    source = document.at(("dataset", "source"))
    if document.at(("kind",)) != "Experiment" or not isinstance(source, str) or "://" in source or not source:
        return None
    return read_header(folder / source)


def _findings(document: Document, header: Header | None) -> Iterator[Finding]:
    if document.data is None:
        return
    kind, wrong_kind = _kind(document)
    yield from wrong_kind
    if kind is None:
        return
    said = {finding.path for finding in (*document.findings, *wrong_kind)}
    structural = [finding for finding in structure(document, kind) if finding.path not in said]
    mine = _without_consequences(list(planned(document, kind)), structural)
    yield from mine
    if kind == "Experiment":
        data = filled(document.data, schemas.schema(kind))
        broken = frozenset(finding.path for finding in (*document.findings, *mine))
        yield from rules(View(document, data, broken, header))


def _kind(document: Document) -> tuple[str | None, tuple[Finding, ...]]:
    """Which schema a document is held against, and what is wrong with the key that says so."""
    written = document.at(("kind",))
    if written in schemas.KINDS:
        return str(written), ()
    if not document.has(("kind",)):
        hint = f"`kind` is {any_of(schemas.KINDS)}"
        kind = "Target" if document.has(("aws",)) else "Experiment"
        return kind, (document.finding("missing-key", ("kind",), "`kind` is missing", hint=hint),)
    guess = closest(str(written), schemas.KINDS)
    hint = f"did you mean `{guess}`?" if guess else f"it can be {any_of(schemas.KINDS)}"
    message = f"{shown(written, short=True)} is no value of `kind`"
    return guess, (document.finding("not-allowed-value", ("kind",), message, hint=hint),)


def _without_consequences(unavailable: list[Finding], structural: list[Finding]) -> list[Finding]:
    """Leave out what only follows from a key that is not available yet, or from a misspelt one."""
    planned_paths = {finding.path for finding in unavailable}
    replaced = {finding.path[:-1] for finding in unavailable}
    guessed = {
        (*finding.path[:-1], finding.hint.split("`")[1])
        for finding in structural
        if finding.rule.startswith("unknown-") and finding.hint and finding.hint.startswith("did you mean")
    }

    def follows(finding: Finding) -> bool:
        if any(finding.path[: len(path)] == path for path in planned_paths):
            return True
        return finding.rule == "missing-key" and (finding.path in guessed or finding.path[:-1] in replaced - {()})

    return [*unavailable, *(finding for finding in structural if not follows(finding))]


def _sorted(findings: list[Finding]) -> tuple[Finding, ...]:
    unique = dict.fromkeys(findings)
    return tuple(sorted(unique, key=lambda finding: (finding.position, finding.rule, finding.message)))

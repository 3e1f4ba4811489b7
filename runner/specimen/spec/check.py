"""A file to a model and everything that is wrong with it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

import specimen.schemas as schemas
from specimen.spec import build
from specimen.spec.accept import accepts
from specimen.spec.defaults import filled
from specimen.spec.document import Document, value_at
from specimen.spec.document import Path as Path_
from specimen.spec.findings import Finding, Severity
from specimen.spec.formats import inferred, sources
from specimen.spec.hosting import hosting_rules
from specimen.spec.load import CSV, Code, Header, load, read_code, read_header
from specimen.spec.model import Experiment, Json, Target
from specimen.spec.planned import planned
from specimen.spec.rulebook import CUSTOM
from specimen.spec.rules import rules
from specimen.spec.table import SOURCE
from specimen.spec.texts import text_rules
from specimen.spec.trials import patched, trial_rules
from specimen.spec.view import View
from specimen.spec.words import any_of, closest, shown

MOST = 100  # findings of one document; a file that is no spec at all would have as many as it has values


def check_file(path: Path) -> tuple[Experiment | Target | None, tuple[Finding, ...]]:
    """The experiment or target in a file, None where it has errors, and all findings by position.

    Of a local table that the experiment names, the header is read, and of a local file with a rule, its classes' names.

    Raises:
        UsageError: there is no such file, or it cannot be read.
    """
    return check(load(path), partial(_headers, path.parent), partial(_code, path.parent))


Headers = Callable[[Document], Mapping[Path_, Header]]
Codes = Callable[[Document], Mapping[str, Code]]


@dataclass(frozen=True)
class Beside:
    """How the files are read that a document names: its tables, and those of its rules."""

    headers: Headers
    code: Codes


def check(
    document: Document, headers_of: Headers = lambda _: {}, code_of: Codes = lambda _: {}
) -> tuple[Experiment | Target | None, tuple[Finding, ...]]:
    """The same for a document that is loaded already.

    `headers_of` gives the headers of the local tables that a document names, each under the path that names it;
    `code_of` what is in the local files of its rules.
    """
    found = _findings(document, Beside(headers_of, code_of))
    findings = _bounded(list(islice(chain(document.findings, found), MOST + 1)))
    if document.data is None or any(finding.severity is Severity.ERROR for finding in findings):
        return None, findings
    kind = str(document.data["kind"])
    data = _complete(document, kind)
    if kind != "Experiment":
        return build.target(data), findings
    trials = {trial.name: _complete(trial.document, kind) for trial in patched(document)}
    return build.experiment(data, trials), findings


def _headers(folder: Path, document: Document) -> dict[Path_, Header]:
    """The local tables' headers, each under the path that names it."""
    if document.at(("kind",)) != "Experiment":
        return {}
    format = str(value_at(inferred(document.data or {}), ("dataset", "format")) or CSV)
    named = sources(document.at(SOURCE))
    local = {(*SOURCE, *inner): table for inner, table in named.items() if table and "://" not in table}
    return {path: read_header(folder / table, format) for path, table in local.items()}


def _complete(document: Document, kind: str) -> dict[str, Json]:
    """A document's data with all that it leaves to its schema, and to its table's name."""
    return filled(inferred(document.data or {}), schemas.schema(kind))


def _code(folder: Path, document: Document) -> dict[str, Code]:
    """The local files of the rules, as the document names them."""
    rules = document.at(("debugger", "rules"))
    settings = [one.get(CUSTOM) for one in rules if isinstance(one, dict)] if isinstance(rules, list) else []
    sources = [one.get("source") for one in settings if isinstance(one, dict)]
    local = [source for source in sources if isinstance(source, str) and source and "://" not in source]
    return {source: read_code(folder / source) for source in local}


def _findings(document: Document, beside: Beside) -> Iterator[Finding]:
    if document.data is None:
        return
    kind, wrong_kind = _kind(document)
    yield from wrong_kind
    if kind is None:
        return
    said = [*document.findings, *wrong_kind]
    mine, whole = _schema_findings(document, kind, said)
    yield from mine
    if not whole:
        return
    view = _view(document, kind, [*said, *mine], beside)
    yield from text_rules(view)
    if kind == "Experiment":
        yield from _trials(view, beside, said, mine)


def _trials(view: View, beside: Beside, said: list[Finding], shared: list[Finding]) -> Iterator[Finding]:
    """The rules of each trial, as its patch makes it; `shared` is what the schema says of the file itself."""
    if any(finding.path[:1] == ("trials",) for finding in (*said, *shared)):
        return  # no telling what the trials are
    yield from trial_rules(view)
    yield from hosting_rules(view)
    for trial in patched(view.document):
        mine, whole = _schema_findings(trial.document, "Experiment", said) if trial.origins else (shared, True)
        own = _view(trial.document, "Experiment", [*said, *mine], beside)
        found = chain(mine, text_rules(own), rules(own)) if whole else iter(mine)
        yield from map(trial.in_file, found)


def _schema_findings(document: Document, kind: str, said: list[Finding]) -> tuple[list[Finding], bool]:
    """What the schema says beyond what is said already, and whether the rest can be relied on."""
    paths = {finding.path for finding in said}
    structural = list(islice((one for one in _structural(document, kind) if one.path not in paths), MOST + 1))
    return _without_consequences(list(planned(document, kind)), structural), len(structural) <= MOST


def _view(document: Document, kind: str, said: list[Finding], beside: Beside) -> View:
    broken = frozenset(finding.path for finding in said)
    return View(document, _complete(document, kind), broken, beside.headers(document), beside.code(document))


def _structural(document: Document, kind: str) -> Iterable[Finding]:
    if accepts(kind)(document.data):
        return ()
    from specimen.spec.structure import structure  # brings jsonschema, which is slow to import

    return structure(document, kind)


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
        if any(finding.path[:depth] in planned_paths for depth in range(len(finding.path) + 1)):
            return True
        return finding.rule == "missing-key" and (finding.path in guessed or finding.path[:-1] in replaced - {()})

    return [*unavailable, *(finding for finding in structural if not follows(finding))]


def _bounded(findings: list[Finding]) -> tuple[Finding, ...]:
    """The findings by position, each once; the last one says that there are more than are shown."""
    unique = dict.fromkeys(findings)
    ordered = sorted(unique, key=lambda finding: (finding.position, finding.rule, finding.message))
    if len(ordered) <= MOST:
        return tuple(ordered)
    message, hint = f"there is more to say than these {MOST} findings", "mend these first, then check again"
    return (*ordered[:MOST], replace(ordered[MOST], rule="too-many-findings", message=message, hint=hint))

"""Whether the columns that an experiment names are in its table's header."""

from collections import Counter
from collections.abc import Iterator, Sequence

from specimen.spec.document import Path
from specimen.spec.explain import baseline_rules, pdp_features
from specimen.spec.findings import Finding, Severity
from specimen.spec.formats import LIBSVM, columns, features, libsvm_problem
from specimen.spec.load import Header
from specimen.spec.view import View
from specimen.spec.words import MANY, closest, listed, several

SOURCE: Path = ("dataset", "source")
LIKE = {  # what a table is like, by whether it is libsvm
    False: "a table in UTF-8 with a header and commas between its fields is needed",
    True: "a line is <label> <index>:<value> …, its indices counted from 1 to the number of `features`",
}


def table_rules(view: View) -> Iterator[Finding]:
    """Every finding about the table, whose content `prepare` checks."""
    source = view.text(*SOURCE)
    if source is None:
        return
    if view.header is not None:
        yield from _reading(view, view.header, source)
    if known := columns(view):
        yield from _columns(view, known)


def _reading(view: View, header: Header, source: str) -> Iterator[Finding]:
    """What the table's first line shows."""
    libsvm = view.text("dataset", "format") == LIBSVM
    if header.absent:
        message = f"`dataset.source` names a table that is not there: {source}"
        unchecked = "its content is" if libsvm else "its columns are"
        hint = f"the path is relative to this file; without the table {unchecked} not checked"
        yield view.finding("source-absent", SOURCE, message, hint=hint, severity=Severity.WARNING)
        return
    declared = len(features(view.at("dataset", "features")))
    problem = header.problem or (libsvm_problem(header.line, declared) if header.line is not None else None)
    if problem:
        yield view.finding("source-unreadable", SOURCE, f"the table {source} {problem}", hint=LIKE[libsvm])


def _columns(view: View, known: Sequence[str]) -> Iterator[Finding]:
    repeated = [column for column, count in Counter(known).items() if count > 1]
    if repeated:
        yield _repeated(view, repeated)
    unique = frozenset(known)
    for path, column, key in _named(view):
        if column not in unique:
            message = f"the table has no column `{column}`"
            yield view.finding("missing-column", path, message, hint=_nearest(column, known), key=key)
    if not repeated:
        yield from baseline_rules(view, known)
    unused = {view.text("dataset", "label"), *(column for _, column in view.items("dataset", "drop"))}
    if not repeated and not unique - unused:
        yield view.finding("no-features", SOURCE, "the table has no column to learn from", hint="drop fewer columns")


def _repeated(view: View, columns: list[str]) -> Finding:
    if view.at("dataset", "features") is None:
        message = f"the table names {several(columns)} more than once"
        return view.finding("duplicate-column", SOURCE, message, hint="give each column a name of its own")
    message = f"the label {several(columns)} is one of the `features`"
    return view.finding("duplicate-column", ("dataset", "label"), message, hint="name it otherwise, or mend `features`")


def _named(view: View) -> Iterator[tuple[Path, str, bool]]:
    """The columns that the experiment names: where, which, and whether by a key."""
    if label := view.text("dataset", "label"):
        yield ("dataset", "label"), label, False
    if balanced := view.text("dataset", "balance", "facet"):
        yield ("dataset", "balance", "facet"), balanced, False
    if group := view.text("bias", "group"):
        yield ("bias", "group"), group, False
    for path, value in (*view.items("dataset", "drop"), *view.items("dataset", "categorical")):
        if isinstance(value, str):
            yield path, value, False
    for column in view.mapping("bias", "facets"):
        yield ("bias", "facets", column), column, True
    for path, column in pdp_features(view):
        yield path, column, False


def _nearest(column: str, known: Sequence[str]) -> str:
    if guess := closest(column, known):
        return f"did you mean `{guess}`?"
    if len(known) > MANY:
        return f"it has {len(known)} others"
    return f"it has {listed(known)}"

"""Whether the columns that an experiment names are in its table's header."""

from collections import Counter
from collections.abc import Iterator

from specimen.spec.document import Path
from specimen.spec.explain import baseline_rules, pdp_features
from specimen.spec.findings import Finding, Severity
from specimen.spec.load import Header
from specimen.spec.view import View
from specimen.spec.words import MANY, closest, listed, several

SOURCE: Path = ("dataset", "source")


def table_rules(view: View) -> Iterator[Finding]:
    """Every finding about the table, whose content `prepare` checks."""
    source = view.text(*SOURCE)
    if view.header is None or source is None:
        return
    if view.header.absent:
        message = f"`dataset.source` names a table that is not there: {source}"
        hint = "the path is relative to this file; without the table its columns are not checked"
        yield view.finding("source-absent", SOURCE, message, hint=hint, severity=Severity.WARNING)
    elif view.header.problem:
        message = f"the table {source} {view.header.problem}"
        yield view.finding(
            "source-unreadable",
            SOURCE,
            message,
            hint="a table in UTF-8 with a header and commas between its fields is needed",
        )
    else:
        yield from _columns(view, view.header)


def _columns(view: View, header: Header) -> Iterator[Finding]:
    repeated = [column for column, count in Counter(header.columns).items() if count > 1]
    if repeated:
        message = f"the table names {several(repeated)} more than once"
        yield view.finding("duplicate-column", SOURCE, message, hint="give each column a name of its own")
    columns = frozenset(header.columns)
    for path, column, key in _named(view):
        if column not in columns:
            message = f"the table has no column `{column}`"
            yield view.finding("missing-column", path, message, hint=_nearest(column, header), key=key)
    if not repeated:
        yield from baseline_rules(view, header.columns)
    unused = {view.text("dataset", "label"), *(column for _, column in view.items("dataset", "drop"))}
    if not repeated and not columns - unused:
        yield view.finding("no-features", SOURCE, "the table has no column to learn from", hint="drop fewer columns")


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


def _nearest(column: str, header: Header) -> str:
    if guess := closest(column, header.columns):
        return f"did you mean `{guess}`?"
    if len(header.columns) > MANY:
        return f"it has {len(header.columns)} others"
    return f"it has {listed(header.columns)}"

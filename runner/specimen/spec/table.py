"""Whether the columns that an experiment names are in its table's header."""

from collections import Counter
from collections.abc import Iterator, Sequence

from specimen.spec.document import Path
from specimen.spec.explain import baseline_rules, pdp_features
from specimen.spec.findings import Finding, Severity
from specimen.spec.formats import PARTS, columns, features, format_of, libsvm_problem, sources
from specimen.spec.load import CSV, LIBSVM, NPZ, PARQUET, Header
from specimen.spec.npz import WHOLE, problem
from specimen.spec.view import View
from specimen.spec.words import MANY, any_of, closest, listed, several

SOURCE: Path = ("dataset", "source")
SPLIT: Path = ("dataset", "split")
LIKE = {
    CSV: "a table in UTF-8 with a header and commas between its fields is needed",
    LIBSVM: "a line is <label> <index>:<value> …, its indices counted from 1 to the number of `features`",
    NPZ: "numpy.savez writes arrays of numbers: x, rows by features, and y, a label a row",
    PARQUET: "a file in Apache's Parquet format is needed",
}


def table_rules(view: View) -> Iterator[Finding]:
    """Every finding about the table, whose content `prepare` checks."""
    tables = {(*SOURCE, *inner): table for inner, table in sources(view.at(*SOURCE)).items()}
    if not tables:
        return
    yield from _formats(view, tables)
    for path, header in view.headers.items():
        if path in tables and view.text(*path) is not None:
            yield from _reading(view, path, header, tables[path])
    yield from _alike(view)
    if known := columns(view):
        yield from _columns(view, known)


def _formats(view: View, tables: dict[Path, str]) -> Iterator[Finding]:
    """The parts are of one format, which the first one's name tells where it is not written."""
    told = {path: format_of(table) or CSV for path, table in tables.items()}
    if view.document.has(("dataset", "format")) or len(set(told.values())) < 2:
        return
    first, *others = told
    for path in (path for path in others if told[path] != told[first]):
        message = f"`{path[-1]}` is {told[path]} by its name, and `{first[-1]}` is {told[first]}"
        yield view.finding("mixed-formats", path, message, hint="name tables of one format, or write `format`")


def _reading(view: View, path: Path, header: Header, table: str) -> Iterator[Finding]:
    """What the table's beginning shows."""
    format = view.text("dataset", "format") or CSV
    if header.absent:
        message = f"`{'.'.join(map(str, path))}` names a table that is not there: {table}"
        unchecked = "its columns are" if format == CSV else "its content is"
        hint = f"the path is relative to this file; without the table {unchecked} not checked"
        yield view.finding("source-absent", path, message, hint=hint, severity=Severity.WARNING)
        return
    declared = len(features(view.at("dataset", "features")))
    if header.problem is None and format == NPZ:
        yield from _arrays(view, path, header, declared)
        return
    problem = header.problem or (libsvm_problem(header.line, declared) if header.line is not None else None)
    if problem:
        yield view.finding("source-unreadable", path, f"the table {table} {problem}", hint=LIKE[format])


def _arrays(view: View, path: Path, header: Header, declared: int) -> Iterator[Finding]:
    """The arrays of an npz: those of one table, or those of each part where nothing splits it."""
    given = [(f"{part}_x", f"{part}_y") for part in PARTS]
    brings = all(name in header.arrays for pair in given for name in pair)
    whole = path != SOURCE or view.document.has(SPLIT)
    if whole and path == SOURCE and brings and not set(WHOLE) <= header.arrays.keys():
        message = f"`split` divides one table, and {view.text(*path)} brings its parts: {several(_names(header))}"
        yield view.finding("split-beside-parts", SPLIT, message, hint="remove `split`", key=True)
        return
    if not whole and not brings and set(WHOLE) <= header.arrays.keys():
        message = f"nothing divides {view.text(*path)} into parts: it holds `x` and `y`"
        yield view.finding("split-missing", path, message, hint="add `split: {}`, which has defaults")
        return
    for pair in [WHOLE] if whole else given:
        missing = [name for name in pair if name not in header.arrays]
        what = problem(header.arrays, *pair, declared) if not missing else _lacking(header, missing)
        if what:
            message = f"the table {view.text(*path)} {what}"
            yield view.finding("source-unreadable", path, message, hint=_arranged(whole))
            return
    widths = [header.arrays[features].columns for features, _ in ([WHOLE] if whole else given)]
    if len(set(widths)) > 1:
        message = f"the parts of {view.text(*path)} have {any_of([f'{one:,}' for one in widths], quoted=False)} columns"
        yield view.finding("source-unreadable", path, message, hint="the same features are needed in every part")


def _lacking(header: Header, missing: list[str]) -> str:
    return f"has no array {listed(missing)}, but {several(_names(header)) if header.arrays else 'none at all'}"


def _names(header: Header) -> list[str]:
    return sorted(header.arrays)


def _arranged(whole: bool) -> str:
    return LIKE[NPZ] if whole else f"{LIKE[NPZ]}; without `split`, train_x, train_y, validation_x and so on"


def _alike(view: View) -> Iterator[Finding]:
    """Every part has the columns of the first one."""
    known = {path: header.columns for path, header in view.headers.items() if header.columns}
    for path, found in list(known.items())[1:]:
        first, wanted = next(iter(known.items()))
        if set(found) != set(wanted):
            odd = [column for column in (*wanted, *found) if (column in wanted) != (column in found)]
            message = f"`{first[-1]}` and `{path[-1]}` have other columns: {several(odd)} is in one of them alone"
            yield view.finding("other-columns", path, message, hint="every part needs the same columns")


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
    for section in (("dataset", "encode"), ("bias", "facets")):
        for column in view.mapping(*section):
            yield (*section, column), column, True
    for path, column in pdp_features(view):
        if view.text("dataset", "encode", column.partition("=")[0]) != "onehot":  # city=Paris is one that is made
            yield path, column, False


def _nearest(column: str, known: Sequence[str]) -> str:
    if guess := closest(column, known):
        return f"did you mean `{guess}`?"
    if len(known) > MANY:
        return f"it has {len(known)} others"
    return f"it has {listed(known)}"

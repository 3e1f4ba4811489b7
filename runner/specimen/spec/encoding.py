"""Whether what is encoded can be, and is used as what it becomes."""

from collections.abc import Iterator, Mapping

from specimen.spec.document import Path
from specimen.spec.explain import pdp_features
from specimen.spec.findings import Finding
from specimen.spec.model import Json
from specimen.spec.view import View
from specimen.spec.words import shown

ENCODE: Path = ("dataset", "encode")
ONEHOT = "onehot"


def encoding_rules(view: View) -> Iterator[Finding]:
    """Every finding about encodings; which values there are is known to `prepare` alone."""
    encoded = view.mapping(*ENCODE)
    yield from _label(view, encoded)
    yield from _divided(view, encoded)
    yield from _balanced(view, encoded)
    yield from _values(view, encoded)


def _label(view: View, encoded: Mapping[str, Json]) -> Iterator[Finding]:
    """The label stays one column, and only classes have places."""
    label, objective = view.text("dataset", "label"), view.text("training", "hyperparameters", "objective")
    if label is None or label not in encoded:
        return
    path: Path = (*ENCODE, label)
    if encoded[label] == ONEHOT:
        message = f"`{label}` is the label, which stays one column"
        yield view.finding("label-onehot", path, message, hint="write ordinal: its classes become 0 to n-1")
    elif objective and not objective.startswith(("binary:", "multi:")):
        message = f"`objective: {objective}` learns numbers, and the label's would become places in their order"
        yield view.finding("label-is-continuous", path, message, hint="remove it", key=True)


def _divided(view: View, encoded: Mapping[str, Json]) -> Iterator[Finding]:
    """Of a column that is divided into several none is left to be something else."""
    for path, column, role in _uses(view):
        if encoded.get(column) == ONEHOT and column != view.text("dataset", "label"):
            message = f"`{column}` becomes a column for each of its values, and can't be {role}"
            hint = f"write `encode: {{{column}: ordinal}}`, or name another column"
            yield view.finding("divided-column", path, message, hint=hint, key=isinstance(path[-1], str))


def _balanced(view: View, encoded: Mapping[str, Json]) -> Iterator[Finding]:
    """A row between two others would have some of several values."""
    for column, method in encoded.items() if view.document.has(("dataset", "balance")) else ():
        if method == ONEHOT and column != view.text("dataset", "label"):
            message = f"`balance` would make rows that are several values of `{column}` at once"
            hint = "write ordinal: whole categories are drawn then"
            yield view.finding("balanced-onehot", (*ENCODE, column), message, hint=hint)


def _uses(view: View) -> Iterator[tuple[Path, str, str]]:
    for column in view.mapping("bias", "facets"):
        yield ("bias", "facets", column), column, "a facet"
    if group := view.text("bias", "group"):
        yield ("bias", "group"), group, "the group"
    if facet := view.text("dataset", "balance", "facet"):
        yield ("dataset", "balance", "facet"), facet, "the facet of `balance`"
    for path, category in view.items("dataset", "categorical"):
        yield path, str(category), "one of `categorical`"
    for path, column in pdp_features(view):
        yield path, column, "explained by `pdp`"


def _values(view: View, encoded: Mapping[str, Json]) -> Iterator[Finding]:
    """What is measured after `prepare` holds places, not the values that were there."""
    named: list[tuple[Path, str]] = [(("bias", "facets", column), column) for column in view.mapping("bias", "facets")]
    if label := view.text("dataset", "label"):
        named.append((("bias", "favorable"), label))
    for section, column in named:
        for path, value in view.items(*section) if column in encoded else ():
            if isinstance(value, str):
                message = f"{shown(value, short=True)} is a value of `{column}` before it is encoded"
                hint = "write its place among the column's values in their order, from 0"
                yield view.finding("encoded-value", path, message, hint=hint)

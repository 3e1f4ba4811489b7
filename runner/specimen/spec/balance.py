"""Whether what is to be balanced can be told apart in groups."""

from collections.abc import Iterator

from specimen.spec.document import Path
from specimen.spec.findings import Finding
from specimen.spec.view import View

BALANCE: Path = ("dataset", "balance")
FACET: Path = (*BALANCE, "facet")


def balance_rules(view: View) -> Iterator[Finding]:
    """Every finding about balance; how many values a column has is known to `prepare` alone."""
    yield from _categories(view)
    facet, label = view.text(*FACET), view.text("dataset", "label")
    if facet is not None and facet == label:
        message = f"`{facet}` is the label, and can't be the facet"
        yield view.finding("facet-is-label", FACET, message, hint="write `label: true` to balance the label's classes")
    elif isinstance(view.at("bias", "facets", facet or ""), dict):
        message = f"`{facet}` is continuous, as its bound in `bias` says: its values are no groups"
        hint = "balance on a column of few values; the table may have one that sorts these into few"
        yield view.finding("facet-is-continuous", FACET, message, hint=hint)
    for key in ("label", "cells"):
        if view.at(*BALANCE, key) is True and (objective := _of_numbers(view)):
            message = f"`{objective}` predicts a number: the label has no classes to balance"
            hint = "balance on a facet alone" if key == "cells" else "balance on a facet, or choose another objective"
            yield view.finding("label-is-continuous", (*BALANCE, key), message, hint=hint, key=True)


def _categories(view: View) -> Iterator[Finding]:
    for path, column in view.items("dataset", "categorical"):
        if column == view.text("dataset", "label"):
            message = f"`{column}` is the label, whose classes the objective tells"
            yield view.finding("category-is-label", path, message, hint="take it out of `categorical`")


def _of_numbers(view: View) -> str | None:
    """The objective, if it tells no classes apart."""
    objective = view.text("training", "hyperparameters", "objective")
    return objective if objective and not objective.startswith(("binary:", "multi:")) else None

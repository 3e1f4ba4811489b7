"""Numbers that would arrive as others: Kubeflow keeps every number of a structure as a double."""

from collections.abc import Iterator

from specimen.spec.document import Path
from specimen.spec.findings import Finding
from specimen.spec.view import View

EXACT = 2**53  # up to here every whole number is a double (IEEE 754)


def exactness_rules(view: View) -> Iterator[Finding]:
    """Every finding about values that bias compares with a table's, digit by digit."""
    yield from _chosen(view, ("bias", "favorable"))
    for column in view.mapping("bias", "facets"):
        yield from _chosen(view, ("bias", "facets", column))


def _chosen(view: View, path: Path) -> Iterator[Finding]:
    """The values of a list, or the bound above which values lie."""
    bound = (*path, "above")
    for place, value in (*view.items(*path), (bound, view.at(*bound))):
        if isinstance(value, int) and (kept := int(float(value))) != value:
            message = f"{value} has more digits than Kubeflow keeps: {kept} would be compared"
            hint = f"whole numbers up to {EXACT:,} are kept; shorten the table's values, or make them text"
            yield view.finding("inexact-number", place, message, hint=hint)

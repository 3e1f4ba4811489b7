"""What a schema cannot say of an experiment."""

from collections.abc import Iterator

from specimen.spec.findings import Finding
from specimen.spec.view import View


def rules(view: View) -> Iterator[Finding]:
    """Every finding of the semantic rules."""
    return iter(())

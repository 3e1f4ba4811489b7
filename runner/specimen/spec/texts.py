"""What AWS and Kubeflow make of texts that the schema accepts."""

import unicodedata
from collections.abc import Iterator

from specimen.spec.build import placed, sent
from specimen.spec.document import Path
from specimen.spec.findings import Finding
from specimen.spec.model import Json
from specimen.spec.objectives import HYPERPARAMETERS
from specimen.spec.view import View
from specimen.spec.words import shown

PLACEHOLDER = "{{"  # kfp's compiler, its driver and Argo each look for their own in every text of a pipeline
LONGEST_PARAMETER = 2_500  # botocore's HyperParameterValue
LONGEST_IN_RANGE = 256  # botocore's ParameterValue, of which a range is made
DESCRIPTIONS: tuple[Path, ...] = (("metadata", "description"), ("registry", "description"))


def text_rules(view: View) -> Iterator[Finding]:
    """Every finding about texts, of experiments and of targets."""
    for rule in (placeholders, descriptions, lengths):
        yield from rule(view)


def placeholders(view: View) -> Iterator[Finding]:
    """Kubeflow would put something else in the place of what it takes for a placeholder."""
    if not any(PLACEHOLDER in line or "\\" in line for line in view.document.lines):  # an escape may stand for a brace
        return
    hint = "write it without two braces in a row"
    for path in view.document.keys:
        if PLACEHOLDER in str(path[-1]):
            message = f"Kubeflow takes {shown(path[-1], short=True)} for a placeholder"
            yield view.finding("kubeflow-placeholder", path, message, hint=hint, key=True)
    for path in view.document.values:
        value = view.document.at(path)
        if isinstance(value, str) and PLACEHOLDER in value:
            message = f"Kubeflow takes {shown(value, short=True)} for a placeholder"
            yield view.finding("kubeflow-placeholder", path, message, hint=hint)


def descriptions(view: View) -> Iterator[Finding]:
    """A model package's description is letters, marks, numbers, punctuation, symbols and separators (botocore)."""
    for path in DESCRIPTIONS:
        text = " ".join((view.text(*path) or "").split())
        if text.isprintable():  # and none of its characters is of category C
            continue
        refused = next((one for one in text if unicodedata.category(one).startswith("C")), None)
        if refused:
            message = f"AWS refuses the character U+{ord(refused):04X} in a description"
            yield view.finding("description-character", path, message, hint="remove it")


def lengths(view: View) -> Iterator[Finding]:
    """A hyperparameter is sent as one text, which AWS bounds; lists are what becomes too long."""
    broken = {path[: len(HYPERPARAMETERS) + 1] for path in view.broken}
    content_type = view.text("training", "contentType") or ""
    for name, value in view.mapping(*HYPERPARAMETERS).items():
        path: Path = (*HYPERPARAMETERS, name)
        if isinstance(value, list) and path not in broken and _length(name, value, content_type) > LONGEST_PARAMETER:
            message = f"`{name}` is longer than the {LONGEST_PARAMETER:,} characters that AWS takes"
            yield view.finding("hyperparameter-length", path, message, hint="write fewer entries", key=True)
        elif isinstance(value, dict) and path not in broken:
            yield from _range_lengths(view, path)


def _length(name: str, value: Json, content_type: str) -> int:
    return len(str(sent(name, placed(name, value, content_type))))


def _range_lengths(view: View, path: Path) -> Iterator[Finding]:
    """The numbers and names of a range: 1e300 is sent with all of its digits."""
    name = str(path[-1])
    bounds = [((*path, key), view.at(*path, key)) for key in ("min", "max")]
    for place, value in (*view.items(*path, "values"), *bounds):
        if isinstance(value, int | float | str) and len(str(sent(name, value))) > LONGEST_IN_RANGE:
            message = f"a value of `{name}` is longer than the {LONGEST_IN_RANGE} characters that AWS takes in a range"
            yield view.finding("hyperparameter-length", place, message, hint="write a smaller number")

"""What balancing made of the training part, and what was filled in for missing values."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from specimen_pages.markup import Child, Markup, facts, joined, table, tag

from specimen_components.report.numbers import figure, share
from specimen_components.report.sections.parts import code

_METHODS = {"smote": "SMOTE", "smotenc": "SMOTENC, as there are categorical columns"}


def balance(manifest: Mapping[str, Any]) -> Markup | None:
    """Give the counts before and after, and how the rows between them were made."""
    if (found := manifest.get("balance")) is None:
        return None
    before, after = found["before"], found["after"]
    groups = " × ".join(found["by"])
    return joined(
        tag("h3", "Facet counts before and after"),
        tag(
            "p",
            f"Rows were added to the training part until every group of {groups} was as large as the largest. ",
            f"Each new row lies between a row and one of its {found['neighbors']} nearest neighbours in its group. ",
            "The other parts stay as they were.",
        ),
        facts(
            {
                "Method": _METHODS[found["method"]],
                "Rows added": figure(found["added"]),
                "Categorical": ", ".join(found["categorical"]),
                "Rounded to whole numbers": ", ".join(found["whole"]),
                "Search for neighbours": _search(found["recall"]),
            }
        ),
        *(_counts(column, before["facets"][column], after["facets"][column]) for column in before["facets"]),
        _counts(manifest["label"]["name"], before["label"], after["label"]) if before["label"] else None,
        *(
            _counts(
                f"{column} × {manifest['label']['name']}", dict(_cells(before, column)), dict(_cells(after, column))
            )
            for column in before["cells"]
        ),
    )


def imputed(manifest: Mapping[str, Any]) -> Markup | None:
    """Give what every missing value became."""
    if (found := manifest.get("impute")) is None:
        return None
    rows = [
        (code(column), figure(filled["value"]), figure(filled["rows"]))
        for column, filled in sorted(found["columns"].items())
    ]
    how = found["method"].replace("_", " ")
    said = f"Missing values became their column's {how} value in the training part; categories the most frequent one."
    return joined(tag("h3", "Filled in"), tag("p", said), table(("Column", "Value", "Rows"), rows))


def cell(count: int, total: int) -> Markup:
    """Give a count and its share, which a bar shows."""
    width = 100 * count / total if total else 0
    return joined(
        tag("span", figure(count), tag("small", f" {share(count, total)}")),
        tag("span", tag("i", style=f"width: {width:.1f}%"), class_="bar"),
    )


def place(value: str) -> tuple[float, str]:
    """Give a value's place: numbers by size, then words."""
    try:
        return float(value), value
    except ValueError:
        return math.inf, value


def _search(recall: float) -> str:
    if recall == 1:
        return "exact"
    return f"approximate; finds {recall:.1%} of the true neighbours, measured on a sample"


def _counts(name: str, before: Mapping[str, int], after: Mapping[str, int]) -> Markup:
    rows: list[list[Child]] = [
        [
            code(value),
            cell(before[value], sum(before.values())),
            cell(after[value], sum(after.values())),
            figure(after[value] - before[value]),
        ]
        for value in sorted(before, key=lambda value: [place(part) for part in value.split(", ")])
    ]
    return table((joined("Training part: ", code(name)), "Before", "After", "Added"), rows, class_="balance")


def _cells(counts: Mapping[str, Any], column: str) -> Iterator[tuple[str, int]]:
    for value, classes in counts["cells"][column].items():
        for one, number in classes.items():
            yield f"{value}, {one}", number

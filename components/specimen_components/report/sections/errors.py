"""The errors of a regression: within which bounds, how they are spread, and for which answers."""

from collections.abc import Mapping
from typing import Any

from specimen_pages.markup import Markup, joined, table, tag

from specimen_components.report import errorplots, plots
from specimen_components.report.numbers import figure


def errors(whose: str, rows: int, found: Mapping[str, Any]) -> Markup:
    """Give a table and charts of the residuals of so many rows; `whose` tells their charts from those of others."""
    name, sample = plots.identifier(whose), found["sample"]
    within = [(f"{share:.0%}", figure(bound)) for share, bound in found["within"]]
    drawn = f", {len(sample['actual'])} rows drawn by lot" if len(sample["actual"]) < rows else ""
    of_sample = (sample["actual"], sample["predicted"])
    return joined(
        tag("h3", "Errors"),
        tag("p", "An error is what the model answers less what the label is. ", _tendency(found["mean"])),
        tag(
            "div",
            tag("div", tag("h4", "How many rows are how near"), table(("Share of the rows", "Off by at most"), within)),
            tag(
                "div",
                tag("h4", "How errors are spread"),
                errorplots.histogram(f"errors-{name}", found["histogram"]["edges"], found["histogram"]["counts"]),
            ),
            tag("div", tag("h4", f"Answers and labels{drawn}"), errorplots.answers(f"answers-{name}", *of_sample)),
            tag("div", tag("h4", f"Errors by answer{drawn}"), errorplots.residuals(f"residuals-{name}", *of_sample)),
            class_="plots",
        ),
    )


def _tendency(mean: float) -> str:
    if mean == 0:
        return "On the whole they even out."
    return f"On the whole the model answers {'too much' if mean > 0 else 'too little'}, by {figure(abs(mean))}."

"""Charts of figures that can be compared by eye: those of several trials, or bias before and after training."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import isfinite

from specimen_pages.markup import Markup, tag
from specimen_tensors.look import COLOURS

from specimen_components.report import plots
from specimen_components.report.numbers import number
from specimen_components.report.results import Row

Line = tuple[str, list[Row | None]]  # a name, and each trial's row of it
_LARGEST = 1.5  # a bias metric further from even than this would make the others' bars invisible
_IN_UNITS = ("rmse", "mae", "mse")  # of the label


def pictures(name: str, trials: int, kind: str, title: str, lines: Sequence[Line]) -> Iterator[Markup]:
    """Draw a group of rows; metrics of one scale together, any other by itself, and nothing of what is no figure."""
    found = {label: values(rows) for label, rows in lines}
    match kind:
        case "evaluation":
            shares = {label: row for label, row in found.items() if _is_share(label, row)}
            yield from _picture(name, trials, shares, "Metrics of the test part")
            for label in found:
                if label not in shares:
                    yield from _picture(f"{name}-{plots.identifier(label)}", trials, {label: found[label]}, label)
        case "bias":
            even = {label: _from_even(rows) for label, rows in lines}
            near = {label: row for label, row in even.items() if all(abs(value or 0) <= _LARGEST for value in row)}
            yield from _picture(name, trials, near, title.partition(": ")[0], _note(near, even))
        case "shap":
            yield from _picture(name, trials, found, title)


def _is_share(label: str, row: Sequence[float | None]) -> bool:
    """Say whether a metric is a number from 0 to 1 whatever the label's unit is."""
    return label.rpartition(":")[2] not in _IN_UNITS and all(0 <= (value or 0) <= 1 for value in row)


def facet(title: str) -> str:
    """Give the facet from the title of a group of bias metrics."""
    return title.partition(": ")[2]


def legend(names: Sequence[str]) -> Markup:
    """Say which colour is whose, in all charts of these names."""
    colours = [COLOURS[index % len(COLOURS)] for index in range(len(names))]
    return tag(
        "ul",
        *(tag("li", tag("i", style=f"background: {c}"), name) for c, name in zip(colours, names, strict=True)),
        class_="legend",
    )


def values(rows: Sequence[Row | None]) -> list[float | None]:
    """Give the figures of rows; None where there is none."""
    return [number(row["value"]) if row else None for row in rows]


def _picture(
    name: str, trials: int, found: Mapping[str, Sequence[float | None]], title: str, note: str = ""
) -> Iterator[Markup]:
    finite = {label: [value if isfinite(value or 0) else None for value in row] for label, row in found.items()}
    drawn = {label: row for label, row in finite.items() if any(value is not None for value in row)}
    if drawn:
        yield tag("div", tag("h4", title), plots.side_by_side(name, trials, drawn, title, note))


def _note(near: Collection[str], of: Collection[str]) -> str:
    far = [label for label in of if label not in near]
    said = ["0 is even", *(["DI is shown as DI \u2212 1"] if "DI" in near else [])]
    return "; ".join([*said, *([f"too large to be drawn: {', '.join(far)}"] if far else [])])


def _from_even(rows: Sequence[Row | None]) -> list[float | None]:
    ideals = [row.get("ideal", 0) if row else 0 for row in rows]
    return [None if value is None else value - ideal for value, ideal in zip(values(rows), ideals, strict=True)]

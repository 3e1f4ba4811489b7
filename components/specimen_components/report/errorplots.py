"""Charts of a regression's answers, labels and errors."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from specimen_pages.markup import Markup
from specimen_pages.pictures import chart
from specimen_tensors.look import COLOURS, FAINT, INK

_DOT: dict[str, Any] = {"s": 9, "alpha": 0.45, "linewidths": 0, "color": COLOURS[0]}


def answers(name: str, actual: Sequence[float], predicted: Sequence[float]) -> Markup:
    """Draw each row's answer over its label, and the line on which they are equal."""

    def draw(axes: Axes) -> None:
        ends = [min(*actual, *predicted), max(*actual, *predicted)]
        axes.plot(ends, ends, color=FAINT, linestyle="--", label="answer = label")
        axes.scatter(actual, predicted, **_DOT)
        axes.set(xlabel="label", ylabel="answer")
        axes.legend(loc="upper left")

    return chart(name, 3.6, draw, f"Answers of the model over the labels of {len(actual)} rows")


def residuals(name: str, actual: Sequence[float], predicted: Sequence[float]) -> Markup:
    """Draw each row's error over its answer."""

    def draw(axes: Axes) -> None:
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.scatter(predicted, [p - a for a, p in zip(actual, predicted, strict=True)], **_DOT)
        axes.set(xlabel="answer", ylabel="error")

    return chart(name, 3.6, draw, f"Errors of the model over its answers, of {len(actual)} rows")


def histogram(name: str, edges: Sequence[float], counts: Sequence[int]) -> Markup:
    """Draw how many rows have an error between two edges; the outermost bars hold what lies beyond them too."""

    def draw(axes: Axes) -> None:
        widths = [right - left for left, right in pairwise(edges)]
        axes.bar(edges[:-1], counts, width=widths, align="edge", color=COLOURS[0], edgecolor="white", linewidth=0.5)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set(xlabel="error", ylabel="rows")
        axes.locator_params(axis="y", integer=True)

    return chart(name, 3.6, draw, f"Errors from {edges[0]:.4g} to {edges[-1]:.4g} and how many rows have them")

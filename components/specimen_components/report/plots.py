"""The charts of a report."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from specimen_pages.markup import Markup, printable
from specimen_pages.pictures import chart
from specimen_tensors.look import COLOURS, FAINT, INK

from specimen_components.figures import short


def learning_curves(name: str, metric: str, curves: Mapping[str, Sequence[float | None]]) -> Markup:
    """Draw a metric by boosting round, a line for each part of the data."""

    def draw(axes: Axes) -> None:
        for colour, (part, values) in zip(COLOURS, curves.items(), strict=False):
            points = [(index, value) for index, value in enumerate(values) if value is not None]
            if points:
                axes.plot(*zip(*points, strict=True), label=printable(part), color=colour)
        axes.set_xlabel("boosting round")
        axes.locator_params(axis="x", integer=True)
        axes.set_ylabel(printable(metric))
        axes.legend()

    ends = ", ".join(f"{part} {values[-1]:.4g}" for part, values in curves.items() if values and values[-1] is not None)
    return chart(name, 2.9, draw, f"{metric} by boosting round; at the end: {ends}")


def roc(name: str, fpr: Sequence[float], tpr: Sequence[float], auc: float | None) -> Markup:
    """Draw the ROC curve beside that of a guess."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", label="a guess")
        axes.plot(fpr, tpr, color=COLOURS[0], label="model" if auc is None else f"model, AUC {auc:.3f}")
        axes.set(xlabel="false positive rate", ylabel="true positive rate", xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
        axes.set_aspect("equal")
        axes.legend(loc="lower right")

    return chart(name, 4.2, draw, "ROC curve")


def bars(name: str, values: Mapping[str, float], label: str) -> Markup:
    """Draw a bar for each value, in the order given, with its figure at its end."""

    def draw(axes: Axes) -> None:
        names = [_cut(printable(key)) for key in values]
        places = range(len(names))
        drawn = axes.barh(places, list(values.values()), color=COLOURS[0], height=0.7)
        axes.bar_label(drawn, labels=[short(value) for value in values.values()], padding=3, fontsize=8.5)
        axes.set_yticks(places, labels=names)
        axes.set_xlabel(label)
        axes.invert_yaxis()
        axes.margins(x=0.16, y=0.01)
        axes.grid(visible=False, axis="y")

    return chart(name, 0.8 + 0.26 * len(values), draw, label)


_FEW = 4  # bars beside each other that need not be thin


def side_by_side(
    name: str, series: int, values: Mapping[str, Sequence[float | None]], label: str, note: str = ""
) -> Markup:
    """Draw a group of bars for each name in `values`, with a bar for each of `series`; None draws none.

    The page says which colour is which, and gives `label` as the chart's title.
    """
    kept = {key: row for key, row in values.items() if any(value is not None for value in row)}
    height = 0.8 / series

    def draw(axes: Axes) -> None:
        for index in range(series):
            places = [place - 0.4 + height * (index + 0.5) for place in range(len(kept))]
            lengths = [row[index] or 0.0 for row in kept.values()]
            colour = COLOURS[index % len(COLOURS)]
            bars = axes.barh(places, lengths, height=0.92 * height, color=colour)
            figures = ["" if row[index] is None else short(row[index] or 0.0) for row in kept.values()]
            axes.bar_label(bars, labels=figures, padding=3, fontsize=7.5)
        axes.set_yticks(range(len(kept)), labels=[_cut(printable(key)) for key in kept])
        axes.set_xlabel(note)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.invert_yaxis()
        axes.margins(x=0.2, y=0.01)
        axes.grid(visible=False, axis="y")

    ends = "; ".join(f"{key} {', '.join(map(_spoken, row))}" for key, row in kept.items())
    group = max(0.3, (0.16 if series <= _FEW else 0.12) * series + 0.08)
    return chart(name, 0.7 + group * len(kept), draw, f"{label}: {ends}")


def _spoken(value: float | None) -> str:
    return "none" if value is None else short(value)


def dependence(name: str, found: Mapping[str, Any], labels: Sequence[str], limits: tuple[float, float]) -> Markup:
    """Draw a feature's partial dependence, a line an answer, before the shares of the rows at its values.

    Charts with the same limits of the answer can be compared.
    """
    feature, values = printable(str(found["feature_name"])), found["feature_values"]

    def draw(axes: Axes) -> None:
        width = 0.8 * min((b - a for a, b in pairwise(values)), default=1.0)
        of_height = axes.get_xaxis_transform()  # a share of all rows is a bar of the whole height
        axes.bar(values, found["data_distribution"], width=width, color=FAINT, alpha=0.6, transform=of_height)
        for index, curve in enumerate(found["model_predictions"]):
            label = printable(labels[index]) if index < len(labels) else None
            axes.plot(values, curve, color=COLOURS[index % len(COLOURS)], marker="o", markersize=3, label=label)
        axes.set_xlabel(feature)
        axes.set_ylabel("mean answer")
        axes.locator_params(axis="x", nbins=6)
        margin = 0.05 * (limits[1] - limits[0]) or 0.05
        axes.set_ylim(limits[0] - margin, limits[1] + margin)
        if 1 < len(found["model_predictions"]) <= len(labels):
            axes.legend()

    lowest, highest = min(map(min, found["model_predictions"])), max(map(max, found["model_predictions"]))
    return chart(name, 2.6, draw, f"Partial dependence on {feature}: from {lowest:.4g} to {highest:.4g}")


def _cut(text: str, limit: int = 26) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def identifier(text: str) -> str:
    """Give text as part of an ID: letters, digits and dashes."""
    return re.sub(r"[^0-9A-Za-z]+", "-", text)

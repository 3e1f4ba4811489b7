"""The charts of the rules' reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from matplotlib.axes import Axes
from specimen_pages.markup import Markup, printable
from specimen_pages.pictures import chart
from specimen_tensors.look import COLOURS, FAINT, INK

DRAWN: Final = 1000  # points of a line
Points = tuple[Sequence[float], Sequence[float]]


def cut(text: str, limit: int = 24) -> str:
    """Return text short enough for a chart."""
    text = printable(text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def thinned(values: Sequence[float]) -> Sequence[float]:
    """Return so many values as a chart can show, the first and the last among them."""
    if len(values) <= DRAWN:
        return values
    return [values[round(index * (len(values) - 1) / (DRAWN - 1))] for index in range(DRAWN)]


def _legend(axes: Axes, count: int) -> None:
    """Put it where it hides least: within the axes for few lines, beside them for many."""
    if count > 4:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.02), fontsize=9)
    elif count > 1:
        axes.legend()


def lines(
    name: str,
    series: Mapping[str, Points],
    axis: tuple[str, str],
    label: str,
    *,
    mark: tuple[float, str] | None = None,
    wide: bool = False,
    height: float = 2.9,
) -> Markup:
    """Draw a line for each of the series, and a mark at one place of the x axis."""

    def draw(axes: Axes) -> None:
        for index, (key, (xs, ys)) in enumerate(series.items()):
            xs, ys = thinned(xs), thinned(ys)
            few = "o" if len(xs) < 30 else None
            colour, style = COLOURS[index % len(COLOURS)], ("-", "--", ":")[index // len(COLOURS) % 3]
            axes.plot(xs, ys, label=cut(key), color=colour, linestyle=style, marker=few, markersize=3)
        if mark:
            axes.axvline(mark[0], color=INK, linewidth=0.9, linestyle=":", label=mark[1])
        axes.set(xlabel=printable(axis[0]), ylabel=printable(axis[1]))
        _legend(axes, len(series) + (1 if mark else 0))

    return chart(name, height, draw, label, wide=wide)


def bars(name: str, values: Mapping[str, float], axis: str, label: str, unit: str = "") -> Markup:
    """Draw a bar for each value, in the order given, with its figure at its end."""

    def draw(axes: Axes) -> None:
        places = range(len(values))
        drawn = axes.barh(places, list(values.values()), color=COLOURS[0], height=0.7)
        axes.bar_label(
            drawn,
            labels=[f"{value:.1f}{unit}" if unit else figure(value) for value in values.values()],
            padding=3,
            fontsize=8.5,
        )
        axes.set_yticks(places, labels=[cut(key) for key in values])
        axes.set_xlabel(axis)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.invert_yaxis()
        axes.margins(x=0.2, y=0.01)
        axes.grid(visible=False, axis="y")

    return chart(name, 0.8 + 0.26 * len(values), draw, label)


def histogram(
    name: str, series: Mapping[str, Points], axis: str, label: str, counted: str = "rows", *, centre: bool = False
) -> Markup:
    """Draw counts between edges: a filled one, and others as outlines over it; `centre` marks zero."""

    def draw(axes: Axes) -> None:
        for index, (key, (edges, counts)) in enumerate(series.items()):
            fill = index == 0
            axes.stairs(
                counts,
                edges,
                fill=fill,
                label=cut(key),
                color=FAINT if fill and len(series) > 1 else COLOURS[index % len(COLOURS)],
                alpha=0.8 if fill else 1.0,
                linewidth=1.8,
            )
        if centre:
            axes.axvline(0, color=INK, linewidth=0.9)
        axes.set(xlabel=axis, ylabel=counted)
        _legend(axes, len(series))

    return chart(name, 2.9, draw, label)


def roc(name: str, points: Points, auc: float) -> Markup:
    """Draw the ROC curve beside that of a guess."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", label="a guess")
        axes.plot(*points, color=COLOURS[0], label=f"model, AUC {auc:.3f}")
        axes.set(xlabel="false positive rate", ylabel="true positive rate", xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
        axes.set_aspect("equal")
        axes.legend(loc="lower right")

    return chart(name, 4.2, draw, f"ROC curve with an AUC of {auc:.3f}")


def scatter(name: str, points: Points, axis: tuple[str, str], label: str) -> Markup:
    """Draw points, and the line on which both values are equal."""

    def draw(axes: Axes) -> None:
        xs, ys = points
        ends = [min(*xs, *ys), max(*xs, *ys)]
        axes.plot(ends, ends, color=INK, linewidth=0.9, linestyle=":", label="equal")
        axes.scatter(xs, ys, s=7, color=COLOURS[0], alpha=0.35, linewidths=0, rasterized=False)
        axes.set(xlabel=axis[0], ylabel=axis[1])
        axes.legend(loc="upper left")

    return chart(name, 3.4, draw, label)


def spans(name: str, rows: Mapping[str, Sequence[tuple[float, float]]], axis: str, label: str) -> Markup:
    """Draw when something went on: for each row, starts and lengths along the x axis."""

    def draw(axes: Axes) -> None:
        for index, found in enumerate(rows.values()):
            axes.broken_barh(found, (index - 0.35, 0.7), color=COLOURS[index % len(COLOURS)])
        axes.set_yticks(range(len(rows)), labels=[cut(key) for key in rows])
        axes.invert_yaxis()
        axes.set_xlabel(axis)
        axes.grid(visible=False, axis="y")

    return chart(name, 0.9 + 0.34 * len(rows), draw, label, wide=True)


def figure(value: float) -> str:
    """Return four digits, and no exponent where all digits of the whole number are short enough to be read."""
    if abs(value) < 1e9 and value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.0f}" if 10_000 <= abs(value) < 1e9 else f"{value:.4g}"

"""A confusion matrix of many classes as a picture."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from specimen_pages.markup import Markup, printable
from specimen_pages.pictures import chart
from specimen_tensors.look import COLOURS

_TICKS = 25  # classes that are named at an axis; of more, every so many
_LONGEST = 12  # characters of a name
_SMALL = 0.45  # the power of a share by which a cell is dark: a hundredth can still be seen
_SHADES = LinearSegmentedColormap.from_list("shares", ["white", COLOURS[0], "#0b2a47"])


def matrix(name: str, classes: Sequence[str], counts: Sequence[Sequence[int]]) -> Markup:
    """Draw what share of each actual class, from top to bottom, was predicted as each, from left to right."""
    rows = np.asarray(counts, dtype=np.float64)
    shares = rows / np.maximum(rows.sum(axis=1, keepdims=True), 1)
    named = range(0, len(classes), -(-len(classes) // _TICKS))
    labels = [_cut(printable(classes[index])) for index in named]

    def draw(axes: Axes) -> None:
        axes.imshow(shares, cmap=_SHADES, norm=PowerNorm(_SMALL, 0, 1), interpolation="none")
        axes.set_xticks(named, labels=labels, rotation=90, fontsize=8)
        axes.set_yticks(named, labels=labels, fontsize=8)
        axes.set(xlabel="predicted", ylabel="actual")
        axes.grid(visible=False)

    right = np.trace(rows) / max(rows.sum(), 1)
    return chart(
        name, 8.2, draw, f"Confusion matrix of {len(classes)} classes; {right:.1%} lie on its diagonal", wide=True
    )


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

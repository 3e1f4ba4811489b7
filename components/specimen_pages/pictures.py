"""Charts as inline SVG and small grey pictures as inline PNG, by matplotlib: the same figures give the same bytes."""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib import rc_context, rcdefaults, rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.image import imsave
from matplotlib.layout_engine import ConstrainedLayoutEngine
from specimen_tensors.look import STYLE

from specimen_pages.markup import Markup, tag


def chart(name: str, height: float, draw: Callable[[Axes], None], label: str, *, wide: bool = False) -> Markup:
    """Draw on axes 4.9 inches wide, or twice that; `name` tells this picture's references from those of others."""
    with rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that matplotlib's own font has not: the page's font draws them
        rcdefaults()  # a matplotlibrc of this machine must not show
        rcParams.update({**STYLE, "svg.hashsalt": name})
        figure = Figure(figsize=(9.8 if wide else 4.9, height))
        FigureCanvasSVG(figure)
        draw(figure.add_subplot())
        ConstrainedLayoutEngine().execute(figure)  # of a figure with a layout of its own all would be drawn twice
        buffer = io.StringIO()
        figure.savefig(
            buffer, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    shown = _inline(buffer.getvalue(), name)
    return tag("figure", shown, role="img", aria_label=label, class_="wide" if wide else None)


def grey(values: Sequence[float], limits: tuple[float, float], label: str) -> Markup:
    """Give a square of values, row by row, as a picture: white is the lower of the limits, black the upper one."""
    side = round(len(values) ** 0.5)
    square = np.asarray(values, dtype=np.float64).reshape(side, side)
    buffer = io.BytesIO()
    imsave(
        buffer,
        square,
        cmap="gray_r",
        vmin=limits[0],
        vmax=limits[1],
        format="png",
        metadata={"Software": ""},
    )
    source = f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    return tag("img", src=source, alt=label, class_="grey", width=str(side), height=str(side))


_TAG = re.compile(r"<[^>]*>")
_SHEET = re.compile(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>\s*", re.DOTALL)  # it would hold for the whole page
_REFERENCE = re.compile(r'(\sid="|url\(#|href="#)')
_FONT = re.compile(r" font-family: [^;]*;")


def _inline(text: str, name: str) -> Markup:
    """Cut the picture out of its XML document: the page gives size and font, and IDs get the picture's name."""
    svg = _SHEET.sub("", text[text.index("<svg") :], count=1)
    head, rest = svg.split(">", 1)
    head = re.sub(r'\s(?:width|height)="[^"]*"', "", head)

    def own(found: re.Match[str]) -> str:
        return _FONT.sub("", _REFERENCE.sub(rf"\g<1>{name}-", found[0]))

    return Markup(_TAG.sub(own, f"{head}>{rest}").strip())

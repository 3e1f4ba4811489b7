"""How charts look, in the report and in files: colours, and settings of matplotlib."""

from collections.abc import Mapping
from typing import Any

INK, FAINT = "#1f2933", "#cbd2d9"
COLOURS = ("#1d6fb8", "#d9622b", "#3c8d5a", "#8457a5", "#c23b6b", "#7a7a22", "#2a9d9d", "#6b7785")
STYLE: Mapping[Any, Any] = {
    "svg.fonttype": "none",  # text is text: it can be read, searched and copied
    "text.parse_math": False,  # a column may have a dollar sign in its name
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "grid.color": "#e4e7eb",
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
}

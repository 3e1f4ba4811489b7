"""Charts of what a training saved, lines by step: drawn on axes of matplotlib's, which `picture` alone imports."""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from specimen_tensors.look import COLOURS, FAINT, STYLE
from specimen_tensors.series import Course

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 9.8, 3.0  # of a chart, inches
_DOTS = 150  # an inch of a PNG
_DASHES = ("-", "--", ":")  # where there are more names than colours
_LONGEST = 26  # characters of a name
_FEW = 60  # steps that are marked each
_PARTS = 3  # names that find room among the lines


@dataclass(frozen=True)
class Chart:
    """Lines by step, a name each; `axis` says what is counted upwards, `level` is a value of its own meaning."""

    axis: str
    course: Course
    level: float | None = None

    @property
    def spoken(self) -> str:
        """The chart in words: where each line ends."""
        ends = [(name, _last(row)) for name, row in self.course.values.items()]
        return f"{printable(self.axis)} by step; at the end: {', '.join(f'{printable(n)} {v}' for n, v in ends)}"


def metrics(course: Course) -> tuple[Chart, ...]:
    """A chart for each metric, with a line for each part of the data: those of ``train-rmse`` and the like."""
    found: dict[str, dict[str, tuple[float | None, ...]]] = {}
    for name, row in course.values.items():
        part, _, metric = name.partition("-")
        found.setdefault(metric or part, {})[part if metric else "value"] = row
    return tuple(Chart(metric, Course(course.steps, rows)) for metric, rows in sorted(found.items()))


def importance(kind: str, course: Course) -> Chart:
    """A chart of features' shares of one type of importance."""
    return Chart(f"share of {kind.replace('_', ' ')}", course)


def shap(course: Course) -> Chart:
    """A chart of features' average SHAP values, on both sides of nothing."""
    return Chart("average SHAP value", course, level=0.0)


def draw(axes: "Axes", chart: Chart) -> None:
    """Draw the lines; their names stand beside them, the highest at its end first, or among them where they are few."""
    if chart.level is not None:
        axes.axhline(chart.level, color=FAINT, linewidth=1)
    lines = []
    for index, (name, row) in enumerate(chart.course.values.items()):
        points = [(step, value) for step, value in zip(chart.course.steps, row, strict=True) if value is not None]
        (line,) = axes.plot(*zip(*points, strict=True) if points else ([], []), color=COLOURS[index % len(COLOURS)])
        line.set(linestyle=_DASHES[index // len(COLOURS) % len(_DASHES)])
        line.set(marker="o" if len(points) <= _FEW else "", markersize=3)
        line.set_label(f" {_cut(printable(name))}")  # a legend leaves out what begins with `_`
        lines.append((points[-1][1] if points else float("-inf"), line))
    if lines:
        ordered = [line for _, line in sorted(lines, key=lambda end: -end[0])]
        if len(ordered) <= _PARTS:
            axes.legend(handles=ordered)
        else:
            axes.legend(handles=ordered, loc="center left", bbox_to_anchor=(1.0, 0.5))
    axes.set_xlabel("step")
    axes.set_ylabel(_cut(printable(chart.axis)))
    axes.locator_params(axis="x", integer=True)


def picture(charts: Sequence[Chart], form: str) -> bytes:
    """Give a file with the charts below each other; `form` is ``png`` or ``svg``, and equal charts give equal bytes.

    Raises:
        ImportError: matplotlib is not installed.
    """
    from matplotlib import rc_context, rcdefaults, rcParams
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a letter that the font lacks is a box, and no reason to talk
        rcdefaults()  # a matplotlibrc of this machine must not show
        rcParams.update({**STYLE, "svg.hashsalt": "specimen", "savefig.facecolor": "white"})
        figure = Figure(figsize=(WIDTH, HEIGHT * len(charts)), layout="constrained")
        FigureCanvasAgg(figure)
        for axes, chart in zip(figure.subplots(len(charts), squeeze=False)[:, 0], charts, strict=True):
            draw(axes, chart)
        buffer = io.BytesIO()
        metadata = dict.fromkeys(("Date", "Creator", "Format", "Type")) if form == "svg" else {"Software": None}
        figure.savefig(buffer, format=form, dpi=_DOTS, metadata=metadata)
    return buffer.getvalue()


def printable(text: str) -> str:
    """Text without what cannot be shown."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _last(row: Sequence[float | None]) -> str:
    known = [value for value in row if value is not None]
    return f"{known[-1]:.4g}" if known else "none"

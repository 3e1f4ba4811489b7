"""Pictures of a search: the objective from job to job, and the values of all jobs on parallel axes."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator
from specimen_pages.markup import Markup, printable
from specimen_pages.pictures import chart
from specimen_tensors.look import COLOURS, FAINT, INK

from specimen_components.report.influence import ranks
from specimen_components.report.search import Axis, Job, measured

_SHADES = LinearSegmentedColormap.from_list("shades", ["#dfe5eb", COLOURS[0]])
_SIDE_BY_SIDE = 6  # titles of axes that find room beside each other
_BOX = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6}


def over_jobs(name: str, metric: str, jobs: Sequence[Job]) -> Markup:
    """Draw each job's objective and the best one so far; a job without one is a cross at the foot."""
    known, none = measured(jobs), [job.number for job in jobs if job not in measured(jobs)]

    def draw(axes: Axes) -> None:
        so_far = [(job.number, job.best_so_far) for job in jobs if job.best_so_far is not None]
        axes.step(*zip(*so_far, strict=True), where="post", color=COLOURS[1], label="best so far")
        axes.scatter(
            [job.number for job in known], [float(job.objective or 0) for job in known], s=22, label="a job", zorder=3
        )
        if none:
            foot = axes.get_xaxis_transform()
            axes.scatter(
                none, [0.02] * len(none), marker="x", color=INK, s=18, transform=foot, label="no value", clip_on=False
            )
        axes.set_xlabel("training job")
        axes.set_ylabel(printable(metric))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlim(0.5, len(jobs) + 0.5)
        axes.legend()

    best = next((job.best_so_far for job in reversed(jobs) if job.best_so_far is not None), None)
    return chart(name, 2.9, draw, f"{metric} of {len(jobs)} training jobs; the best: {best:.4g}")


def parallel(
    name: str, metric: str, searched: Sequence[Axis], jobs: Sequence[Job], best: str, *, larger: bool
) -> Markup:
    """Draw a line for each job across an axis for each hyperparameter and one for the objective.

    The better a job, the darker its line; the best one stands out.
    """
    known = measured(jobs)
    columns = [
        *((axis.name, [axis.place(job.hyperparameters[axis.name]) for job in known], axis) for axis in searched),
        (metric, [float(job.objective or 0) for job in known], None),
    ]

    def draw(axes: Axes) -> None:
        placed = []
        for number, (_, values, axis) in enumerate(columns):
            least, most = _ends(values, axis)
            placed.append([(value - least) / (most - least) for value in values])
            axes.axvline(number, color=FAINT, linewidth=1, zorder=1)
            for height, label in _ticks(least, most, axis):
                axes.text(number + 0.02, height, label, fontsize=8, va="center", bbox=_BOX, zorder=5)
        shades = ranks([job.objective if larger else -(job.objective or 0) for job in known])  # type: ignore[misc]
        for index in sorted(range(len(known)), key=lambda place: shades[place]):
            chosen = known[index].name == best
            axes.plot(
                range(len(columns)),
                [column[index] for column in placed],
                color=COLOURS[1] if chosen else _SHADES(float(shades[index])),
                linewidth=2.6 if chosen else 1.2,
                zorder=4 if chosen else 2 + float(shades[index]),
            )
        titles = [printable(title) for title, _, _ in columns]
        axes.set_xticks(range(len(columns)), labels=titles)
        if len(titles) > _SIDE_BY_SIDE:
            for title in axes.get_xticklabels():
                title.set(rotation=20, horizontalalignment="right")
        axes.set_yticks([])
        axes.set_xlim(-0.1, len(columns) - 0.7)
        axes.set_ylim(-0.04, 1.04)
        axes.grid(visible=False)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.tick_params(length=0)

    names = ", ".join(axis.name for axis in searched)
    return chart(name, 3.2, draw, f"Hyperparameters of {len(known)} training jobs: {names}; {metric}", wide=True)


def _ends(values: Sequence[float], axis: Axis | None) -> tuple[float, float]:
    if axis is not None and axis.choices is not None:
        return 0.0, max(1.0, len(axis.choices) - 1.0)
    least, most = min(values), max(values)
    return (least, most) if least < most else (least - 0.5, most + 0.5)


def _ticks(least: float, most: float, axis: Axis | None) -> list[tuple[float, str]]:
    """Give heights between 0 and 1 with what they stand for."""
    if axis is not None and axis.choices is not None:
        return [((place - least) / (most - least), printable(name)) for place, name in enumerate(axis.choices)]
    marks = [least + share * (most - least) for share in (0, 0.25, 0.5, 0.75, 1)]
    values = [10**mark if axis is not None and axis.logarithmic else mark for mark in marks]
    if axis is None or not axis.whole:
        return [(place / 4, f"{value:.3g}") for place, value in enumerate(values)]
    whole = sorted({str(round(value)) for value in values if value > 0 or not axis.logarithmic}, key=int)
    heights = [((axis.place(name) - least) / (most - least), name) for name in whole]
    return [(height, name) for height, name in heights if 0 <= height <= 1]

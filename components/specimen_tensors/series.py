"""What a training saved, as figures by step: its metrics, the importance of features, average SHAP values."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from specimen_tensors.trial import Trial

TYPES = ("gain", "weight", "cover", "total_gain", "total_cover")  # of importance; the first is what most people mean
METRICS = ("metrics", "losses")  # the collections of what is measured at each round
_IMPORTANCE = re.compile(rf"feature_importance/({'|'.join(TYPES)})/(.+)", re.DOTALL)
_SHAP = re.compile(r"(average_shap)/(.+)", re.DOTALL)
_BIAS = "bias"  # the answer before any feature is looked at, which XGBoost gives beside the features
_NUMBERED = re.compile(r"f(0|[1-9][0-9]{0,8})")  # a feature of data that had no names


@dataclass(frozen=True)
class Course:
    """Figures of several names at the same steps; None where nothing was saved."""

    steps: tuple[int, ...]
    values: Mapping[str, tuple[float | None, ...]]
    left_out: int = 0  # names that are not in `values`, as others have larger figures at the last step


@dataclass(frozen=True)
class Series:
    """The courses of a training; each is empty where nothing of its kind was saved."""

    metrics: Course
    importance: Mapping[str, Course]  # by type; the shares of all features add up to 1
    shap: Course


def read(trial: Trial, names: Sequence[str] = (), within: Collection[str] | None = None) -> Series:
    """Read the courses of all tensors, or of those `within` alone.

    `names` are the columns that the features f0, f1, … of the tensors were made from, in their order.

    Raises:
        LayoutError: a file that the tensors are in is damaged.
    """
    saved = [name for name in trial.tensor_names() if within is None or name in within]
    among = {name for collection in METRICS for name in trial.tensor_names(collection)}
    metrics = {name: name for name in saved if name in among}
    importance = {kind: _of_features(saved, _IMPORTANCE, kind, names) for kind in TYPES}
    shap = _of_features(saved, _SHAP, "average_shap", names)
    figures = _figures(trial, {*metrics, *shap, *(name for found in importance.values() for name in found)})
    return Series(
        metrics=_course(metrics, figures),
        importance={kind: _course(found, figures, 0.0) for kind, found in importance.items() if found},
        shap=_course(shap, figures),
    )


def top(course: Course, most: int) -> Course:
    """Give the names with the largest figures at the last step, largest first."""
    ranked = sorted(course.values, key=lambda name: (-abs(course.values[name][-1] or 0.0), name))
    kept = {name: course.values[name] for name in ranked[:most]}
    return Course(course.steps, kept, course.left_out + len(ranked) - len(kept))


def thinned(course: Course, most: int) -> Course:
    """Give as many steps at most, evenly spread, the first and the last among them."""
    count = len(course.steps)
    if count <= most:
        return course
    kept = sorted({round(place * (count - 1) / (most - 1)) for place in range(most)})
    values = {name: tuple(row[place] for place in kept) for name, row in course.values.items()}
    return Course(tuple(course.steps[place] for place in kept), values, course.left_out)


def feature(name: str, names: Sequence[str]) -> str:
    """Give the column that a feature of a tensor's name was made from; the name itself where that is unknown."""
    numbered = _NUMBERED.fullmatch(name)
    number = int(numbered[1]) if numbered else len(names)
    return names[number] if number < len(names) else name


def _of_features(saved: Iterable[str], pattern: re.Pattern[str], kind: str, names: Sequence[str]) -> dict[str, str]:
    """Give the features' columns by the tensors' names."""
    found = {name: match[2] for name in saved if (match := pattern.fullmatch(name)) and match[1] == kind}
    return {name: feature(short, names) for name, short in found.items() if short != _BIAS}


def _figures(trial: Trial, names: Collection[str]) -> Mapping[str, Mapping[int, float]]:
    """Give what tensors were at each step; what was no single figure is passed over.

    A step is read before the next one, since its tensors stand in one file.
    """
    saved = {name: frozenset(trial.steps(name)) for name in names}
    found: dict[str, dict[int, float]] = {name: {} for name in names}
    for step in trial.steps():
        for name in names:
            if step in saved[name]:
                value = trial.value(name, step)
                if value.size == 1 and value.dtype.kind in "biuf":
                    found[name][step] = float(value.item())
    return found


def _course(
    named: Mapping[str, str], figures: Mapping[str, Mapping[int, float]], absent: float | None = None
) -> Course:
    """Put tensors beside each other; `absent` stands where one has no figure at a step at which others have."""
    steps = tuple(sorted({step for tensor in named for step in figures[tensor]}))
    rows = {name: tuple(figures[tensor].get(step, absent) for step in steps) for tensor, name in named.items()}
    return Course(steps, rows if steps else {})

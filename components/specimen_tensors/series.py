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


_NOTHING = Course((), {})


@dataclass(frozen=True)
class Series:
    """The courses of a training; each is empty where nothing of its kind was saved."""

    metrics: Course
    importance: Mapping[str, Course]  # by type; the shares of all features add up to 1
    shap: Course


@dataclass(frozen=True)
class Limits:
    """How much is read: of features those with the largest figures at the last step, of steps an even choice.

    `kinds` are ``metrics``, ``shap`` and types of importance.
    """

    kinds: Collection[str] = ("metrics", "shap", *TYPES)
    features: int | None = None
    feature_steps: int | None = None
    metric_steps: int | None = None


def read(
    trial: Trial, names: Sequence[str] = (), within: Collection[str] | None = None, limits: Limits | None = None
) -> Series:
    """Read the courses of all tensors, or of those `within` alone.

    `names` are the columns that the features f0, f1, … of the tensors were made from, in their order.

    Raises:
        LayoutError: a file that the tensors are in is damaged.
    """
    limits = limits or Limits()
    saved = [name for name in trial.tensor_names() if within is None or name in within]
    among = {name for collection in METRICS for name in trial.tensor_names(collection)}
    kinds = {
        "metrics": _Kind({name: name for name in saved if name in among}, limits.metric_steps),
        "shap": _Kind(_of_features(saved, _SHAP, "average_shap", names), limits.feature_steps, limits.features),
    }
    for kind in TYPES:
        features = _of_features(saved, _IMPORTANCE, kind, names)
        kinds[kind] = _Kind(features, limits.feature_steps, limits.features, absent=0.0)
    found = _courses(trial, {name: kind for name, kind in kinds.items() if name in limits.kinds})
    importance = {kind: found[kind] for kind in TYPES if kind in found and found[kind].values}
    return Series(found.get("metrics", _NOTHING), importance, found.get("shap", _NOTHING))


def top(course: Course, most: int) -> Course:
    """Give the names with the largest figures at the last step, largest first."""
    ranked = sorted(course.values, key=lambda name: (-abs(course.values[name][-1] or 0.0), name))
    kept = {name: course.values[name] for name in ranked[:most]}
    return Course(course.steps, kept, course.left_out + len(ranked) - len(kept))


def evenly(steps: Sequence[int], most: int) -> tuple[int, ...]:
    """Give as many steps at most, evenly spread, the first and the last among them."""
    last = len(steps) - 1
    if last < most:
        return tuple(steps)
    return tuple(steps[place] for place in sorted({round(place * last / (most - 1)) for place in range(most)}))


def feature(name: str, names: Sequence[str]) -> str:
    """Give the column that a feature of a tensor's name was made from; the name itself where that is unknown."""
    numbered = _NUMBERED.fullmatch(name)
    number = int(numbered[1]) if numbered else len(names)
    return names[number] if number < len(names) else name


@dataclass(frozen=True)
class _Kind:
    """Tensors that stand beside each other, by what they are called; and how many of them are read, at how many steps.

    `absent` stands where one was not saved at a step at which others were.
    """

    named: Mapping[str, str]
    steps: int | None = None
    most: int | None = None
    absent: float | None = None


def _of_features(saved: Iterable[str], pattern: re.Pattern[str], kind: str, names: Sequence[str]) -> dict[str, str]:
    """Give the features' columns by the tensors' names."""
    found = {name: match[2] for name in saved if (match := pattern.fullmatch(name)) and match[1] == kind}
    return {name: feature(short, names) for name, short in found.items() if short != _BIAS}


def _courses(trial: Trial, kinds: Mapping[str, _Kind]) -> dict[str, Course]:
    """Read the last step of those that not all are kept of, and the other steps of those that are."""
    steps = {name: _steps(trial, kind) for name, kind in kinds.items()}
    lasts = _figures(trial, [(kind.named, steps[name][-1:]) for name, kind in kinds.items() if kind.most is not None])
    kept = {name: _largest(kind, lasts) for name, kind in kinds.items()}
    found = _figures(trial, [(kept[name], steps[name]) for name in kinds])
    return {name: _course(kind, steps[name], kept[name], found) for name, kind in kinds.items()}


def _steps(trial: Trial, kind: _Kind) -> tuple[int, ...]:
    saved = sorted({step for name in kind.named for step in trial.steps(name)})
    return tuple(saved) if kind.steps is None else evenly(saved, kind.steps)


def _largest(kind: _Kind, lasts: Mapping[str, Mapping[int, float]]) -> list[str]:
    if kind.most is None:
        return list(kind.named)
    size = {name: max(map(abs, lasts.get(name, {}).values()), default=0.0) for name in kind.named}
    return sorted(kind.named, key=lambda name: (-size[name], kind.named[name]))[: kind.most]


def _figures(
    trial: Trial, wanted: Sequence[tuple[Iterable[str], Collection[int]]]
) -> Mapping[str, Mapping[int, float]]:
    """Give what tensors were at steps; what was no single figure is passed over.

    A step is read before the next one, since its tensors stand in one file.
    """
    at: dict[int, list[str]] = {}
    for names, steps in wanted:
        for name in names:
            for step in frozenset(steps).intersection(trial.steps(name)):
                at.setdefault(step, []).append(name)
    found: dict[str, dict[int, float]] = {}
    for step in sorted(at):
        for name in at[step]:
            value = trial.value(name, step)
            if value.size == 1 and value.dtype.kind in "biuf":
                found.setdefault(name, {})[step] = float(value.item())
    return found


def _course(
    kind: _Kind, steps: Sequence[int], names: Sequence[str], found: Mapping[str, Mapping[int, float]]
) -> Course:
    figures = {kind.named[name]: found.get(name, {}) for name in names}
    known = tuple(step for step in steps if any(step in own for own in figures.values()))
    rows = {name: tuple(own.get(step, kind.absent) for step in known) for name, own in figures.items()}
    return Course(known, rows if known else {}, len(kind.named) - len(names))

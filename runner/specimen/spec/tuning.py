"""Whether the ranges of hyperparameters and the search through them make sense, and are such as SageMaker takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

from specimen.spec.document import Path
from specimen.spec.findings import Finding
from specimen.spec.hyperparameters import metrics, tunable
from specimen.spec.model import Json
from specimen.spec.objectives import EMITTED_FOR, HYPERPARAMETERS, SENSE, goal
from specimen.spec.units import duration, seconds
from specimen.spec.view import View
from specimen.spec.words import any_of, closest, listed

SECTION = "tuning"
MOST_JOBS = 750  # https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-limits.html
SHORTEST, LONGEST = 120, 15_768_000  # seconds of a whole search (botocore)


@dataclass(frozen=True)
class Span:
    """A range as it stands in the document; what is broken or absent of it is None."""

    name: str
    path: Path
    least: float | None
    most: float | None
    scale: str | None
    count: int | None  # how many values it has, where they can be counted

    @property
    def listed(self) -> bool:
        """Whether its values are listed one by one."""
        return self.least is None and self.most is None and self.count is not None


def tuning_rules(view: View) -> Iterator[Finding]:
    """Every finding about ranges and their search."""
    found = spans(view)
    yield from _together(view, found)
    for span in found:
        yield from _bounds(view, span)
        yield from _scaled(view, span)
    if view.document.has((SECTION,)):
        yield from _strategy(view, found)
        yield from _amounts(view, found)
        yield from _metric(view)
        yield from _time(view)


def spans(view: View) -> list[Span]:
    """The hyperparameters that have a range."""
    parameters = view.mapping(*HYPERPARAMETERS)
    types = tunable(view.text("training", "version") or "")
    return [_span(view, name, types) for name, value in parameters.items() if isinstance(value, dict) and name in types]


def _span(view: View, name: str, types: Mapping[str, str]) -> Span:
    path: Path = (*HYPERPARAMETERS, name)
    least, most = view.number(*path, "min"), view.number(*path, "max")
    values: Json = view.at(*path, "values")
    count = len(values) if isinstance(values, list) else None
    if count is None and types[name] == "Integer" and least is not None and most is not None:
        count = int(most - least) + 1
    return Span(name, path, least, most, view.text(*path, "scale"), count)


def _together(view: View, found: list[Span]) -> Iterator[Finding]:
    """Ranges are there to be searched, and a search needs some."""
    asked = view.document.has((SECTION,))
    if found and not asked:
        names = [span.name for span in found]
        message = f"{listed(names)} {'is a range' if len(names) == 1 else 'are ranges'}, and no `tuning` searches them"
        hint = "add `tuning` with `metric` and `jobs`, or write one value"
        yield view.finding("ranges-without-tuning", found[0].path, message, hint=hint, key=True)
    elif asked and not found and view.mapping(*HYPERPARAMETERS):
        message = "`tuning` has nothing to search: no hyperparameter is a range"
        hint = "write one as {min: …, max: …}, or remove `tuning`"
        yield view.finding("tuning-without-ranges", (SECTION,), message, hint=hint, key=True)


def _bounds(view: View, span: Span) -> Iterator[Finding]:
    """The least value is below the largest: AWS refuses a range of one value too."""
    if span.least is not None and span.most is not None and span.least >= span.most:
        message = f"`{span.name}` has no range: min {span.least:g} is not below max {span.most:g}"
        hint = f"write the value {span.least:g} alone" if span.least == span.most else "swap them"
        yield view.finding("range-bounds", (*span.path, "min"), message, hint=hint)


def _scaled(view: View, span: Span) -> Iterator[Finding]:
    """A logarithm needs a value above zero, and a reversed one a distance from 1."""
    path = (*span.path, "scale")
    if span.scale == "log" and span.least is not None and span.least <= 0:
        message = f"`scale: log` needs values above 0, and `{span.name}` begins at {span.least:g}"
        yield view.finding("range-scale", path, message, hint="raise `min`, or use `scale: linear`")
    elif span.scale == "reverse-log" and tunable(view.text("training", "version") or "")[span.name] == "Integer":
        message = f"`scale: reverse-log` needs values between 0 and 1, and those of `{span.name}` are whole"
        yield view.finding("range-scale", path, message, hint="use `scale: log` or `scale: linear`")
    elif span.scale == "reverse-log" and span.most is not None and span.most >= 1:
        message = f"`scale: reverse-log` needs values from 0 to below 1, and `{span.name}` goes up to {span.most:g}"
        yield view.finding("range-scale", path, message, hint="lower `max`, or use `scale: linear`")


def _strategy(view: View, found: list[Span]) -> Iterator[Finding]:
    """What a strategy does not go with."""
    strategy, stopping = view.text(SECTION, "strategy"), (SECTION, "earlyStopping")
    if strategy == "hyperband" and view.at(*stopping) is True:
        message = "`strategy: hyperband` ends weak jobs by itself: AWS takes no `earlyStopping` beside it"
        yield view.finding("early-stopping-hyperband", stopping, message, hint="remove it", key=True)
    for span in found if strategy == "grid" else ():
        if span.least is not None and span.most is not None:
            message = f"`strategy: grid` tries values that are listed, and `{span.name}` is a range from min to max"
            hint = f"write {{values: [{span.least:g}, …, {span.most:g}]}}, or take another strategy"
            yield view.finding("grid-range", span.path, message, hint=hint, key=True)


def _amounts(view: View, found: list[Span]) -> Iterator[Finding]:
    """How many jobs there are, all in all and at a time."""
    jobs, parallel = view.number(SECTION, "jobs"), view.number(SECTION, "parallel")
    combinations = _combinations(found)
    if view.text(SECTION, "strategy") == "grid":
        if combinations is None or not all(span.listed for span in found):
            return
        yield from _grid(view, jobs, combinations)
        jobs = combinations if jobs is None else jobs
    elif jobs is not None and combinations is not None and jobs > combinations:
        message = f"the ranges have {combinations} combinations, which is less than `jobs` {jobs:g}"
        hint = f"AWS wants at least as many: write at most {combinations}, or widen a range"
        yield view.finding("too-few-combinations", (SECTION, "jobs"), message, hint=hint)
    if jobs is not None and parallel is not None and parallel > jobs:
        message = f"`parallel` {parallel:g} is more than there are jobs: {jobs:g}"
        yield view.finding("parallel-jobs", (SECTION, "parallel"), message, hint=f"write at most {jobs:g}")


def _combinations(found: list[Span]) -> int | None:
    """How many there are; None where a range has more values than can be counted, or none that make sense."""
    counts = [span.count for span in found]
    known = [count for count in counts if count is not None and count > 0]
    return prod(known) if known and len(known) == len(counts) else None


def _grid(view: View, jobs: float | None, combinations: int) -> Iterator[Finding]:
    """A grid has as many jobs as combinations (the SageMaker developer guide, Grid Search)."""
    if combinations > MOST_JOBS:
        message = f"`strategy: grid` would run {combinations:,} jobs, and AWS takes at most {MOST_JOBS}"
        hint = "list fewer values, or take another strategy"
        yield view.finding("grid-jobs", (SECTION, "strategy"), message, hint=hint)
    elif jobs is not None and jobs != combinations:
        message = f"`strategy: grid` runs every combination, which are {combinations}, not {jobs:g}"
        yield view.finding("grid-jobs", (SECTION, "jobs"), message, hint="remove the key")


def _metric(view: View) -> Iterator[Finding]:
    """The metric is one that this version measures for this objective, and the goal is what is good in it."""
    path: Path = (SECTION, "metric")
    name = view.text(*path)
    if name is None:
        return
    measure, version = name.partition(":")[2], view.text("training", "version") or ""
    known = metrics(version)
    if measure not in known:
        guess = closest(measure.partition("@")[0], known)
        message = f"tuning cannot go by `{name}`: it is none of the metrics of XGBoost {version}".rstrip()
        hint = f"did you mean `validation:{guess}`?" if guess else f"there are {listed(known)}"
        yield view.finding("unknown-metric", path, message, hint=hint)
        return
    objective, begins = view.text(*HYPERPARAMETERS, "objective"), EMITTED_FOR.get(measure)
    if objective and begins and not objective.startswith(begins):
        message = f"`{name}` is not measured with `objective: {objective}`"
        hint = f"it is for {any_of([f'{one}…' if one.endswith(':') else one for one in begins])}"
        yield view.finding("metric-objective", path, message, hint=hint)
    wanted = view.text(SECTION, "goal")
    if wanted and wanted != goal(name):
        message = f"`goal: {wanted}` looks for the worst model: `{name}` is better the {SENSE[goal(name)]} it is"
        hint = f"write {goal(name)}, or remove the key"
        yield view.finding("tuning-goal", (SECTION, "goal"), message, hint=hint)


def _time(view: View) -> Iterator[Finding]:
    """AWS's limits on the time of a whole search."""
    path: Path = (SECTION, "maxRuntime")
    text = view.text(*path)
    if text and not SHORTEST <= seconds(text) <= LONGEST:
        wrong = "less" if seconds(text) < SHORTEST else "more"
        message = f"`maxRuntime` {text} is {wrong} than AWS allows for a search"
        hint = f"at least {duration(SHORTEST)} and at most {duration(LONGEST)}"
        yield view.finding("out-of-range", path, message, hint=hint)

"""Whether a gate speaks of something that the experiment measures."""

from collections.abc import Iterator

from specimen.spec.document import Path
from specimen.spec.findings import Finding
from specimen.spec.objectives import OBJECTIVES, SENSE, evaluation_metrics, goal, measured_metrics, objective_of
from specimen.spec.view import View
from specimen.spec.words import any_of, closest, listed, several

BY_GROUP = ("CDDL", "CDDPL")
TESTED = sorted({name for objective in OBJECTIVES.values() for name in objective.tested})


def gate_rules(view: View) -> Iterator[Finding]:
    """Every finding about gates."""
    for path, gate in view.items("gates"):
        if isinstance(gate, dict):
            yield from bounds(view, path)
            yield from metric(view, path)
            yield from bias(view, path)


def selected(view: View) -> Iterator[Finding]:
    """Trials are compared by a metric that every one of them measures, and for what is good in it."""
    yield from metric(view, ("select",))
    name, wanted = view.text("select", "metric"), view.text("select", "goal")
    if name and wanted and wanted != goal(name):
        message = f"`goal: {wanted}` takes the worst trial: `{name}` is better the {SENSE[goal(name)]} it is"
        yield view.finding("select-goal", ("select", "goal"), message, hint=f"write {goal(name)}, or remove the key")


def bounds(view: View, path: Path) -> Iterator[Finding]:
    """The least value is not above the largest."""
    pair = [value for _, value in view.items(*path, "between")]
    least, most = view.number(*path, "min"), view.number(*path, "max")
    if len(pair) == 2 and isinstance(pair[0], int | float) and isinstance(pair[1], int | float):
        least, most = pair[0], pair[1]
    if least is not None and most is not None and least > most:
        key = "between" if pair else "min"
        message = f"nothing is at least {least} and at most {most}"
        yield view.finding("gate-bounds", (*path, key), message, hint="swap the bounds")


def metric(view: View, path: Path) -> Iterator[Finding]:
    """A gate's metric is one that evaluation or training measures."""
    path = (*path, "metric")
    name = view.text(*path)
    if name is None:
        return
    part, _, measure = name.partition(":")
    yield from tested(view, path, measure) if part == "test" else trained(view, path, name)


def tested(view: View, path: Path, measure: str) -> Iterator[Finding]:
    """A metric of the test part."""
    objective = objective_of(view)
    if not view.document.has(("evaluate",)):
        message = f"`test:{measure}` is measured by `evaluate`, which is missing"
        yield view.finding("gate-without-evaluate", path, message, hint="add `evaluate: {}`")
    if measure not in TESTED:
        guess = closest(measure, TESTED)
        names = listed([f"test:{one}" for one in (objective.tested if objective else TESTED) or TESTED])
        hint = f"did you mean `test:{guess}`?" if guess else f"there are {names}"
        yield view.finding("unknown-metric", path, f"there is no metric `test:{measure}`", hint=hint)
    elif objective and objective.answer and measure not in objective.tested:
        name = view.text("training", "hyperparameters", "objective")
        message = f"`test:{measure}` cannot be computed from the answers of `objective: {name}`"
        hint = f"there are {listed([f'test:{one}' for one in objective.tested])}"
        yield view.finding("metric-objective", path, message, hint=hint)


def trained(view: View, path: Path, name: str) -> Iterator[Finding]:
    """A metric of the training's own log."""
    known, asked = measured_metrics(view), evaluation_metrics(view)
    measure = name.partition(":")[2]
    if known and measure not in known:
        guess = closest(measure, known)
        hint = f"did you mean `{guess}`?" if guess else f"add `{measure}` to `eval_metric`"
        message = f"training does not measure `{measure}`, but {several(known) if asked else any_of(known)}"
        yield view.finding("metric-not-measured", path, message, hint=hint)


def bias(view: View, path: Path) -> Iterator[Finding]:
    """A bias metric is measured for a facet of the bias section."""
    name, facet = view.text(*path, "bias"), view.text(*path, "facet")
    if name is None:
        return
    if not view.document.has(("bias",)):
        message = f"`{name}` is measured by `bias`, which is missing"
        yield view.finding("gate-without-bias", (*path, "bias"), message, hint="add `bias` with its facets")
        return
    facets = view.mapping("bias", "facets")
    if facet is not None and facets and facet not in facets:
        guess = closest(facet, facets)
        hint = f"did you mean `{guess}`?" if guess else f"the facets are {several(list(facets))}"
        yield view.finding("unknown-facet", (*path, "facet"), f"`{facet}` is no facet of `bias`", hint=hint)
    if name in BY_GROUP and not view.document.has(("bias", "group")):
        message = f"`{name}` compares within groups, and `bias` has no `group`"
        yield view.finding("gate-without-group", (*path, "bias"), message, hint="add `group` to `bias`")

"""Whether an endpoint is one that SageMaker makes, and of models that can stand behind one name."""

import re
from collections.abc import Iterator, Mapping, Sequence

from specimen.schemas import schema
from specimen.spec.defaults import filled
from specimen.spec.deployment import deployment_rules
from specimen.spec.document import Path
from specimen.spec.findings import Finding
from specimen.spec.formats import inferred
from specimen.spec.objectives import objective_of
from specimen.spec.trials import Patched, patched
from specimen.spec.view import View
from specimen.spec.words import closest, listed, several

SECTION = "hosting"
VARIANTS: Path = (SECTION, "variants")
EVEN_ODDS = 0.5  # where a probability becomes a positive answer, unless `bias.threshold` says otherwise
# https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html
BURSTABLE = re.compile(r"ml\.t[0-9]")
ALIKE: tuple[Path, ...] = (  # what a row for one model must have in common with a row for another
    ("dataset", "label"),
    ("dataset", "source"),
    ("dataset", "features"),
    ("dataset", "drop"),
    ("dataset", "encode"),
    ("training", "contentType"),
    ("training", "hyperparameters", "objective"),
    ("training", "hyperparameters", "num_class"),
)


def hosting_rules(view: View) -> Iterator[Finding]:
    """Every finding about the endpoint of an experiment as a whole."""
    if not view.document.has((SECTION,)):
        return
    trials = {trial.name: _own(trial) for trial in patched(view.document)}
    yield from _chosen(view, trials)
    yield from _variants(view, trials)
    yield from _verified(view, trials)
    yield from _serverless(view)
    yield from _autoscaling(view)
    yield from _captured(view)
    yield from deployment_rules(view)


def _own(trial: Patched) -> View:
    return View(trial.document, filled(inferred(trial.document.data or {}), schema("Experiment")), frozenset())


def _chosen(view: View, trials: Mapping[str, View]) -> Iterator[Finding]:
    """Somebody says whose model it is."""
    told = view.document.has(("select",)) or view.document.has(VARIANTS)
    if len(trials) > 1 and not told:
        message = f"which trial's model is hosted: there are {several(list(trials))}"
        hint = "add `select`, or name trials in `variants`"
        yield view.finding("hosting-trial", (SECTION,), message, hint=hint, key=True)


def _variants(view: View, trials: Mapping[str, View]) -> Iterator[Finding]:
    """Each has a name of its own and a trial that there is, and one of them gets requests."""
    seen, first = set[str](), None
    for path, _ in view.items(*VARIANTS):
        trial = view.text(*path, "trial")
        name = view.text(*path, "name") or trial
        if trial is None or name is None:
            continue
        if trial not in trials:
            yield _unknown(view, (*path, "trial"), trial, trials)
            continue
        if name in seen:
            place = (*path, "name") if view.document.has((*path, "name")) else (*path, "trial")
            message = f"there are two variants called `{name}`"
            yield view.finding("repeated-variant", place, message, hint="give each a `name` of its own")
        seen.add(name)
        first = first or trial
        yield from _alike(view, path, trials[first], trials[trial])
    weights = [view.number(*path, "weight") for path, _ in view.items(*VARIANTS)]
    if weights and all(weight == 0 for weight in weights):
        message = "no variant gets a request: every `weight` is 0"
        yield view.finding("variant-weights", VARIANTS, message, hint="give one of them a weight above 0", key=True)


def _unknown(view: View, path: Path, trial: str, trials: Mapping[str, View]) -> Finding:
    guess = closest(trial, trials)
    known = f"there are {listed(sorted(trials))}" if len(trials) > 1 else "without `trials`, remove `variants`"
    hint = f"did you mean `{guess}`?" if guess else known
    return view.finding("unknown-trial", path, f"there is no trial called `{trial}`", hint=hint)


def _alike(view: View, path: Path, first: View, other: View) -> Iterator[Finding]:
    """The same row goes to any of them."""
    for key in ALIKE:
        if first.at(*key) != other.at(*key):
            message = f"a row for one variant is none for another: their trials differ in `{'.'.join(map(str, key))}`"
            hint = "host trials together that take the same rows, and answer alike"
            yield view.finding("variants-unlike", (*path, "trial"), message, hint=hint)
            return


def _verified(view: View, trials: Mapping[str, View]) -> Iterator[Finding]:
    """The answers can be compared with a label."""
    path: Path = (SECTION, "verify")
    hosted = {view.text(*variant, "trial") for variant, _ in view.items(*VARIANTS)} or set(trials)
    for name, trial in trials.items() if view.document.has(path) else ():
        objective = objective_of(trial)
        if name in hosted and objective and objective.answer is None:
            written = trial.text("training", "hyperparameters", "objective")
            message = f"`verify` cannot judge the answers of `objective: {written}`"
            hint = "remove it, or take an objective that answers with a class, a probability or a number"
            yield view.finding("objective-answers", path, message, hint=hint, key=True)
            return
    yield from _judged_alike(view, [trials[name] for name in trials if name in hosted])


def _judged_alike(view: View, hosted: Sequence[View]) -> Iterator[Finding]:
    """One threshold makes classes of all probabilities that an endpoint answers."""
    path: Path = (SECTION, "verify")
    if not (view.document.has(path) and view.document.has(VARIANTS)):
        return
    written = [trial.number("bias", "threshold") for trial in hosted if _binary(trial)]
    thresholds = {EVEN_ODDS if one is None else one for one in written}
    if len(thresholds) > 1:
        shown = " and ".join(f"{one:g}" for one in sorted(thresholds))
        message = f"`verify` judges all answers by one threshold, and the variants' trials have {shown}"
        hint = "write the same `bias.threshold` for all of them, which is 0.5 without `bias`, or remove `verify`"
        yield view.finding("variants-unlike", path, message, hint=hint, key=True)


def _binary(trial: View) -> bool:
    return (trial.text("training", "hyperparameters", "objective") or "").startswith("binary:")


def _serverless(view: View) -> Iterator[Finding]:
    """What serverless endpoints do not have: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html"""
    if not view.document.has((SECTION, "serverless")):
        return
    variants = view.items(*VARIANTS)
    if len(variants) > 1:
        message = f"a serverless endpoint has one model, and there are {len(variants)} variants"
        hint = "remove `serverless`, or all variants but one"
        yield view.finding("serverless-variants", VARIANTS, message, hint=hint, key=True)
    for path, _ in variants:
        if view.document.has((*path, "resources")):
            message = "`resources` can't stand here: `serverless` has no instances"
            yield view.finding("key-in-the-way", (*path, "resources"), message, hint="remove it", key=True)
    warm, most = view.number(SECTION, "serverless", "provisioned"), view.number(SECTION, "serverless", "concurrency")
    if warm is not None and most is not None and warm > most:
        message = f"`provisioned` {warm:g} is more than `concurrency` {most:g}, of which it is a part"
        path = (SECTION, "serverless", "provisioned")
        yield view.finding("serverless-provisioned", path, message, hint=f"write at most {most:g}")


def _autoscaling(view: View) -> Iterator[Finding]:
    """The numbers of instances fit together, and AWS scales such instances."""
    path: Path = (SECTION, "autoscaling")
    least, most = view.number(*path, "min"), view.number(*path, "max")
    if least is None or most is None:
        return
    if least > most:
        message = f"nothing is at least {least:g} and at most {most:g}"
        yield view.finding("autoscaling-bounds", (*path, "max"), message, hint="swap the bounds")
        return
    for place, instance, count in _machines(view):
        if instance is not None and BURSTABLE.match(instance):
            message = f"`{instance}` is burstable, and AWS does not scale such instances"
            hint = "take another type, such as ml.m5.large"
            yield view.finding("autoscaling-instance", (*place, "instance"), message, hint=hint)
        if count is not None and not least <= count <= most:
            message = f"`autoscaling` keeps from {least:g} to {most:g} instances, and `count` begins with {count:g}"
            yield view.finding("autoscaling-count", (*place, "count"), message, hint="begin with a number between them")


def _machines(view: View) -> Iterator[tuple[Path, str | None, float | None]]:
    """What is run on: the endpoint's resources, unless every variant has its own."""
    own = [(*path, "resources") for path, _ in view.items(*VARIANTS) if view.document.has((*path, "resources"))]
    places: list[Path] = own if own and len(own) == len(view.items(*VARIANTS)) else [(SECTION, "resources"), *own]
    for place in places:
        yield place, view.text(*place, "instance"), view.number(*place, "count")


def _captured(view: View) -> Iterator[Finding]:
    """Something is kept."""
    path: Path = (SECTION, "capture")
    if view.at(*path, "requests") is False and view.at(*path, "answers") is False:
        message = "`capture` keeps nothing: neither requests nor answers"
        yield view.finding("capture-nothing", path, message, hint="let one of them be true, or remove it", key=True)

"""Whether the rules of `debugger` have something to look at, and whether AWS takes what they are told."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from specimen.spec.debugging import OURS, named, parameter
from specimen.spec.document import Path
from specimen.spec.findings import Finding, Severity
from specimen.spec.objectives import HYPERPARAMETERS, objective_of
from specimen.spec.rulebook import CHOOSING, CUSTOM, OF_CLASSES, READS, brought, built_in, collections
from specimen.spec.unknowns import COLLECT, RULES
from specimen.spec.view import View
from specimen.spec.words import any_of, closest, several

MOST_COLLECTIONS = 20  # botocore's CollectionConfigurations
LONGEST = 256  # botocore's ConfigValue
LONGEST_JOB = 63  # characters of a training job's name, which an action names
EVERYTHING = "all"
MODEL_KEPT = "save_model_on_termination"


@dataclass(frozen=True)
class Asked:
    """A rule as it stands in the document."""

    rule: str
    path: Path  # of its settings, or of its bare name
    settings: dict[str, Any]

    @property
    def key(self) -> bool:
        """Whether it is named by a key."""
        return isinstance(self.path[-1], str)

    @property
    def name(self) -> str:
        """What it is called in the training job."""
        given = self.settings.get("name")
        return str(given or (self.settings.get("class") if self.rule == CUSTOM else built_in()[self.rule].name))

    def list(self, setting: str) -> tuple[str, ...]:
        """The names or expressions of a setting that is a list, or one text with commas."""
        value = self.settings.get(setting)
        texts = value if isinstance(value, list) else str(value).split(",") if value is not None else ()
        return tuple(str(one).strip() for one in texts)


def debugger_rules(view: View) -> Iterator[Finding]:
    """Every finding about Debugger."""
    if not view.document.has(("debugger",)):
        return
    found = asked(view)
    yield from _collections(view)
    yield from _repeated(view, found)
    for one in found:
        for check in (_looks, _saved, _classes, _bounds, _lengths, _model_kept, _source):
            yield from check(view, one)
    for place in (("debugger", "hook"), *((*COLLECT, name) for name in view.mapping(*COLLECT))):
        yield from _steps(view, place)
        yield from _too_long(view, place, view.mapping(*place))


def asked(view: View) -> list[Asked]:
    """The rules whose names are known."""
    found = []
    for path, item in view.items(*RULES):
        name, settings = named(item)
        place = (*path, name) if isinstance(item, dict) else path
        known = isinstance(name, str) and (name in built_in() or name == CUSTOM)
        if known and isinstance(settings, dict) and view.at(*place) is not None:
            whole = {key: value for key, value in settings.items() if view.at(*place, key) is not None}
            found.append(Asked(name, place, whole))
    return found


def saved(view: View) -> set[str]:
    """The collections that are saved: those that are asked for, and those that rules bring."""
    return {*view.mapping(*COLLECT), *brought(one.rule for one in asked(view))}


def _collections(view: View) -> Iterator[Finding]:
    """AWS takes so many collections, those that rules bring among them."""
    names = saved(view)
    if len(names) > MOST_COLLECTIONS:
        message = f"{len(names)} collections are saved, with those that rules bring, and AWS takes {MOST_COLLECTIONS}"
        yield view.finding("too-many-collections", COLLECT, message, hint="collect fewer", key=True)


def _repeated(view: View, found: list[Asked]) -> Iterator[Finding]:
    """A rule is told by its name in the training job."""
    counts = Counter(one.name.lower() for one in found)  # AWS and Kubernetes take names in small letters
    seen: set[str] = set()
    for one in found:
        if one.name.lower() in seen:
            message = f"there are {counts[one.name.lower()]} rules called `{one.name}`"
            yield view.finding("repeated-rule", one.path, message, hint="give one a `name` of its own", key=one.key)
        seen.add(one.name.lower())


def _looks(view: View, one: Asked) -> Iterator[Finding]:
    """Some rules look at nothing unless they are told."""
    if one.rule in CHOOSING and not one.list("collection_names") and not one.list("tensor_regex"):
        message = f"`{one.rule}` is not told what to look at"
        hint = "add `collection_names` or `tensor_regex`"
        yield view.finding("rule-without-tensors", one.path, message, hint=hint, key=one.key)


def _saved(view: View, one: Asked) -> Iterator[Finding]:
    """A rule looks at collections that are saved."""
    names = saved(view)
    if EVERYTHING in names:
        return
    for name in one.list("collection_names"):
        if name not in names:
            path = (*one.path, "collection_names")
            yield _unsaved(view, path, name, f"`{one.rule}` looks at the collection `{name}`, which is not saved")
    if one.list("collection_names") or one.list("tensor_regex"):
        if not names:
            yield _unsaved(view, one.path, "metrics", f"`{one.rule}` looks at tensors, and none are saved", key=one.key)
        return
    for choice in READS.get(one.rule, ()):
        name = str(one.settings.get(f"{choice[0]}_collection", choice[0]))
        if not names & {name, *choice[1:]}:
            looks = f"`{one.rule}` looks at the collection {any_of([name, *choice[1:]])}"
            yield _unsaved(view, one.path, name, f"{looks}, which is not saved", key=one.key)


def _unsaved(view: View, path: Path, name: str, message: str, *, key: bool = False) -> Finding:
    guess = closest(name, {*saved(view), *collections()} - {name})
    if name in collections():
        hint = f"add `{name}: 5` to `collect`"
    else:
        hint = f"did you mean `{guess}`?" if guess else f"add `{name}` to `collect`, with its `include_regex`"
    return view.finding("unsaved-collection", path, message, hint=hint, key=key)


def _classes(view: View, one: Asked) -> Iterator[Finding]:
    """Some rules count classes, which numbers are not."""
    objective = objective_of(view)
    if one.rule in OF_CLASSES and objective and objective.answer == "number":
        name = view.text(*HYPERPARAMETERS, "objective")
        message = f"`{one.rule}` judges classes, and `objective: {name}` predicts numbers"
        yield view.finding("rule-objective", one.path, message, hint="remove it", key=one.key)


def _bounds(view: View, one: Asked) -> Iterator[Finding]:
    """The least variance is below the largest."""
    least, most = view.number(*one.path, "min_threshold"), view.number(*one.path, "max_threshold")
    if one.rule == "tensor_variance" and least is None and most is None:
        message = "`tensor_variance` has no bound to hold a variance against"
        hint = "add `min_threshold` or `max_threshold`"
        yield view.finding("rule-bounds", one.path, message, hint=hint, key=True)
    elif least is not None and most is not None and least > most:
        message = f"nothing is at least {least:g} and at most {most:g}"
        yield view.finding("rule-bounds", (*one.path, "min_threshold"), message, hint="swap the bounds")


def _lengths(view: View, one: Asked) -> Iterator[Finding]:
    """AWS takes texts of some length; lists are what becomes too long."""
    yield from _too_long(view, one.path, {name: value for name, value in one.settings.items() if name not in OURS})
    yield from _too_long(view, (*one.path, "parameters"), view.mapping(*one.path, "parameters"))


def _too_long(view: View, place: Path, parameters: Mapping[str, Any]) -> Iterator[Finding]:
    for name, value in parameters.items():
        if not isinstance(value, dict) and len(parameter(value)) > LONGEST:
            message = f"`{name}` is longer than the {LONGEST} characters that AWS takes of a parameter"
            yield view.finding("debugger-parameter-length", (*place, name), message, hint="write less", key=True)


def _model_kept(view: View, one: Asked) -> Iterator[Finding]:
    """A training job that is stopped leaves a model only if it is told to."""
    stops = [(*one.path, "actions", "stop_training"), (*one.path, "stop_training_on_fire")]
    for path in stops:
        if view.at(*path) is True and view.at(*HYPERPARAMETERS, MODEL_KEPT) is not True:
            message = "a training that this rule stops leaves no model, and its trial fails"
            hint = f"add `{MODEL_KEPT}: true` to the hyperparameters: the model of the last round then counts"
            yield view.finding("stop-without-model", path, message, hint=hint, key=True, severity=Severity.WARNING)


def _source(view: View, one: Asked) -> Iterator[Finding]:
    """The file of a rule of one's own is there, and has its class."""
    path = (*one.path, "source")
    source, wanted = view.text(*path), view.text(*one.path, "class")
    code = view.code.get(source or "")
    if one.rule != CUSTOM or code is None or wanted is None:
        return
    if code.problem:
        message = f"the rule's file {source} {code.problem}"
        yield view.finding("rule-source", path, message, hint="a Python file beside this one is needed, or one in S3")
    elif wanted not in code.classes:
        guess = closest(wanted, code.classes)
        known = f"it has {several(code.classes)}" if code.classes else "define the class at the top of the file"
        message = f"the rule's file {source} has no class `{wanted}`"
        hint = f"did you mean `{guess}`?" if guess else known
        yield view.finding("rule-class", (*one.path, "class"), message, hint=hint)


def _steps(view: View, place: Path) -> Iterator[Finding]:
    """Saving begins before it ends."""
    for mode in ("", "train.", "eval."):
        first, end = view.number(*place, f"{mode}start_step"), view.number(*place, f"{mode}end_step")
        if first is not None and end is not None and first >= end:
            message = f"nothing is saved: `{mode}start_step` {first:g} is not before `{mode}end_step` {end:g}"
            yield view.finding("collection-steps", (*place, f"{mode}end_step"), message, hint="swap them")

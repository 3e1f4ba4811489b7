"""Trials: each is the experiment's own document with a JSON merge patch (RFC 7386) applied to it.

A finding about a patched document points into the patch where the patch wrote what is wrong, and else at what all
trials share.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from specimen.spec.document import Document, Mark, Path
from specimen.spec.findings import Finding
from specimen.spec.gates import BY_GROUP
from specimen.spec.model import Json
from specimen.spec.view import View
from specimen.spec.words import closest, listed

ONLY_TRIAL = "default"
OWN = ("apiVersion", "kind", "metadata", "trials", "select", "hosting")  # keys of the experiment as a whole
LONGEST = 120  # characters of a SageMaker trial's name, which is the experiment's and the trial's with a hyphen


@dataclass(frozen=True)
class Patched:
    """A trial: its name, its own document, and where in the file each patched path of it was written."""

    name: str
    document: Document
    origins: Mapping[Path, Path] = field(default_factory=dict)

    def in_file(self, finding: Finding) -> Finding:
        """A finding about the trial's document, with the path of what it speaks of in the file."""
        for depth in range(len(finding.path), 0, -1):
            if origin := self.origins.get(finding.path[:depth]):
                return replace(finding, path=(*origin, *finding.path[depth:]))
        return finding


def patched(document: Document) -> tuple[Patched, ...]:
    """Every trial of a document whose `trials` are well-formed; the one default trial where it has none."""
    trials = document.at(("trials",))
    if not isinstance(trials, list) or not trials:
        return (Patched(ONLY_TRIAL, document),)
    shared = _shared(document)
    return tuple(_patched(document, shared, index, trial) for index, trial in enumerate(trials))


def _shared(document: Document) -> Document:
    """What all trials share: everything but the list of them."""
    return replace(
        document,
        data={key: value for key, value in (document.data or {}).items() if key != "trials"},
        values={path: mark for path, mark in document.values.items() if path[:1] != ("trials",)},
        keys={path: mark for path, mark in document.keys.items() if path[:1] != ("trials",)},
    )


def _patched(document: Document, shared: Document, index: int, trial: Json) -> Patched:
    members = trial if isinstance(trial, dict) else {}
    patch = members.get("set")
    merging = _Merging(document, ("trials", index, "set"), dict(shared.values), dict(shared.keys))
    data = merging.merged(shared.data, patch, ()) if isinstance(patch, dict) else shared.data
    own = replace(shared, data=data if isinstance(data, dict) else {}, values=merging.values, keys=merging.keys)
    return Patched(str(members.get("name")), own, merging.origins)


@dataclass
class _Merging:
    """Applies one patch, and moves the marks of all that it replaces."""

    document: Document
    patch: Path  # where the patch stands in the file
    values: dict[Path, Mark]
    keys: dict[Path, Mark]
    origins: dict[Path, Path] = field(default_factory=dict)

    def merged(self, base: Json, patch: Json, path: Path) -> Json:
        """RFC 7386: mappings are merged, null removes, anything else replaces."""
        if not isinstance(patch, dict):
            self._forget(base, path)
            self._adopt(patch, path)
            return patch
        if not isinstance(base, dict):
            self._forget(base, path)
            base = {}
        if path and path not in self.values:
            self._take(path)
        result = dict(base)
        for key, value in patch.items():
            inner = (*path, key)
            if value is None:
                self._forget(result.pop(key, None), inner)
                self.keys[inner] = self.document.keys[(*self.patch, *inner)]  # where it was removed, for who misses it
                self.origins[inner] = (*self.patch, *inner)
            else:
                result[key] = self.merged(result.get(key), value, inner)
        return result

    def _forget(self, value: Json, path: Path) -> None:
        """Drop the marks of a value that is replaced, and of all within it."""
        for inner in _paths(value, path):
            self.values.pop(inner, None)
            self.keys.pop(inner, None)

    def _adopt(self, value: Json, path: Path) -> None:
        """Take the marks of a new value, and of all within it, from the patch."""
        for inner in _paths(value, path):
            self._take(inner)

    def _take(self, path: Path) -> None:
        home = self.origins[path] = (*self.patch, *path)
        self.values[path] = self.document.values[home]
        if home in self.document.keys:
            self.keys[path] = self.document.keys[home]


def _paths(value: Json, path: Path) -> Iterator[Path]:
    """The path of a value, and those of all within it."""
    yield path
    match value:
        case dict():
            inner: list[tuple[str | int, Json]] = list(value.items())
        case list():
            inner = list(enumerate(value))
        case _:
            inner = []
    for step, item in inner:
        yield from _paths(item, (*path, step))


def trial_rules(view: View) -> Iterator[Finding]:
    """Every finding about how trials go together; what a trial itself is wrong in, its own document's rules say."""
    for rule in (names, patches, selection, comparisons):
        yield from rule(view)


def names(view: View) -> Iterator[Finding]:
    """Every trial has a name of its own that AWS takes."""
    experiment, seen = view.text("metadata", "name") or "", set[str]()
    for path, _ in view.items("trials"):
        name = view.text(*path, "name")
        if name is None:
            continue
        if name in seen:
            message = f"there are two trials called `{name}`"
            yield view.finding("repeated-trial", (*path, "name"), message, hint="give each a name of its own")
        if len(f"{experiment}-{name}") > LONGEST:
            message = f"on AWS this trial is `{experiment}-{name}`, which is longer than {LONGEST} characters"
            yield view.finding("trial-name", (*path, "name"), message, hint="shorten one of the names")
        seen.add(name)


def patches(view: View) -> Iterator[Finding]:
    """A patch changes what a trial does, not what the experiment is."""
    for path, _ in view.items("trials"):
        for key in view.mapping(*path, "set"):
            if key in OWN:
                message = f"`{key}` belongs to the experiment as a whole, and no trial can set it"
                yield view.finding("trial-patch", (*path, "set", key), message, hint="remove it", key=True)


def selection(view: View) -> Iterator[Finding]:
    """To select one there must be several."""
    if view.document.has(("select",)) and len(view.items("trials")) < 2:
        message = "there is nothing to select from: `trials` has fewer than two"
        yield view.finding("select-without-trials", ("select",), message, hint="add `trials`, or remove it", key=True)


def comparisons(view: View) -> Iterator[Finding]:
    """A gate compares with another trial, which measures the same."""
    trials = patched(view.document)
    for trial in trials:
        own = View(trial.document, trial.document.data or {}, frozenset())
        for path, _ in own.items("gates"):
            if against := own.text(*path, "against"):
                others = {other.name: other for other in trials if other.name != trial.name}
                yield from map(trial.in_file, _comparison(own, path, against, others))


def _comparison(view: View, path: Path, against: str, others: Mapping[str, Patched]) -> Iterator[Finding]:
    if against not in others:
        guess = closest(against, others)
        message = f"there is no other trial called `{against}`"
        known = f"there are {listed(sorted(others))}" if others else "only experiments with `trials` have others"
        hint = f"did you mean `{guess}`?" if guess else known
        yield view.finding("unknown-trial", (*path, "against"), message, hint=hint)
        return
    other = others[against].document
    name, facet = view.text(*path, "bias"), view.text(*path, "facet")
    tested = (view.text(*path, "metric") or "").startswith("test:")
    needed = {"evaluate": tested, "bias": name is not None}
    for section in (section for section, wanted in needed.items() if wanted and not other.has((section,))):
        message = f"trial `{against}` measures nothing to compare with: it has no `{section}`"
        yield view.finding("unmeasured-trial", (*path, "against"), message, hint=f"let it have `{section}`")
        return
    if facet is not None and not other.has(("bias", "facets", facet)):
        message = f"`{facet}` is no facet of trial `{against}`"
        yield view.finding("unknown-facet", (*path, "facet"), message, hint="name a facet of both trials")
    elif name in BY_GROUP and not other.has(("bias", "group")):
        message = f"`{name}` compares within groups, and `bias` of trial `{against}` has no `group`"
        yield view.finding("gate-without-group", (*path, "bias"), message, hint="give it a `group`")

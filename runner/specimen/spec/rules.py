"""What a schema cannot say of an experiment: how its parts fit together."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from specimen.spec.balance import balance_rules
from specimen.spec.debugger import debugger_rules
from specimen.spec.document import Path
from specimen.spec.encoding import encoding_rules
from specimen.spec.exactness import exactness_rules
from specimen.spec.explain import explain_rules, pdp_features
from specimen.spec.findings import Finding
from specimen.spec.gates import gate_rules, selected
from specimen.spec.instances import instance_rules
from specimen.spec.objectives import objective_rules
from specimen.spec.table import table_rules
from specimen.spec.tuning import tuning_rules
from specimen.spec.units import gibibytes, seconds
from specimen.spec.view import View

TOLERANCE = 1e-9  # 0.7 + 0.2 + 0.1 is not quite 1 in binary
PARTS = ("train", "validation", "test")
LABEL = ("dataset", "label")


@dataclass(frozen=True)
class Limit:
    """What AWS allows for a key with a unit; `largest` is in the unit that `measure` gives."""

    path: Path
    measure: Callable[[str], int]
    largest: int
    shown: str


# https://docs.aws.amazon.com/general/latest/gr/sagemaker.html for training; botocore's shapes for processing
LIMITS = (
    Limit(("training", "resources", "maxRuntime"), seconds, 28 * 86_400, "28d"),
    Limit(("training", "resources", "spot", "maxWait"), seconds, 28 * 86_400, "28d"),
    Limit(("training", "resources", "maxPending"), seconds, 28 * 86_400, "28d"),
    Limit(("training", "resources", "keepAlive"), seconds, 21_600, "6h"),
    Limit(("training", "resources", "volume"), gibibytes, 16_384, "16Ti"),
    Limit(("bias", "resources", "maxRuntime"), seconds, 777_600, "9d"),
    Limit(("bias", "resources", "volume"), gibibytes, 16_384, "16Ti"),
    Limit(("explain", "resources", "maxRuntime"), seconds, 777_600, "9d"),
    Limit(("explain", "resources", "volume"), gibibytes, 16_384, "16Ti"),
)


def rules(view: View) -> Iterator[Finding]:
    """Every finding of the semantic rules."""
    for rule in (
        split,
        dropped,
        roles,
        balance_rules,
        encoding_rules,
        instance_rules,
        limits,
        objective_rules,
        tuning_rules,
        debugger_rules,
        explain_rules,
        gate_rules,
        selected,
        exactness_rules,
        table_rules,
    ):
        yield from rule(view)


def split(view: View) -> Iterator[Finding]:
    """The parts of a split are all of the rows."""
    parts = [view.number("dataset", "split", part) for part in PARTS]
    shares = [part for part in parts if part is not None]
    if len(shares) == len(PARTS) and not math.isclose(sum(shares), 1, abs_tol=TOLERANCE):
        terms = " + ".join(f"{part} {share:g}" for part, share in zip(PARTS, shares, strict=True))
        message = f"the parts of `split` must add up to 1: {terms} is {sum(shares):g}"
        implied = any(not view.document.has(("dataset", "split", part)) for part in PARTS)
        hint = "a part that is not written has its default" if implied else "change one of them"
        yield view.finding("split-sum", ("dataset", "split"), message, hint=hint, key=True)


def dropped(view: View) -> Iterator[Finding]:
    """A dropped column has no other use."""
    uses = {view.text(*LABEL): "the label", view.text("bias", "group"): "the group of `bias`"}
    uses |= dict.fromkeys(view.mapping("bias", "facets"), "a facet of `bias`")
    uses |= {column: "explained by `pdp`" for _, column in pdp_features(view)}
    uses |= {str(column): "one of `categorical`" for _, column in view.items("dataset", "categorical")}
    uses |= {view.text("dataset", "balance", "facet"): "the facet of `balance`"}
    uses |= dict.fromkeys(view.mapping("dataset", "encode"), "encoded")
    for path, column in view.items("dataset", "drop"):
        if isinstance(column, str) and column in uses:
            message = f"`{column}` is dropped, and is {uses[column]}"
            yield view.finding("dropped-column", path, message, hint="take it out of `drop`, or use another column")


def roles(view: View) -> Iterator[Finding]:
    """Label, facets and group are different columns."""
    label, group = view.text(*LABEL), view.text("bias", "group")
    for column in view.mapping("bias", "facets"):
        path: Path = ("bias", "facets", column)
        if column == label:
            message = f"`{column}` is the label, and can't be a facet"
            yield view.finding("facet-is-label", path, message, hint="a facet is a sensitive column", key=True)
        elif column == group:
            message = f"`{column}` is the group, and can't be a facet"
            yield view.finding(
                "facet-is-group", path, message, hint="compare within groups of another column", key=True
            )
    if group is not None and group == label:
        message = f"`{group}` is the label, and can't be the group"
        yield view.finding("group-is-label", ("bias", "group"), message, hint="name another column")


def limits(view: View) -> Iterator[Finding]:
    """AWS's limits on time and disk."""
    for limit in LIMITS:
        text = view.text(*limit.path)
        if text and limit.measure(text) > limit.largest:
            message = f"`{limit.path[-1]}` {text} is more than AWS allows"
            yield view.finding("out-of-range", limit.path, message, hint=f"at most {limit.shown}")

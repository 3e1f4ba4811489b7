"""Whether what the training and the evaluation run on goes together, and is such as SageMaker takes."""

from collections.abc import Iterator

from specimen.spec.document import Path
from specimen.spec.findings import Finding, Severity
from specimen.spec.objectives import HYPERPARAMETERS, evaluation_metrics
from specimen.spec.units import duration, seconds
from specimen.spec.view import View

RESOURCES: Path = ("training", "resources")
DISTRIBUTION: Path = ("training", "distribution")
MODE: Path = ("training", "input", "mode")
# https://github.com/aws/sagemaker-xgboost-container: data_utils.py of 3.2.0 refuses what earlier ones took
WITHOUT_PIPE = ("3.2-0",)
# What XGBoost does not do on several instances, and what may take its place.
ALONE = {
    "exact": "hist",
    "grow_colmaker": "grow_quantile_histmaker",
    "cox-nloglik": "another metric",
}
MOST_TAGS = 23  # of the experiment's own, as the schema has it for labels; AWS takes 50 with the target's and ours
MOST_IN_FLIGHT = 100  # MB that one instance of a batch transform is sent at a time (MaxPayloadInMB)
SHORTEST_PENDING = 1_800  # botocore's MaxPendingTimeInSeconds


def instance_rules(view: View) -> Iterator[Finding]:
    """Every finding about instances, and about what they are given."""
    for rule in (shared_out, together, spot, warm_pool, pending, streamed, asked_in_csv, checkpoints, tags, in_flight):
        yield from rule(view)


def shared_out(view: View) -> Iterator[Finding]:
    """Instances share out files, of which there must be enough."""
    path: Path = (*RESOURCES, "count")
    count, shards = view.number(*path), view.number("dataset", "shards")
    if count is None:
        return
    if view.text(*DISTRIBUTION) != "sharded":
        if count > 1:
            message = f"each of {count:g} instances trains on all rows, which then count {count:g} times"
            hint = "write `distribution: sharded` in `training`, and `shards` in `dataset`"
            yield view.finding("replicated-instances", path, message, hint=hint, severity=Severity.WARNING)
    elif count == 1:
        message = "`distribution: sharded` shares the training part out among instances, and there is one"
        hint = "add `count` to `training.resources`, or remove it"
        yield view.finding("sharded-alone", DISTRIBUTION, message, hint=hint)
    elif shards is not None and count > shards:
        message = f"{count:g} instances share out {shards:g} file{'s' if shards > 1 else ''}: some would get none"
        hint = f"write `shards: {count:g}` in `dataset`, or more"
        yield view.finding("too-few-shards", path, message, hint=hint)


def together(view: View) -> Iterator[Finding]:
    """XGBoost does some things on one instance only: src/tree/updater_colmaker.cc and src/metric say so."""
    count = view.number(*RESOURCES, "count")
    if count is None or count < 2:
        return
    used = [((*HYPERPARAMETERS, "tree_method"), view.at(*HYPERPARAMETERS, "tree_method"))]
    for path, value in (*used, *view.items(*HYPERPARAMETERS, "updater"), *evaluation_metrics(view)):
        if isinstance(value, str) and value in ALONE:
            message = f"`{value}` works on one instance, and there are {count:g}"
            hint = f"take {ALONE[value]}, or one instance"
            yield view.finding("one-instance-only", path, message, hint=hint)
    if not evaluation_metrics(view) and view.text(*HYPERPARAMETERS, "objective") == "survival:cox":
        message = f"`survival:cox` is measured by cox-nloglik, which works on one instance, and there are {count:g}"
        hint = "name another `eval_metric`, or take one instance"
        yield view.finding("one-instance-only", (*HYPERPARAMETERS, "objective"), message, hint=hint)


def spot(view: View) -> Iterator[Finding]:
    """Waiting for spot capacity includes running on it."""
    path: Path = (*RESOURCES, "spot", "maxWait")
    wait, runtime = view.text(*path), view.text(*RESOURCES, "maxRuntime")
    if wait and runtime and seconds(wait) < seconds(runtime):
        message = f"`maxWait` {wait} is shorter than `maxRuntime` {runtime}, which it includes"
        yield view.finding("spot-wait", path, message, hint=f"write at least {duration(seconds(runtime))}")


def warm_pool(view: View) -> Iterator[Finding]:
    """Spot capacity is given back, and cannot be kept."""
    path: Path = (*RESOURCES, "keepAlive")
    if view.document.has(path) and view.document.has((*RESOURCES, "spot")):
        message = "`keepAlive` keeps instances, and spot capacity cannot be kept"
        yield view.finding("warm-pool-spot", path, message, hint="remove one of `keepAlive` and `spot`", key=True)


def pending(view: View) -> Iterator[Finding]:
    """AWS takes no shorter time to wait for instances."""
    path: Path = (*RESOURCES, "maxPending")
    text = view.text(*path)
    if text and seconds(text) < SHORTEST_PENDING:
        message = f"`maxPending` {text} is less than AWS allows"
        yield view.finding("out-of-range", path, message, hint=f"at least {duration(SHORTEST_PENDING)}")


def streamed(view: View) -> Iterator[Finding]:
    """A stream is unpacked on its way, and read once."""
    mode, content = view.text(*MODE), view.text("training", "contentType")
    compression: Path = ("training", "input", "compression")
    if view.text(*compression) and mode is not None and mode != "pipe":
        message = "SageMaker unpacks what it streams, and `mode` is not pipe"
        yield view.finding("gzip-without-pipe", compression, message, hint="write `mode: pipe`, or remove it", key=True)
    version = view.text("training", "version")
    if mode == "pipe" and version in WITHOUT_PIPE:
        message = f"SageMaker's XGBoost {version} takes no pipe"
        yield view.finding("pipe-version", MODE, message, hint="write `mode: fastFile`, or take version 3.0-5")
    elif mode == "pipe" and content in ("libsvm", "parquet"):
        message = f"`mode: pipe` streams CSV alone, and `contentType` is {content}"
        yield view.finding("pipe-content-type", MODE, message, hint="write `mode: fastFile`, or `contentType: csv`")


def asked_in_csv(view: View) -> Iterator[Finding]:
    """Clarify asks a model in CSV, with the zeros that it has learnt as missing."""
    for section in ("bias", "explain") if view.text("training", "contentType") == "libsvm" else ():
        if view.document.has((section,)):
            message = f"`{section}` asks the model in CSV, and with `contentType: libsvm` it learns zeros as missing"
            hint = "write `contentType: csv` or parquet in `training`"
            yield view.finding("content-type-asked", (section,), message, hint=hint, key=True)


def checkpoints(view: View) -> Iterator[Finding]:
    """The training jobs of a search would write over each other's."""
    path: Path = ("training", "checkpoints")
    if view.at(*path) is True and view.document.has(("tuning",)) and not view.document.has(("debugger",)):
        message = "the training jobs of `tuning` write no checkpoints: they would all write to the same place"
        yield view.finding("tuning-checkpoints", path, message, hint="remove it", key=True)


def tags(view: View) -> Iterator[Finding]:
    """AWS takes so many tags of a job, the target's and ours among them."""
    path: Path = ("training", "tags")
    own, labels = view.mapping(*path), view.mapping("metadata", "labels")
    count = len(own.keys() | labels.keys())
    if own and count > MOST_TAGS:
        message = f"the training job would have {count} tags of this experiment, its labels among them"
        yield view.finding("too-many-tags", path, message, hint=f"at most {MOST_TAGS}", key=True)


def in_flight(view: View) -> Iterator[Finding]:
    """AWS bounds what an instance of a batch transform holds at a time."""
    payload, concurrent = view.number("evaluate", "payload"), view.number("evaluate", "concurrent")
    if payload is not None and concurrent is not None and payload * concurrent > MOST_IN_FLIGHT:
        message = f"{concurrent:g} requests of {payload:g} MB are more than the {MOST_IN_FLIGHT} MB that AWS allows"
        yield view.finding("transform-payload", ("evaluate", "concurrent"), message, hint="lower one of them")

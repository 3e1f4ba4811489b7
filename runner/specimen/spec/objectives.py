"""What an objective allows: classes, metrics, and what is done with the model's answers."""

from collections.abc import Iterator
from dataclasses import dataclass

from specimen.spec.document import Path
from specimen.spec.findings import Finding
from specimen.spec.view import View
from specimen.spec.words import any_of

HYPERPARAMETERS = ("training", "hyperparameters")
CLASSES = ("accuracy", "precision", "recall", "f1")
PROBABILITIES = ("auc", "logloss")


@dataclass(frozen=True)
class Objective:
    """What a model with this objective answers, and what training measures if nothing else is asked.

    `answer` is None for objectives whose answers `evaluate` cannot judge by a row's label.
    """

    answer: str | None
    measures: tuple[str, ...]  # XGBoost's default metrics, which differ between versions

    @property
    def tested(self) -> tuple[str, ...]:
        """The metrics that `evaluate` can compute."""
        match self.answer:
            case "probability" | "probabilities":
                return (*PROBABILITIES, *CLASSES)
            case "class" | "classes":
                return CLASSES
            case "number":
                return ("rmse", "mae", "mse", "r2")
            case _:
                return ()


# https://xgboost.readthedocs.io/en/stable/parameter.html#learning-task-parameters
OBJECTIVES = {
    "binary:logistic": Objective("probability", ("logloss", "error")),
    "binary:logitraw": Objective(None, ("logloss", "error")),
    "binary:hinge": Objective("class", ("error",)),
    "multi:softmax": Objective("classes", ("mlogloss", "merror")),
    "multi:softprob": Objective("probabilities", ("mlogloss", "merror")),
    "reg:squarederror": Objective("number", ("rmse",)),
    "reg:linear": Objective("number", ("rmse",)),
    "reg:logistic": Objective("number", ("rmse",)),
    "reg:squaredlogerror": Objective("number", ("rmsle",)),
    "reg:pseudohubererror": Objective("number", ("mphe", "mae")),
    "reg:absoluteerror": Objective("number", ("mae",)),
    "reg:gamma": Objective("number", ("gamma-nloglik",)),
    "reg:tweedie": Objective("number", ("tweedie-nloglik",)),
    "count:poisson": Objective("number", ("poisson-nloglik",)),
    "rank:pairwise": Objective(None, ("map", "ndcg")),
    "rank:ndcg": Objective(None, ("ndcg",)),
    "rank:map": Objective(None, ("map",)),
    "survival:cox": Objective(None, ("cox-nloglik",)),
    "survival:aft": Objective(None, ("aft-nloglik",)),
}
# Which labels XGBoost learns with an objective whose numbers are not any: a bound, itself among them but for `above`.
LABELS = {
    "reg:logistic": {"min": 0, "max": 1},
    "reg:squaredlogerror": {"above": -1},
    "reg:gamma": {"above": 0},
    "reg:tweedie": {"min": 0},
    "count:poisson": {"min": 0},
}
# What the container refuses: the metric, and how the objectives begin that it goes with.
MEASURED_FOR = {
    "auc": ("binary:", "rank:"),
    "aft-nloglik": ("survival:aft",),
    "merror": ("multi:",),
    "mlogloss": ("multi:",),
}
# The larger the better; of every other metric, the smaller.
# https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
MAXIMIZED = {
    *("accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "map", "ndcg", "pre", "r2"),
    *("precision", "precision_macro", "precision_micro", "recall", "recall_macro", "recall_micro"),
}
SENSE = {"maximize": "larger", "minimize": "smaller"}
_CLASSIFICATION, _ONE_ANSWER = ("binary:", "multi:"), ("binary:", "reg:", "count:", "rank:", "survival:")
# With which objectives a metric comes out at all, so that a search can go by it.
EMITTED_FOR = MEASURED_FOR | {
    **dict.fromkeys(("accuracy", "balanced_accuracy", "f1", "f1_macro"), _CLASSIFICATION),
    **dict.fromkeys(("precision_macro", "precision_micro", "recall_macro", "recall_micro"), _CLASSIFICATION),
    **dict.fromkeys(("f1_binary", "precision", "recall"), ("binary:",)),
    **dict.fromkeys(("error", "logloss"), ("binary:", "reg:logistic")),
    **dict.fromkeys(("rmse", "rmsle", "mae", "mape", "mphe", "mse", "r2"), _ONE_ANSWER),
    **dict.fromkeys(("map", "ndcg"), ("rank:",)),
    "aucpr": ("binary:", "rank:"),
    "cox-nloglik": ("survival:cox",),
    "interval-regression-accuracy": ("survival:aft",),
    "poisson-nloglik": ("count:poisson",),
    "gamma-nloglik": ("reg:gamma",),
    "gamma-deviance": ("reg:gamma",),
    "tweedie-nloglik": ("reg:tweedie",),
}
CONSTRAINED_BY = {"monotone_constraints": ("exact", "hist"), "interaction_constraints": ("exact", "hist", "approx")}


def goal(metric: str) -> str:
    """Whether a metric such as ``validation:f1_macro`` or ``test:rmse`` is better when it is larger or smaller."""
    name = metric.rpartition(":")[2].partition("@")[0].rstrip("-")  # XGBoost's ndcg@10 and map@5-
    return "maximize" if name in MAXIMIZED else "minimize"


def objective_of(view: View) -> Objective | None:
    """The experiment's objective, if it is one that is known."""
    return OBJECTIVES.get(view.text(*HYPERPARAMETERS, "objective") or "")


def objective_rules(view: View) -> Iterator[Finding]:
    """Every finding about the objective and what goes with it."""
    for rule in (classes, answers, favorable, stratified, measured, constrained):
        yield from rule(view)


def classes(view: View) -> Iterator[Finding]:
    """Multi-class objectives say how many classes; others don't."""
    path: Path = (*HYPERPARAMETERS, "num_class")
    name, multi = _name(view), _name(view).startswith("multi:")
    written = view.document.has(path)
    if multi and not written:
        message = f"`objective: {name}` needs `num_class`"
        yield view.finding("objective-classes", (*HYPERPARAMETERS, "objective"), message, hint="add how many there are")
    elif name and not multi and written:
        message = f"`num_class` does not go with `objective: {name}`"
        hint = "remove it, or use multi:softmax or multi:softprob"
        yield view.finding("objective-classes", path, message, hint=hint, key=True)


def answers(view: View) -> Iterator[Finding]:
    """Evaluation and bias need answers that can be compared with a label."""
    objective = objective_of(view)
    for section in ("evaluate", "bias"):
        if objective and objective.answer is None and view.document.has((section,)):
            message = f"`{section}` cannot judge the answers of `objective: {_name(view)}`"
            hint = "remove it, or take an objective that answers with a class, a probability or a number"
            yield view.finding("objective-answers", (section,), message, hint=hint, key=True)


def favorable(view: View) -> Iterator[Finding]:
    """A number is hardly ever equal to a favorable value, but it can be above one."""
    objective = objective_of(view)
    if objective and objective.answer == "number" and isinstance(view.at("bias", "favorable"), list):
        message = f"`objective: {_name(view)}` answers with numbers, which `favorable` must bound"
        yield view.finding("favorable-bound", ("bias", "favorable"), message, hint="write {above: …}", key=True)


def stratified(view: View) -> Iterator[Finding]:
    """Only classes have proportions to keep."""
    objective, path = objective_of(view), ("dataset", "split", "stratify")
    if objective and objective.answer == "number" and view.at(*path) is True:
        message = f"`stratify` needs classes, and `objective: {_name(view)}` predicts numbers"
        yield view.finding(
            "stratify-numbers", path, message, hint="write `stratify: false` in `dataset.split`", key=True
        )


def measured(view: View) -> Iterator[Finding]:
    """Some metrics are only defined for some objectives."""
    for path, metric in evaluation_metrics(view):
        begins = MEASURED_FOR.get(metric.partition("@")[0])
        if begins and _name(view) and not _name(view).startswith(begins):
            message = f"`eval_metric: {metric}` does not go with `objective: {_name(view)}`"
            yield view.finding(
                "metric-objective", path, message, hint=f"it is for {any_of([f'{one}…' for one in begins])}"
            )


def evaluation_metrics(view: View) -> list[tuple[Path, str]]:
    """The metrics that training is asked to measure, each with its path."""
    path: Path = (*HYPERPARAMETERS, "eval_metric")
    if single := view.text(*path):
        return [(path, single)]
    return [(place, item) for place, item in view.items(*path) if isinstance(item, str)]


def measured_metrics(view: View) -> list[str]:
    """The metrics that training measures, as far as that is known.

    XGBoost measures its default ones when it is asked for none; a tuning job always asks for its own.
    """
    tuned = (view.text("tuning", "metric") or "").partition(":")[2]
    if view.document.has((*HYPERPARAMETERS, "eval_metric")):
        asked = [metric for _, metric in evaluation_metrics(view)]
        return [*asked, tuned] if asked and tuned and tuned not in asked else asked
    objective = objective_of(view)
    return [tuned] if tuned else list(objective.measures) if objective else []


def constrained(view: View) -> Iterator[Finding]:
    """Constraints are kept by some tree methods only, and the container insists that one is named."""
    for name, methods in CONSTRAINED_BY.items():
        path: Path = (*HYPERPARAMETERS, name)
        if view.document.has(path) and view.text(*HYPERPARAMETERS, "tree_method") not in methods:
            message = f"`{name}` needs `tree_method` {any_of(methods)}"
            yield view.finding("constraint-method", path, message, hint=f"add `tree_method: {methods[-1]}`", key=True)


def _name(view: View) -> str:
    return view.text(*HYPERPARAMETERS, "objective") or ""

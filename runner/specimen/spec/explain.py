"""Whether what `explain` asks for fits the objective and the table."""

from collections.abc import Iterator, Sequence

from specimen.spec.document import Path
from specimen.spec.findings import Finding
from specimen.spec.formats import columns
from specimen.spec.objectives import objective_of
from specimen.spec.view import View

SECTION = "explain"
BASELINE: Path = (SECTION, "baseline")


def explain_rules(view: View) -> Iterator[Finding]:
    """Every finding about explanations that needs no table."""
    for rule in (_answers, _logit, _label, _lengths):
        yield from rule(view)


def pdp_features(view: View) -> Iterator[tuple[Path, str]]:
    """The features whose partial dependence is asked for, and where."""
    for path, column in view.items(SECTION, "pdp", "features"):
        if isinstance(column, str):
            yield path, column


def baseline_rules(view: View, columns: Sequence[str]) -> Iterator[Finding]:
    """A row of the baseline has a value for each feature of the table."""
    if "onehot" in view.mapping("dataset", "encode").values():
        return  # how many columns a column becomes, its values tell
    unused = {view.text("dataset", "label"), *(column for _, column in view.items("dataset", "drop"))}
    features = [column for column in columns if column not in unused]
    for path, row in view.items(*BASELINE):
        if isinstance(row, list) and len(row) != len(features):
            message = f"this row has {len(row)} values, and the table has {len(features)} features"
            yield view.finding("baseline-length", path, message, hint=_order(features))


def _order(features: Sequence[str]) -> str:
    shown = ", ".join(features[:3])
    return f"one value a feature, in the order of the table: {shown}{', …' if len(features) > 3 else ''}"


def _answers(view: View) -> Iterator[Finding]:
    """A class's number is no quantity that features could add to."""
    objective = objective_of(view)
    if objective and objective.answer == "classes" and view.document.has((SECTION,)):
        name = view.text("training", "hyperparameters", "objective")
        message = f"`explain` cannot divide the answers of `objective: {name}`, which are classes"
        yield view.finding("objective-answers", (SECTION,), message, hint="use multi:softprob", key=True)


def _logit(view: View) -> Iterator[Finding]:
    """Only probabilities have log-odds."""
    objective, path = objective_of(view), (SECTION, "useLogit")
    if objective and view.at(*path) is True:
        name = view.text("training", "hyperparameters", "objective")
        if objective.answer not in ("probability", "probabilities") and name != "reg:logistic":
            message = f"`useLogit` needs probabilities, which `objective: {name}` does not answer"
            yield view.finding("objective-answers", path, message, hint="remove it")


def _label(view: View) -> Iterator[Finding]:
    """The label is no feature."""
    for path, column in pdp_features(view):
        if column == view.text("dataset", "label"):
            message = f"`{column}` is the label, and no feature"
            yield view.finding("feature-is-label", path, message, hint="name a feature")


def _lengths(view: View) -> Iterator[Finding]:
    """The rows of a baseline are of one table; what they should have is said where the table is known."""
    if columns(view):
        return
    rows = [(path, row) for path, row in view.items(*BASELINE) if isinstance(row, list)]
    for path, row in rows[1:]:
        if len(row) != len(rows[0][1]):
            message = f"this row has {len(row)} values, and the first one has {len(rows[0][1])}"
            yield view.finding("baseline-length", path, message, hint="one value a feature in every row")

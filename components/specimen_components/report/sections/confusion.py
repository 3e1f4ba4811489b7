"""A confusion matrix that can be read however many classes there are: a table, and of very many a picture."""

from collections.abc import Iterator, Sequence

from specimen_pages.markup import Child, Markup, joined, table, tag

from specimen_components.report import confusionplots, plots
from specimen_components.report.model import Found
from specimen_components.report.numbers import figure, share

Matrix = Sequence[Sequence[int]]  # [actual][predicted]
_WITH_SHARES = 5  # classes; of more a cell has room for its count alone
_MANY = 12  # classes; of more, cells are small
_SHORT = 3  # characters of a class that are no wider than a count
_TABLE = 30  # classes; more are drawn
_TOP = 12  # rows of the tables beside a drawn matrix
_LONGEST = 16  # characters of a class in the head of a matrix


def confusion_and_roc(whose: str, classes: Sequence[str], found: Found) -> Markup:
    """Give the confusion matrix, and beside it the ROC curve where there is one; neither of a regression.

    `whose` tells their pictures from those of others on the page.
    """
    name = plots.identifier(whose)
    drawn = confusion(f"confusion-{name}", classes, found.get("confusion") or ())
    if not (curve := found.get("roc")):
        return joined(drawn)
    roc = plots.roc(f"roc-{name}", curve["fpr"], curve["tpr"], found["metrics"].get("auc"))
    return tag("div", drawn, tag("div", tag("h3", "ROC"), roc), class_="plots")


def confusion(name: str, classes: Sequence[str], matrix: Matrix) -> Markup | None:
    """Give the matrix; None of a problem without classes. `name` tells its picture from others on the page."""
    if not matrix:
        return None
    head = tag("h3", "Confusion matrix")
    if len(classes) <= _WITH_SHARES:
        return tag("div", head, _roomy(classes, matrix))
    if len(classes) <= _TABLE:
        said = (
            "A row is an actual class, a column what was predicted. "
            "Right answers are blue and mistakes red: the darker, the larger their share of the row."
        )
        return tag("div", head, tag("p", said), _dense(classes, matrix))
    said = "The darker, the larger the share of the row; small shares are drawn darker than they are."
    return tag("div", head, tag("p", said), _picture(name, classes, matrix), *_worst(classes, matrix))


def _roomy(classes: Sequence[str], matrix: Matrix) -> Markup:
    """Give the count and the share of each cell, darker where a larger share of the actual class lies."""
    header = ("actual \u2193 predicted \u2192", *classes)
    rows: list[list[Child]] = [[name, *_shares(row)] for name, row in zip(classes, matrix, strict=True)]
    return table(header, rows, class_="confusion")


def _shares(row: Sequence[int]) -> list[Child]:
    total = sum(row)
    return [
        tag(
            "span",
            figure(count),
            tag("small", share(count, total)),
            class_="shade",
            style=f"--share: {count / total if total else 0:.3f}",
        )
        for count in row
    ]


def _dense(classes: Sequence[str], matrix: Matrix) -> Markup:
    """Give the counts, and at the end of each row which share of the class was predicted rightly."""
    most = max((count / sum(row) for _, _, count, row in _mistakes(matrix)), default=1.0)
    header: list[Child] = ["", *(_named(name) for name in classes), "right"]
    rows = [
        [_named(name), *_counts(index, classes, matrix[index], most), share(matrix[index][index], sum(matrix[index]))]
        for index, name in enumerate(classes)
    ]
    return table(header, rows, class_=" ".join(_looks(classes)))


def _looks(classes: Sequence[str]) -> Iterator[str]:
    yield from ("confusion", "dense")
    if len(classes) > _MANY:
        yield "many"
    if max(map(len, classes)) > _SHORT:
        yield "tall"  # names stand upright over their columns


def _named(name: str) -> Markup:
    short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return tag("span", short, title=name if short != name else None)


def _counts(actual: int, classes: Sequence[str], row: Sequence[int], most: float) -> Iterator[Child]:
    """Give a row's cells; a mistake is as dark as it is large beside the largest one."""
    total = sum(row)
    for predicted, count in enumerate(row):
        dark = count / total / (1 if predicted == actual else most) if count else 0
        kind = "shade" if predicted == actual else "shade wrong" if count else "shade none"
        told = f"{classes[actual]} predicted as {classes[predicted]}: {share(count, total)}" if count else None
        yield tag("span", figure(count), class_=kind, style=f"--share: {dark:.3f}", title=told)


def _mistakes(matrix: Matrix) -> Iterator[tuple[int, int, int, Sequence[int]]]:
    """Yield (actual, predicted, rows, the actual class's row) of every mistake that was made."""
    for actual, row in enumerate(matrix):
        for predicted, count in enumerate(row):
            if count and predicted != actual:
                yield actual, predicted, count, row


def _picture(name: str, classes: Sequence[str], matrix: Matrix) -> Markup:
    return tag("div", confusionplots.matrix(name, classes, matrix), class_="scroll")


def _worst(classes: Sequence[str], matrix: Matrix) -> Iterator[Markup]:
    """Give the largest mistakes, and the classes that are predicted rightly least often."""
    mistakes = sorted(_mistakes(matrix), key=lambda one: (-one[2], one[:2]))[:_TOP]
    pairs = [
        (_named(classes[actual]), _named(classes[predicted]), figure(count), share(count, sum(row)))
        for actual, predicted, count, row in mistakes
    ]
    known = [(row[index] / sum(row), index) for index, row in enumerate(matrix) if sum(row)]
    weak = [
        (_named(classes[index]), share(matrix[index][index], sum(matrix[index])), figure(sum(matrix[index])))
        for right, index in sorted(known)[:_TOP]
        if right < 1
    ]
    if pairs:
        largest = tag("div", tag("h4", "The largest mistakes"), table(("Actual", "Predicted", "Rows", "Share"), pairs))
        weakest = tag("div", tag("h4", "The weakest classes"), table(("Actual", "Right", "Rows"), weak))
        yield tag("div", joined(largest, weakest), class_="plots")

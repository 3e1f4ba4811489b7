"""Which classes an endpoint takes for each other most often, with rows as examples: drawn where they are pictures."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, isqrt
from typing import Any

from specimen_pages.markup import Child, Markup, joined, table, tag
from specimen_pages.pictures import grey

from specimen_components.figures import short
from specimen_components.report.numbers import figure
from specimen_components.report.sections.parts import code

_SMALLEST = 5  # the side of a picture in which something can be seen
_FEW = 6  # features shown of a row that is no picture

Pair = Mapping[str, Any]  # actual, predicted, count, examples


def confused(
    found: Sequence[Pair], names: Mapping[str, str], features: Sequence[str], test: str | None
) -> Markup | None:
    """Give the pairs of classes with examples; `names` are the classes' own, `test` is where the rows are."""
    pairs = [pair for pair in found if pair["count"]]
    if not pairs:
        return None
    side = _side([example for pair in pairs for example in pair["examples"]])
    where = joined("the test part, ", code(test)) if test else "the test part"
    said = f" A picture is a row's {side} × {side} features, row by row: the darker, the larger." if side else ""
    return joined(
        tag("h3", "Most often confused"),
        tag("p", "Rows are counted from 1 in ", where, ".", said),
        tag("div", *_pictured(pairs, names, side), class_="confused") if side else _tabled(pairs, names, features),
    )


def _side(examples: Sequence[Mapping[str, Any]]) -> int | None:
    """Give the side of the square that every example's features are; None where they are no picture."""
    lengths = {len(example.get("features") or ()) for example in examples}
    side = isqrt(max(lengths, default=0))
    return side if lengths == {side * side} and side >= _SMALLEST else None


def _pictured(pairs: Sequence[Pair], names: Mapping[str, str], side: int) -> Iterator[Markup]:
    """Yield a block for each pair; all pictures have one scale of grey."""
    known = [value for pair in pairs for example in pair["examples"] for value in example["features"] if _known(value)]
    limits = (min(known, default=0.0), max(known, default=1.0))
    for pair in pairs:
        shown = [
            tag("figure", _drawn(one, limits), tag("figcaption", "row ", figure(one["row"])))
            for one in pair["examples"]
        ]
        yield tag("div", tag("h4", *_title(pair, names)), tag("div", *shown, class_="row"))


def _known(value: Any) -> bool:
    return isinstance(value, int | float) and isfinite(value)


def _drawn(example: Mapping[str, Any], limits: tuple[float, float]) -> Markup:
    values = [value if _known(value) else limits[0] for value in example["features"]]
    return grey(values, limits, f"row {example['row']}")


def _title(pair: Pair, names: Mapping[str, str]) -> Iterator[Child]:
    """Yield a sentence: what is taken for what, and how often."""
    actual, predicted = (str(pair[key]) for key in ("actual", "predicted"))
    yield from (tag("b", names.get(actual, actual)), " taken for ", tag("b", names.get(predicted, predicted)))
    yield f": {figure(pair['count'])} row{'' if pair['count'] == 1 else 's'}"


def _tabled(pairs: Sequence[Pair], names: Mapping[str, str], features: Sequence[str]) -> Markup:
    """Give a row for each example, with its first features by their names."""
    known = any(example.get("features") for pair in pairs for example in pair["examples"])
    shown = list(features[:_FEW]) if known else []
    rows: list[list[Child]] = []
    for pair in pairs:
        for index, example in enumerate(pair["examples"] or [{"row": None}]):
            values = list(example.get("features") or ())[: len(shown)]
            title = joined(*_title(pair, names)) if index == 0 else None
            rows.append([title, figure(example["row"]), *map(_value, values), *["\u2013"] * (len(shown) - len(values))])
    left_out = len(features) - len(shown)
    said = f"The first {len(shown)} features are shown, {left_out} others left out." if shown and left_out else None
    head = ("Confused", "Row", *map(code, shown))
    return joined(table(head, rows, class_="examples"), tag("p", said) if said else None)


def _value(value: Any) -> str:
    return short(value) if _known(value) else figure(value)

"""Saved tensors as a table for people, and as JSON and CSV for programs."""

import csv
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specimen.reporting.aligning import GAP, aligned
from specimen.reporting.figures import figure
from specimen.spec.model import Json
from specimen.tensors import Tensor, Verdict
from specimen.text import columns, printable

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDEST = 100  # columns of the terminal that a table of values takes


@dataclass(frozen=True)
class Listing:
    """What is shown: tensors of one place, which have their values all or none, and what rules came to and wrote."""

    where: str
    ended: bool
    rules: tuple[Verdict, ...]
    reports: tuple[Path, ...]
    tensors: tuple[Tensor, ...]

    @property
    def valued(self) -> bool:
        """Whether values were asked for."""
        return any(tensor.values is not None for tensor in self.tensors)


def as_table(listing: Listing) -> str:
    """The tensors in columns; or their values, a line a step and a column a tensor."""
    blocks = _values(listing.tensors) if listing.valued else _names(listing)
    return "\n".join("\n".join(block) + "\n" for block in blocks)


def as_json(listing: Listing) -> str:
    """All that is known, in one order; values stand beside the steps, a figure alone or in lists as its shape says."""
    document = {
        "where": listing.where,
        "ended": listing.ended,
        "rules": [{"name": rule.name, "status": rule.status, "details": rule.details} for rule in listing.rules],
        "reports": list(map(str, listing.reports)),
        "tensors": [
            {
                "name": tensor.name,
                "feature": tensor.feature,
                "collections": list(tensor.collections),
                "steps": list(tensor.steps),
                **({} if tensor.values is None else {"values": [_finite(_plain(value)) for value in tensor.values]}),
            }
            for tensor in listing.tensors
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def as_csv(listing: Listing) -> str:
    """A row a tensor; or a row a value, whose place in its array stands in `index`, empty for a single figure."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if listing.valued:
        writer.writerow(("tensor", "feature", "step", "index", "value"))
        writer.writerows(row for tensor in listing.tensors for row in _rows(tensor))
    else:
        writer.writerow(("tensor", "feature", "collections", "steps", "first", "last"))
        for tensor in listing.tensors:
            ends = (tensor.steps[0], tensor.steps[-1]) if tensor.steps else ("", "")
            collections = " ".join(tensor.collections)
            writer.writerow((tensor.name, tensor.feature or "", collections, len(tensor.steps), *ends))
    return text.getvalue()


FORMATS: Mapping[str, Callable[[Listing], str]] = {"table": as_table, "json": as_json, "csv": as_csv}


def _names(listing: Listing) -> Iterator[list[str]]:
    count = f"{len(listing.tensors):,} {'tensor' if len(listing.tensors) == 1 else 'tensors'}"
    steps = sorted({step for tensor in listing.tensors for step in tensor.steps})
    state = "the training has ended" if listing.ended else "the training has not ended"
    yield [printable(f"{listing.where}: {count}, steps {_span(steps)}; {state}")]
    if listing.rules:
        yield aligned([("rule", "verdict", ""), *((r.name, r.status, r.details or "") for r in listing.rules)])
    if listing.reports:
        yield [printable(f"report: {path}") for path in listing.reports]
    named = any(tensor.feature for tensor in listing.tensors)
    rows = [
        (tensor.name, *([tensor.feature or ""] if named else []), ", ".join(tensor.collections), _span(tensor.steps))
        for tensor in listing.tensors
    ]
    yield aligned([("tensor", *(["feature"] if named else []), "collections", "steps"), *rows])


def _span(steps: Sequence[int]) -> str:
    """Steps in words: `0 to 50, every 5`."""
    if len(steps) < 3:
        return " and ".join(f"{step:,}" for step in steps)
    apart = {after - before for before, after in pairwise(steps)}
    how = f"every {min(apart)}" if len(apart) == 1 else f"{len(steps):,} of them"
    return f"{steps[0]:,} to {steps[-1]:,}, {how}"


def _values(tensors: Sequence[Tensor]) -> Iterator[list[str]]:
    for title, group in groupby(tensors, _group):
        members = list(group)
        single = [tensor for tensor in members if all(_is_single(value) for value in tensor.values or ())]
        if single:
            for part in _fitting(single):
                yield [printable(title), *_beside(part)]
        for tensor in members:
            if tensor not in single:
                yield [printable(tensor.name), *_summaries(tensor)]


def _group(tensor: Tensor) -> str:
    return tensor.name.rpartition("/")[0] or ", ".join(tensor.collections) or "in no collection"


def _is_single(value: "NDArray[Any]") -> bool:
    return value.size == 1 and value.ndim <= 1


def _fitting(tensors: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """The tensors in parts of which each fits into the widest line."""
    part: list[Tensor] = []
    width = 8
    for tensor in tensors:
        own = max(columns(text) for text in (_heading(tensor), *map(_shown, tensor.values or ()))) + len(GAP)
        if part and width + own > WIDEST:
            yield part
            part, width = [], 8
        part.append(tensor)
        width += own
    yield part


def _beside(tensors: Sequence[Tensor]) -> list[str]:
    steps = sorted({step for tensor in tensors for step in tensor.steps})
    found = [dict(zip(tensor.steps, tensor.values or (), strict=True)) for tensor in tensors]
    rows = [(f"{step}", *(_shown(one[step]) if step in one else "-" for one in found)) for step in steps]
    return aligned([("step", *map(_heading, tensors)), *rows], indent=GAP)


def _heading(tensor: Tensor) -> str:
    return printable(tensor.feature or tensor.name.rpartition("/")[2])


def _summaries(tensor: Tensor) -> list[str]:
    """A line a step for arrays, which a table does not hold: their shape, and what can be said of their values."""
    rows = []
    for step, value in zip(tensor.steps, tensor.values or (), strict=True):
        shape = " × ".join(f"{size:,}" for size in value.shape) or "1"
        known = value[value == value] if value.dtype.kind in "biuf" else value[:0]  # NaN equals nothing
        told = (known.min(), known.mean(), known.max()) if known.size else ()
        figures = [figure(float(one)) for one in told] or ["-", "-", "-"]
        rows.append((f"{step}", shape, str(value.dtype), *figures))
    return aligned([("step", "shape", "type", "least", "mean", "largest"), *rows], indent=GAP)


def _shown(value: "NDArray[Any]") -> str:
    return printable(figure(_plain(value)))


def _rows(tensor: Tensor) -> Iterator[tuple[object, ...]]:
    for step, value in zip(tensor.steps, tensor.values or (), strict=True):
        single = _is_single(value)
        for index, one in zip(_indices(value), _exact(value).ravel().tolist(), strict=True):
            yield tensor.name, tensor.feature or "", step, "" if single else " ".join(map(str, index)), one


def _indices(value: "NDArray[Any]") -> Iterator[tuple[int, ...]]:
    import numpy as np

    yield from np.ndindex(value.shape)


def _plain(value: "NDArray[Any]") -> Any:
    """The value as Python has it: a figure or a text alone, an array as lists."""
    exact = _exact(value)
    return exact.item() if _is_single(value) else exact.tolist()


def _exact(value: "NDArray[Any]") -> "NDArray[Any]":
    """The array with figures that are written as short as its own precision allows; what JSON lacks, as text."""
    if value.dtype.kind == "f" and value.dtype.itemsize < 8:
        return value.astype("U").astype("f8")
    return value if value.dtype.kind in "biufU" else value.astype("U")


def _finite(value: Json) -> Json:
    """The value as JSON can write it; infinities are texts, as Clarify writes them."""
    match value:
        case float() if math.isnan(value):
            return None
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case list():
            return [_finite(one) for one in value]
        case _:
            return value

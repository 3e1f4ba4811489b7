"""Which row goes into which part: disjoint, seeded, of exact sizes, and stratified on the label where asked."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from specimen_components.tables.errors import TableError, counted, shown


def sizes(rows: int, fractions: Mapping[str, float]) -> dict[str, int]:
    """Apportion rows to parts by largest remainder; a tie goes to the part named first."""
    total = sum(fractions.values())
    exact = {part: rows * fraction / total for part, fraction in fractions.items()}
    # A share such as 0.15 * 20 is 2.9999999999999996 in binary: it is meant to be whole.
    result = {part: int(share + 1e-9) for part, share in exact.items()}
    by_remainder = sorted(exact, key=lambda part: round(result[part] - exact[part], 9))
    for part in by_remainder[: rows - sum(result.values())]:
        result[part] += 1
    return result


def split(
    label: npt.NDArray[np.generic],
    fractions: Mapping[str, float],
    *,
    seed: int,
    stratify: bool,
    classes: Sequence[object] | None = None,
) -> npt.NDArray[np.int8]:
    """Return for every row the index of its part in `fractions`, with exactly `sizes` rows in each.

    The rows are put in random order, class by class when stratified, and each part takes rows evenly spaced along
    that order; so a class's share of a part is within two rows of its share of the table. Only raw output of
    PCG64 is drawn: NumPy guarantees that stream across platforms and versions. `classes` are what an encoded label's
    numbers stand for.

    Raises:
        TableError: a part would get no row, or a class has fewer rows than there are parts.
    """
    counts = sizes(len(label), fractions)
    _check_sizes(counts, len(label))
    keys = np.random.PCG64(seed).random_raw(len(label))
    order = np.argsort(keys, kind="stable")
    if stratify:
        order = order[np.argsort(_classes(label, len(fractions), classes)[order], kind="stable")]
    result = np.zeros(len(label), dtype=np.int8)
    remaining = order
    for index, part in reversed(list(enumerate(counts))[1:]):
        taken = _evenly(len(remaining), counts[part])
        result[remaining[taken]] = index
        remaining = remaining[~taken]
    return result


def _evenly(length: int, count: int) -> npt.NDArray[np.bool_]:
    """Mark `count` of `length` places, evenly spaced."""
    steps = np.arange(length + 1, dtype=np.int64) * count // length
    return steps[1:] > steps[:-1]


def _classes(
    label: npt.NDArray[np.generic], parts: int, names: Sequence[object] | None
) -> npt.NDArray[np.unsignedinteger[Any]]:
    """Return each row's class, as a number of the narrowest type: NumPy sorts these many times as fast."""
    values, codes, counts = np.unique(label, return_inverse=True, return_counts=True)
    if (rare := counts < parts).any():
        value, count = values[rare.argmax()], int(counts[rare.argmax()])
        name = f"{value:g}" if names is None else shown(names[int(value)])
        raise TableError(
            f"dataset.split: the label's class {name} has {counted(count, 'row')}, and a stratified split into "
            f"{parts} parts needs at least {parts}",
            hint="Give more rows of that class, merge it with another, or set dataset.split.stratify: false "
            "(a label that is no class, as in regression, cannot be stratified).",
        )
    numbers: npt.NDArray[np.unsignedinteger[Any]] = codes.astype(np.min_scalar_type(len(values)))
    return numbers


def _check_sizes(counts: Mapping[str, int], rows: int) -> None:
    for part, count in counts.items():
        if count == 0:
            raise TableError(
                f"dataset.split.{part}: the table has {counted(rows, 'row')}, too few for the split: "
                f"the part {part} would be empty",
                hint="Give more rows, or larger fractions.",
            )

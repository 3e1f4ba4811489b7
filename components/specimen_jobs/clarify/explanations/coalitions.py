"""Kernel SHAP's coalitions of features, and the regression that makes SHAP values of what a model answers to them.

Source: Lundberg and Lee, "A unified approach to interpreting model predictions" (2017). A coalition of s of M features
weighs (M - 1) / (C(M, s) s (M - s)). As in the shap library, whole sizes are taken from the outside in (1 and M - 1,
then 2 and M - 2, …) while the number of samples allows for it, and the rest is drawn by weight, each coalition together
with its complement. Other than there, all rows share their coalitions, so that a model can be asked about all of them
at once, and no feature is left out of the regression for being weak.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Final

import numpy as np
import numpy.typing as npt

from specimen_jobs.clarify.explanations.descent import told_apart
from specimen_jobs.clarify.explanations.forest import Bools

Doubles = npt.NDArray[np.float64]
ROWS: Final = 8192  # rows whose idle features are taken out at once
DRAWS: Final = 4  # times the wanted number, after which repeated coalitions are taken as they are


@dataclass(frozen=True)
class Design:
    """Coalitions, a line each, and their weights in the regression; `complete` when they are all there are."""

    members: Bools
    weights: Doubles
    complete: bool

    @property
    def features(self) -> int:
        return int(self.members.shape[1])


def design(features: int, samples: int, seed: int) -> Design:
    """Return at most `samples` coalitions, the same ones for the same seed."""
    if features == 1:
        return Design(np.zeros((0, 1), dtype=np.bool_), np.zeros(0), complete=True)
    weights = {size: (features - 1) / (size * (features - size)) for size in range(1, features)}
    total = sum(weights.values())
    found: dict[bytes, tuple[Bools, float]] = {}
    left = samples
    sizes = list(range(1, features // 2 + 1))
    while sizes and (count := len(_sizes(sizes[0], features)) * comb(features, sizes[0])) <= left:
        size = sizes.pop(0)
        for line in _whole(size, features):
            found[line.tobytes()] = (line, weights[size] / total / comb(features, size))
        left -= count
    for line, weight in _drawn(features, sizes, weights, left, np.random.default_rng(seed)):
        found[line.tobytes()] = (line, weight / total)
    members = np.array([line for line, _ in found.values()], dtype=np.bool_).reshape(-1, features)
    return Design(members, np.array([weight for _, weight in found.values()]), complete=not sizes)


def _sizes(size: int, features: int) -> tuple[int, ...]:
    """A size and its complement's, which may be the same."""
    return (size,) if 2 * size == features else (size, features - size)


def _whole(size: int, features: int) -> Iterator[Bools]:
    paired = 2 * size != features
    for chosen in combinations(range(features), size):
        line = np.zeros(features, dtype=np.bool_)
        line[list(chosen)] = True
        yield line
        if paired:
            yield ~line


def _drawn(
    features: int, sizes: list[int], weights: dict[int, float], samples: int, rng: np.random.Generator
) -> Iterator[tuple[Bools, float]]:
    """Draw coalitions of the sizes, and share those sizes' weight out by how often each was drawn."""
    if not sizes or samples < 1:
        return
    masses = np.array([sum(weights[one] for one in _sizes(size, features)) for size in sizes])
    counts: dict[bytes, int] = {}
    for _ in range(DRAWS * samples):
        size = sizes[rng.choice(len(sizes), p=masses / masses.sum())]
        line = np.zeros(features, dtype=np.bool_)
        line[rng.permutation(features)[:size]] = True
        both = [line.tobytes(), (~line).tobytes()]
        new = sum(one not in counts for one in both)
        if len(counts) + new > samples:
            break
        for one in both:
            counts[one] = counts.get(one, 0) + 1
    drawn = sum(counts.values())
    for key, count in counts.items():
        yield np.frombuffer(key, dtype=np.bool_), count / drawn * float(masses.sum())


@dataclass(frozen=True)
class Regression:
    """The weighted least squares of a design, under the constraint that the values add up to a row's gain."""

    project: Doubles  # features × coalitions: values without the constraint
    unit: Doubles  # what the constraint moves each value by
    spread: Doubles  # features × features: the values' covariance under the constraint

    @classmethod
    def of(cls, made: Design) -> Regression:
        lines = made.members.astype(np.float64)
        inverse: Doubles = np.linalg.pinv(lines.T @ (made.weights[:, None] * lines), hermitian=True).astype(np.float64)
        moved = inverse.sum(axis=1) if len(lines) else np.ones(made.features)
        unit = moved / moved.sum()
        return cls(inverse @ (lines.T * made.weights), unit, inverse - np.outer(unit, moved))

    def values(self, worth: Doubles, gain: Doubles, idle: Bools | None) -> Doubles:
        """Return SHAP values; the axes are row, feature, answer.

        Args:
            worth: what each coalition is worth above the expected value; row, coalition, answer.
            gain: what the whole row is worth above it; row, answer.
            idle: row, feature: where the row has the baseline's own value, whose share is therefore 0.
        """
        free: Doubles = np.einsum("fc,nca->nfa", self.project, worth, optimize=True)
        found: Doubles = free + self.unit[:, None] * (gain - free.sum(axis=1))[:, None, :]
        if idle is not None:
            for first in range(0, len(found), ROWS):
                part = slice(first, first + ROWS)
                found[part] = self._without(found[part], idle[part])
        return found

    def _without(self, values: Doubles, idle: Bools) -> Doubles:
        """Return the values of the same regression without the idle features: restricted least squares."""
        everything: Bools = np.logical_and.reduce(idle, axis=1)
        values = np.where(everything[:, None, None], 0.0, values)
        of_rows, first = told_apart(idle.T)
        patterns = idle[first]
        sizes = patterns.sum(axis=1)
        for size in range(1, patterns.shape[1]):
            chosen = np.flatnonzero(sizes == size)
            rows = np.flatnonzero(sizes[of_rows] == size)
            if not rows.size:
                continue
            where = np.nonzero(patterns[chosen])[1].reshape(-1, size)
            own = self.spread[where[:, :, None], where[:, None, :]]
            correction = np.linalg.solve(own, self.spread[where])
            pattern = np.searchsorted(chosen, of_rows[rows])
            share = np.take_along_axis(values[rows], where[pattern][:, :, None], axis=1)
            values[rows] -= np.matmul(correction[pattern].transpose(0, 2, 1), share)
            values[rows[:, None], where[pattern]] = 0.0  # and no rounding's rest
        return values

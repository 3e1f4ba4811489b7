"""Who answers: a model's trees, read from what training left, or its endpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from specimen_jobs.clarify.explanations import substitution
from specimen_jobs.clarify.explanations.coalitions import Doubles
from specimen_jobs.clarify.explanations.forest import Forest
from specimen_jobs.clarify.explanations.substitution import Substitution

ROWS: Final = 2**16  # that go down the trees at once
CELLS: Final = 2**23  # numbers of changed rows that are held at once


class Model(Protocol):
    """Answers to rows of features; a column an answer (a probability, a number, or one number a class)."""

    def answers(self, rows: Doubles) -> Doubles:
        """Return the answers to rows: row, answer."""
        ...

    def changed(self, rows: Doubles, ways: Substitution) -> Doubles:
        """Return the answers to changed rows: row, way, answer."""
        ...


@dataclass(frozen=True)
class Trees:
    """A model as its trees: single precision, as XGBoost computes."""

    forest: Forest

    def answers(self, rows: Doubles) -> Doubles:
        as_they_are = Substitution(np.ones((1, rows.shape[1]), dtype=np.bool_), np.zeros((1, rows.shape[1])))
        return self.changed(rows, as_they_are)[:, 0]

    def changed(self, rows: Doubles, ways: Substitution) -> Doubles:
        single = Substitution(ways.own, ways.other.astype(np.float32))
        found = np.empty((len(rows), ways.ways, self.forest.base.size))
        for first in range(0, len(rows), ROWS):
            part = rows[first : first + ROWS].astype(np.float32)
            found[first : first + ROWS] = substitution.answers(self.forest, part, single)
        return found


@dataclass(frozen=True)
class Endpoint:
    """A model behind an endpoint, which is asked for each different row once."""

    ask: Callable[[Doubles], Doubles]

    def answers(self, rows: Doubles) -> Doubles:
        return self.ask(rows)

    def changed(self, rows: Doubles, ways: Substitution) -> Doubles:
        step = max(1, CELLS // rows.size)
        parts = [
            self._changed(rows, Substitution(ways.own[first : first + step], ways.others(first, first + step)))
            for first in range(0, ways.ways, step)
        ]
        return np.concatenate(parts, axis=1)

    def _changed(self, rows: Doubles, ways: Substitution) -> Doubles:
        lines = ways.applied(rows).reshape(-1, rows.shape[1])
        different, place = np.unique(lines, axis=0, return_inverse=True)
        found = self.ask(different)[place.reshape(-1)]
        return found.reshape(ways.ways, len(rows), -1).transpose(1, 0, 2)

"""Learning curves out of a training log, which SageMaker's XGBoost writes as ``[3]#011train-auc:0.7#011…``."""

import math
import re
from collections.abc import Iterable

Curves = dict[str, dict[str, list[float | None]]]  # part, metric: a value for each round

_ROUND = re.compile(r"\[(\d+)\]((?:(?:#011|\t)[^\s#:]+:[^\s#]+)+)")
_VALUE = re.compile(r"(?:#011|\t)([^\s#:-]+)-([^\s#:]+):([^\s#]+)")
_ROUNDS = 1_000_000  # a line that names a later round is no line of a learning curve


def curves(lines: Iterable[str]) -> Curves:
    """Give each part's metrics round by round; a round that was run again after an interruption counts as it ended.

    A value that is no finite number is None.
    """
    found: Curves = {}
    for line in lines:
        if (match := _ROUND.search(line)) and int(match[1]) < _ROUNDS:
            for part, metric, text in _VALUE.findall(match[2]):
                _put(found.setdefault(part, {}).setdefault(metric, []), int(match[1]), _number(text))
    return found


def _put(values: list[float | None], position: int, value: float | None) -> None:
    values.extend([None] * (position + 1 - len(values)))
    values[position] = value


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None

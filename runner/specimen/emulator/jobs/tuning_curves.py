"""How a running training job's objective goes, read from its log, and whether it lags behind the others."""

import re
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from specimen.emulator.jobs.log import number
from specimen.emulator.log_files import after

OTHERS = 3  # training jobs that must have come as far before one is compared with them


class Curve:
    """The values of a metric in a log stream, as many as it has so far."""

    def __init__(self, path: Path, regex: str) -> None:
        self._path = path
        self._pattern = re.compile(regex.removeprefix(".*"))
        self._offset = 0
        self._values: list[float] = []

    def read(self) -> Sequence[float]:
        """Read on, and return all values so far."""
        for event in after(self._path, self._offset) if self._path.exists() else ():
            self._offset = event.end
            match = self._pattern.search(event.message)
            if match is not None and (value := number(match)) is not None:
                self._values.append(value)
        return self._values


def lags(curve: Sequence[float], others: Iterable[Sequence[float]], maximize: bool) -> bool:
    """Tell whether a curve's last value is worse than the median of the others' running averages at the same step.

    Source: "Stop Training Jobs Early", SageMaker's developer guide.
    """
    step = len(curve)
    averages = [statistics.fmean(other[:step]) for other in others if len(other) >= step > 0]
    if len(averages) < OTHERS:
        return False
    median = statistics.median(averages)
    return curve[-1] < median if maximize else curve[-1] > median
